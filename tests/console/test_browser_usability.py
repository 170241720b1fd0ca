"""The console as people use it: narrow, in the dark, by keyboard, with lesser keys, under load."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.async_api import Browser, Page, expect

from tests.conftest import API_VERSION, KEY, Serve

pytestmark = pytest.mark.asyncio(loop_scope="package")

CHAT = f"/openai/deployments/gpt-4o/chat/completions?api-version={API_VERSION}"
BODY = {"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 5}
SHOWN = {
    "Now": "Deployments, last minute",
    "Requests": "400",
    "Rules": "Paris.",
    "Verdict": "retried_non_retryable",
    "Costs": "List prices",
    "Recordings": "Nothing is recorded.",
    "Try it": "streamed",
    "Connect": "LangChain",
}
"""The parts, and what is in each of them when it is there."""
LIVE = ("Now", "Requests", "Rules", "Verdict", "Costs")
READER, USER = "schlüssel-zum-lesen-☃", "key-of-a-user"
SHIFTS = """() => { window.shifted = 0; new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift" }); }"""
# The contrast of text with what is behind it, as WCAG 2 counts it, of all elements with text of their own.
CONTRAST = """() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = parts(colour).map((one) => (one /= 255) <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (; element; element = element.parentElement) {
      const colour = getComputedStyle(element).backgroundColor;
      if ((parts(colour)[3] ?? 1) > 0) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const texts = [...document.querySelectorAll("body *")].filter((one) => one.offsetParent && !one.disabled
    && [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()));
  return texts.map((one) => {
    const [a, b] = [light(getComputedStyle(one).color), light(behind(one))].sort((x, y) => y - x);
    return [(a + 0.05) / (b + 0.05), one.textContent.slice(0, 40)];
  }).sort((x, y) => x[0] - y[0])[0];
}"""


async def send(url: str, body: object = BODY, path: str = CHAT, key: str = KEY) -> httpx2.Response:
    async with httpx2.AsyncClient() as client:
        return await client.post(url + path, json=body, headers={"api-key": key})


async def opened(browser: Browser, url: str, key: str, **options: Any) -> Page:
    page = await browser.new_page(**options)
    await page.goto(f"{url}/#key={key}")
    return page


async def test_nothing_moves_while_requests_come_in(page: Page, url: str) -> None:
    await page.evaluate(SHIFTS)
    for part in LIVE:
        await page.get_by_role("tab", name=part).click()
        await page.evaluate("window.shifted = 0")
        for number in range(3):
            await send(url, path=CHAT.replace("gpt-4o", f"d{number}"))
            await asyncio.sleep(0.4)
        assert await page.evaluate("window.shifted") < 0.02, part


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_each_part_can_be_read_on_a_narrow_screen(
    browser: Browser, url: str, scheme: Any
) -> None:
    await send(url)
    await send(url, {"messages": "none"})
    await send(url, {"messages": "none"})
    rule = {"rules": [{"name": "hi", "when": {"contains": "Hi"}, "reply": "Paris."}]}
    await send(url, rule, "/++/rules")
    page = await opened(
        browser, url, KEY, color_scheme=scheme, viewport={"width": 380, "height": 700}
    )
    for part, text in SHOWN.items():
        await page.get_by_role("tab", name=part).click()
        await expect(page.locator("main")).to_contain_text(text, timeout=15_000)
        contrast, worst = await page.evaluate(CONTRAST)
        assert contrast >= 4.5, (part, worst)
        assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth"), part
    background = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(18, 21, 28)") is (scheme == "dark")
    await page.close()


async def test_it_is_used_by_keyboard_alone(page: Page, url: str) -> None:
    answer = await send(url)
    await page.get_by_role("tab", name="Now").focus()
    for key, part in [("End", "Connect"), ("ArrowRight", "Now"), ("ArrowLeft", "Connect"),
                      ("Home", "Now"), ("ArrowRight", "Requests")]:  # fmt: skip
        await page.keyboard.press(key)
        await expect(page.get_by_role("tab", name=part)).to_be_focused()
    row = page.locator(f"tr[data-id='{answer.headers['apim-request-id']}']")
    await row.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#detail")).to_contain_text('"status": 200')
    panel = page.get_by_role("tabpanel", name="Requests")
    await expect(panel).to_be_visible()


async def test_a_page_that_nobody_sees_asks_for_nothing(page: Page) -> None:
    calls: list[str] = []
    page.on("request", lambda request: calls.append(request.url))
    async with page.expect_request("**/++/requests?**"):
        pass
    await page.evaluate("Object.defineProperty(document, 'hidden', { get: () => true })")
    for _ in range(15):  # a refresh that is under way may take a while
        calls.clear()
        await asyncio.sleep(2.2)
        if not calls:
            return
    pytest.fail(f"it still asks for {calls}")


@pytest.fixture
def keyed(serve: Serve, tmp_path: Path) -> str:
    keys = [{"name": "reads", "key": READER, "role": "reader"}, {"name": "calls", "key": USER}]
    (tmp_path / "keys.json").write_text(json.dumps({"keys": keys}))
    return serve(keys_path=str(tmp_path / "keys.json"))


async def test_a_reader_sees_all_and_changes_nothing(browser: Browser, keyed: str) -> None:
    await send(keyed)
    page = await opened(browser, keyed, READER)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.get_by_role("tab", name="Requests").click()
    await expect(page.locator("tr[data-id]")).to_have_count(1)
    await page.get_by_role("button", name="Forget all").click()
    await expect(page.get_by_role("alert")).to_have_text("the key 'reads' has the role reader")
    await expect(page.locator("tr[data-id]")).to_have_count(1)
    await page.get_by_role("tab", name="Rules").click()
    await page.get_by_role("button", name="Add").click()
    await expect(page.locator("#outcome")).to_have_text("the key 'reads' has the role reader")
    await page.get_by_role("tab", name="Try it").click()
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator("#facts")).to_have_text("the key 'reads' has the role reader")
    assert errors == []
    await page.close()


async def test_a_key_that_may_not_read_is_refused(browser: Browser, keyed: str) -> None:
    page = await opened(browser, keyed, USER)
    status = page.locator("#state")
    await expect(status).to_have_text("That key may not read the journal: its role is user.")
    await page.get_by_label("Key of the simulator").fill(READER)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("tab", name="Now")).to_be_visible()
    await page.close()


async def test_now_counts_more_than_the_journal_keeps(browser: Browser, serve: Serve) -> None:
    url = serve(journal_size=10)
    page = await opened(browser, url, KEY)
    count = page.locator(".tile b").first
    for batch in (1, 2):
        for _ in range(8):
            await send(url)
        await expect(count).to_have_text(str(8 * batch), timeout=15_000)
    await page.close()


async def test_deployments_of_two_resources_stand_apart(
    browser: Browser, serve: Serve, tmp_path: Path
) -> None:
    limits = {"model": "gpt-4o", "tokensPerMinute": 10_000}
    resources = {
        "east": {"deployments": {"chat": limits}},
        "west": {"deployments": {"chat": {**limits, "tokensPerMinute": 20_000}}},
    }
    (tmp_path / "fleet.json").write_text(json.dumps({"resources": resources}))
    url = serve(fleet_path=str(tmp_path / "fleet.json"))
    path = CHAT.replace("gpt-4o", "chat")
    for resource in resources:
        assert (await send(url, path=f"/resources/{resource}{path}")).status_code == 200
    page = await opened(browser, url, KEY)
    for resource, limit in (("east", "10,000"), ("west", "20,000")):
        row = page.locator("#limits tr", has_text=f"{resource}/chat")
        await expect(row).to_contain_text(f"of {limit}", timeout=15_000)
    await page.get_by_label("Deployment of the lines").select_option("west/chat")
    await expect(page.get_by_label("Deployment of the lines")).to_have_value("west/chat")
    await page.get_by_role("tab", name="Connect").click()
    await page.get_by_label("Resource").select_option("west")
    await expect(page.locator("main")).to_contain_text(f"{url}/resources/west/openai/v1/")
    await page.get_by_role("tab", name="Try it").click()
    await page.get_by_label("Resource").select_option("west")
    await expect(page.get_by_label("Deployment")).to_have_value("chat")
    await page.get_by_label("streamed").uncheck()
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator("#facts")).to_contain_text("tokens", timeout=30_000)
    await page.close()


async def test_a_finding_leads_to_the_request_that_shows_it(page: Page, url: str) -> None:
    for _ in range(2):
        answer = await send(url, {"messages": "none"})
    shown = answer.headers["apim-request-id"]
    await page.get_by_role("tab", name="Verdict").click()
    await page.get_by_role("button", name=f"Show request {shown}").click()
    await expect(page.locator("#detail h2").first).to_have_text(f"Request {shown}")


async def test_costs_show_what_was_thrown_away_and_provisioned_throughput(
    page: Page, url: str
) -> None:
    await send(url)
    await page.get_by_role("tab", name="Costs").click()
    costs = page.locator("#costs")
    for text in ("cut answers", "filtered", "as batch", "as flex", "at priority", "50"):
        await expect(costs).to_contain_text(text)


async def test_the_command_is_copied(browser: Browser, url: str) -> None:
    answer = await send(url)
    context = await browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = await context.new_page()
    await page.goto(f"{url}/#key={KEY}")
    await page.get_by_role("tab", name="Requests").click()
    await page.locator(f"tr[data-id='{answer.headers['apim-request-id']}']").click()
    await page.get_by_role("button", name="Copy as curl").click()
    await expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = await page.evaluate("navigator.clipboard.readText()")
    assert copied.rstrip() == (await page.locator("#curl").inner_text()).rstrip()
    assert KEY not in copied
    await context.close()
