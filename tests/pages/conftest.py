"""What the commands of the pages are run with."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.conftest import KEY, served
from tests.pages.desk import ASKED, CHAT, Desk, furnish, furnish_checkout
from tests.support.wheel import distributions, environment, once, wheel

__all__ = ["distributions", "environment", "once", "wheel"]

_STREAMS = 6  # latency is learnt from five or more


@pytest.fixture(scope="session")
def desk(environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("desk")
    checkout, elsewhere, importing = (folder / name for name in ("checkout", "elsewhere", "import"))
    store = elsewhere / ".recording"
    for made in (checkout, importing, store):
        made.mkdir(parents=True)
    furnish(elsewhere, environment)
    furnish(importing, environment)
    furnish_checkout(checkout, environment)
    (checkout / ".recording").symlink_to(store)
    with contextlib.ExitStack() as stack:
        upstream = stack.enter_context(served({}))
        settings = {
            "upstream_endpoint": upstream,
            "upstream_key": KEY,
            "recording_dir": str(store),
            "journal_bodies": True,
            "allow_mode_change": True,
        }
        with served({**settings, "mode": "record"}) as url:
            for seed in range(_STREAMS):
                body = {**ASKED, "stream": seed > 0, "seed": seed}
                httpx2.post(
                    url + CHAT, json=body, headers={"api-key": KEY}, timeout=60
                ).raise_for_status()
        url = stack.enter_context(served(settings))
        yield Desk(checkout, elsewhere, importing, url, environment / "bin")
