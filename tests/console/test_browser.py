"""Each part of the console in a real browser."""

import json
import re
from pathlib import Path

import httpx2
import pytest
from playwright.async_api import Browser, Page, expect

from simulator.messages import Request
from simulator.recordings.exchange import Exchange, Piece
from simulator.recordings.store import RecordingStore
from simulator.storage.folder import FolderContainer
from tests.conftest import API_VERSION, KEY, Serve

pytestmark = pytest.mark.asyncio(loop_scope="package")

CHAT = f"/openai/deployments/gpt-4o/chat/completions?api-version={API_VERSION}"
BODY = {"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 5}
HEADERS = {"api-key": KEY}


async def ask(url: str, body: object = BODY, path: str = CHAT) -> httpx2.Response:
    async with httpx2.AsyncClient() as client:
        return await client.post(url + path, json=body, headers=HEADERS)


async def test_the_key_is_asked_for_once_and_kept_in_the_tab(browser: Browser, url: str) -> None:
    page = await browser.new_page()
    await page.goto(url)
    await page.get_by_label("Key of the simulator").fill("wrong")
    await page.get_by_role("button", name="Open").click()
    await expect(page.get_by_role("status").first).to_have_text("That key was refused.")
    await page.get_by_label("Key of the simulator").fill(KEY)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("tab", name="Now")).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("tab", name="Now")).to_be_visible()
    await page.close()


async def test_the_key_of_the_link_does_not_stay_in_the_address(page: Page) -> None:
    assert KEY not in page.url


async def test_now_shows_limits_as_they_fill(page: Page, url: str) -> None:
    await ask(url, path=CHAT.replace("gpt-4o", "gpt-35-turbo-10k-token"))
    row = page.locator("#limits tr", has_text="gpt-35-turbo-10k-token")
    await expect(row).to_contain_text("of 10,000", timeout=15_000)
    await expect(page.locator("#rates canvas")).to_be_visible()


async def test_a_request_is_shown_with_its_bodies_and_as_curl(page: Page, url: str) -> None:
    answer = await ask(url)
    await page.get_by_role("tab", name="Requests").click()
    await page.locator(f"tr[data-id='{answer.headers['apim-request-id']}']").click()
    detail = page.locator("#detail")
    await expect(detail).to_contain_text('"content":"Hello"')
    await expect(detail).to_contain_text("chat.completion")
    await expect(page.locator("#curl")).to_contain_text("curl -X POST")


async def test_a_refusal_says_why(page: Page, url: str) -> None:
    await ask(url, path="/openai/deployments/gpt-4o/chat/completions")
    await page.get_by_role("tab", name="Requests").click()
    await expect(page.locator("#list")).to_contain_text("the query has no api-version")


async def test_forgetting_empties_the_list(page: Page, url: str) -> None:
    await ask(url)
    await page.get_by_role("tab", name="Requests").click()
    await expect(page.locator("tr[data-id]")).to_have_count(1)
    await page.get_by_role("button", name="Forget all").click()
    await expect(page.locator("#list")).to_contain_text("No requests yet")
    async with httpx2.AsyncClient() as client:
        assert (await client.get(f"{url}/++/requests", headers=HEADERS)).json()["requests"] == []


async def test_the_verdict_names_what_a_client_did_wrong(page: Page, url: str) -> None:
    await page.get_by_role("tab", name="Verdict").click()
    await expect(page.locator("#verdict")).to_contain_text("clean")
    for _ in range(2):
        await ask(url, {"messages": "none"})
    await expect(page.locator("#verdict")).to_contain_text("retried_non_retryable")


async def test_costs_are_added_up(page: Page, url: str) -> None:
    await ask(url)
    await page.get_by_role("tab", name="Costs").click()
    await expect(page.locator("#costs")).to_contain_text(re.compile(r"0\.0000\d+ USD"))


async def test_a_prompt_is_streamed_with_its_tokens_and_times(page: Page) -> None:
    await page.get_by_role("tab", name="Try it").click()
    await page.get_by_label("Deployment").fill("gpt-4o")
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator("#facts")).to_contain_text(
        re.compile(r"\d+ \+ \d+ tokens, first token after"), timeout=20_000
    )
    assert await page.locator("#answer").inner_text()


async def test_snippets_have_this_address(page: Page, url: str) -> None:
    await page.get_by_role("tab", name="Connect").click()
    await expect(page.locator("main")).to_contain_text(f'base_url="{url}/openai/v1/"')
    await expect(page.locator("main")).to_contain_text(f'curl "{url}/openai/')


async def test_it_can_be_used_by_keyboard_and_on_a_narrow_screen(page: Page) -> None:
    await page.set_viewport_size({"width": 380, "height": 700})
    await page.get_by_role("tab", name="Now").focus()
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("tab", name="Requests")).to_be_focused()
    wide = await page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide


async def test_text_of_clients_never_becomes_markup(page: Page, url: str) -> None:
    await ask(url, {"messages": [{"role": "user", "content": "<img src=x onerror=boom()>"}]})
    await page.get_by_role("tab", name="Requests").click()
    await page.locator("tr[data-id]").first.click()
    await expect(page.locator("#detail")).to_contain_text("<img src=x")
    assert await page.locator("#detail img").count() == 0
    assert "null" not in await page.evaluate(
        "[...document.querySelector('#detail').childNodes].map((node) => node.nodeValue)"
    )


async def test_a_rule_that_is_added_acts_and_can_be_deleted(page: Page, url: str) -> None:
    await page.get_by_role("tab", name="Rules").click()
    rule = {"rules": [{"name": "hi", "when": {"contains": "Hello"}, "reply": "Paris."}]}
    await page.get_by_label("Rules as JSON").fill(json.dumps(rule))
    await page.get_by_role("button", name="Add").click()
    await expect(page.locator("#rules")).to_contain_text("hi")
    answer = (await ask(url)).json()
    assert answer["choices"][0]["message"]["content"] == "Paris."
    await page.get_by_role("button", name="Delete hi").click()
    await expect(page.locator("#rules")).to_contain_text("No rules")


async def test_a_rule_can_be_made_of_a_request(page: Page, url: str) -> None:
    await ask(url)
    await page.get_by_role("tab", name="Requests").click()
    await page.locator("tr[data-id]").first.click()
    await page.get_by_role("button", name="Make a rule of it").click()
    await page.get_by_role("button", name="Add").click()
    await expect(page.locator("#outcome")).to_have_text("Done.")
    answer = (await ask(url, {**BODY, "max_tokens": 50})).json()
    assert answer["choices"][0]["message"]["content"] == "An answer of your choice."


async def test_a_miss_stands_beside_its_nearest(
    browser: Browser, serve: Serve, tmp_path: Path
) -> None:
    recorded = json.dumps({**BODY, "max_tokens": 6}).encode()
    path, _, query = CHAT.partition("?")
    exchange = Exchange(
        Request("POST", path, query, body=recorded), 200, {}, (Piece(b'{"x": 1}', 5),), 5
    )
    store = RecordingStore(FolderContainer(tmp_path), lambda: 0.0)
    await store.keep(f"v1/gpt-4o/chat-completions/{1:032x}.json", exchange)
    url = serve(mode="replay", recording_dir=str(tmp_path), journal_bodies=True)
    assert (await ask(url)).status_code == 404
    page = await browser.new_page()
    await page.goto(f"{url}/#key={KEY}")
    await page.get_by_role("tab", name="Recordings").click()
    await page.get_by_role("button", name="v1/gpt-4o/chat-completions/").click()
    await page.locator("#entries").get_by_role("button", name="000000000000").click()
    await expect(page.locator("#recording")).to_contain_text('"max_tokens": 6')
    await page.get_by_role("button", name="Beside its nearest").click()
    await expect(page.locator("#recording .pair > div")).to_have_count(2)
    await expect(page.locator("#recording")).to_contain_text('"max_tokens": 5')
    await page.close()


async def test_a_rule_can_be_switched_off_and_on(page: Page, url: str) -> None:
    rule = {"rules": [{"name": "hi", "when": {"contains": "Hello"}, "reply": "Paris."}]}
    await ask(url, rule, path="/++/rules")
    await page.get_by_role("tab", name="Rules").click()
    await page.get_by_label("hi is on").uncheck()
    await expect(page.locator("#outcome")).to_have_text("Done.")
    assert (await ask(url)).json()["choices"][0]["message"]["content"] != "Paris."
    await expect(page.get_by_label("hi is on")).to_be_focused()
    await page.keyboard.press("Space")
    await expect(page.get_by_label("hi is on")).to_be_checked()
    await expect(page.locator("#outcome")).to_have_text("Done.")
    assert (await ask(url)).json()["choices"][0]["message"]["content"] == "Paris."


FLEET = {
    "resources": {"east": {"deployments": {"gpt-4o": {"model": "gpt-4o"}}}},
    "timeline": [
        {"at": 0, "resource": "east", "rules": [{"name": "f", "fault": {"kind": "capacity"}}]},
        {"at": 5000, "resource": "east", "rules": []},
    ],
}


async def test_a_scenario_is_started_and_stopped_and_its_resource_shown(
    browser: Browser, serve: Serve, tmp_path: Path
) -> None:
    (tmp_path / "fleet.json").write_text(json.dumps(FLEET))
    url = serve(fleet_path=str(tmp_path / "fleet.json"), scenario_start="manual")
    page = await browser.new_page(viewport={"width": 380, "height": 800})
    await page.goto(f"{url}/#key={KEY}")
    path = f"/resources/east{CHAT}"
    assert (await ask(url, path=path)).status_code == 200
    await page.get_by_role("tab", name="Rules").click()
    await expect(page.locator("#clock")).to_have_text("stopped, 0:00:00")
    await page.get_by_role("button", name="Start from 0").click()
    await expect(page.locator("#clock")).to_have_text(re.compile(r"^running, 0:00:\d\d$"))
    await expect(page.locator("#next")).to_contain_text('"at":5000')
    assert (await ask(url, path=path)).status_code == 503
    await page.get_by_role("button", name="Stop").click()
    await expect(page.locator("#clock")).to_have_text("stopped, 0:00:00")
    assert (await ask(url, path=path)).status_code == 200
    for tab, place in (("Requests", "#list"), ("Costs", "#costs")):
        await page.get_by_role("tab", name=tab).click()
        await expect(page.locator(f"{place} th", has_text="Resource")).to_be_visible()
        await expect(page.locator(f"{place} td", has_text="east").first).to_be_visible()
        assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth")
    await page.close()


async def test_no_scenario_is_shown_without_a_timeline(page: Page) -> None:
    await page.get_by_role("tab", name="Rules").click()
    await expect(page.locator("#rules")).to_contain_text("No rules")
    await expect(page.locator("#scenario")).to_be_hidden()
