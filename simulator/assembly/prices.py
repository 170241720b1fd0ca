"""The price list: from a file, else the dated one of the catalogue."""

import logging

from simulator.catalogue.models import all_models, other_models
from simulator.catalogue.prices import PRICES, Prices, read_prices
from simulator.configuration.files import read_named_file
from simulator.configuration.settings import Settings
from simulator.suggestions import nearest

_MOST_WARNINGS = 10

logger = logging.getLogger(__name__)


def read_price_file(settings: Settings) -> Prices:
    """Return the prices of the file that the settings name, else those of the catalogue; warn of a price
    that no model of the simulator has. Raises `SettingError` or `PriceFileError`."""
    if not settings.prices_path:
        return PRICES
    document = read_named_file("PRICES_PATH", settings.prices_path)
    prices = read_prices(document, settings.prices_path)
    known = {model.name for model in (*all_models(), *other_models())}
    for name in sorted(set(prices.models) - known)[:_MOST_WARNINGS]:
        near = nearest(name.lower(), sorted(known))
        meant = f"; did you mean {near!r}?" if near else ""
        logger.warning("PRICES_PATH: the simulator has no model %r%s", name[:64], meant)
    return prices
