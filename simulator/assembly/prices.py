"""The price list: from a file, else the dated one of the catalogue."""

from pathlib import Path

from simulator.catalogue.prices import PRICES, Prices, read_prices
from simulator.configuration.files import read_file
from simulator.configuration.settings import SettingError, Settings


def read_price_file(settings: Settings) -> Prices:
    """Raises `SettingError` or `PriceFileError`."""
    if not settings.prices_path:
        return PRICES
    try:
        document = read_file(Path(settings.prices_path))
    except OSError as error:
        allowed = f"a file that can be read ({error.strerror})"
        raise SettingError("PRICES_PATH", repr(settings.prices_path), allowed) from None
    return read_prices(document, settings.prices_path)
