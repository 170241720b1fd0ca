"""The console in a real browser. Without one these tests are left out."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page

from tests.conftest import KEY, Serve
from tests.support.chromium import CHROMIUM, browser

__all__ = ["browser"]

if CHROMIUM is None:
    # A line in the summary says so; .ci/run installs the browser.
    collect_ignore_glob = ["test_browser*.py"]


@pytest.fixture
def url(serve: Serve) -> str:
    return serve(journal_bodies=True)


@pytest.fixture
async def page(browser: Browser, url: str) -> AsyncIterator[Page]:
    """The console, opened by the link that the start prints; any error in it fails the test."""
    opened = await browser.new_page(viewport={"width": 1100, "height": 800})
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    await opened.goto(f"{url}/#key={KEY}")
    await opened.get_by_role("tab", name="Now").wait_for()
    yield opened
    assert errors == []
