"""The console in a real browser. Without one these tests are left out."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.conftest import KEY, Serve
from tests.support.chromium import CHROMIUM, launched

if CHROMIUM is None:
    # A line in the summary says so; .ci/run installs the browser.
    collect_ignore_glob = ["test_browser*.py"]


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def browser() -> AsyncIterator[Browser]:
    """One for all tests: a page of its own each, and with it a session storage."""
    async with launched() as opened:
        yield opened


@pytest.fixture
def url(serve: Serve) -> str:
    return serve(journal_bodies=True)


@pytest_asyncio.fixture(loop_scope="package")
async def page(browser: Browser, url: str) -> AsyncIterator[Page]:
    """The console, opened by the link that the start prints; any error in it fails the test."""
    opened = await browser.new_page(viewport={"width": 1100, "height": 800})
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on("console", lambda line: errors.append(line.text) if "Policy" in line.text else None)
    await opened.goto(f"{url}/#key={KEY}")
    await opened.get_by_role("tab", name="Now").wait_for()
    yield opened
    await opened.close()
    assert errors == []
