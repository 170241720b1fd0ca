"""Make the pictures of the console for the README and the docs, from a scripted load.

    make screenshots

It starts a simulator, sends it requests of several kinds for two minutes, and photographs each part in
Debian's Chromium (its path is in CHROMIUM, else `chromium` on the PATH).
"""

import asyncio
import json
import os
import secrets
import shutil
import socket
import sys
import tempfile
from pathlib import Path

import httpx2
from playwright.async_api import Page, async_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
SECONDS = 120
USERS = 4
DEPLOYMENTS = {
    "chat": {"model": "gpt-4.1", "tokensPerMinute": 80_000},
    "mini": {"model": "gpt-4.1-mini", "tokensPerMinute": 30_000},
    "units": {"model": "gpt-4.1", "sku": "GlobalProvisionedManaged", "ptu": 15},
}
CHAT = "/openai/deployments/{}/chat/completions?api-version=2024-10-21"
RULES = {
    "rules": [
        {"name": "capital", "when": {"contains": "capital of France"}, "reply": "Paris."},
        {
            "name": "two 429s",
            "when": {"deployment": "chat"},
            "fault": {"kind": "rate_limit", "retry_after": 1},
            "times": 2,
        },
    ]
}


async def main() -> int:
    PICTURES.mkdir(exist_ok=True)
    key, port = secrets.token_hex(16), _free_port()
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "deployments.json")
        await asyncio.to_thread(file.write_text, json.dumps(DEPLOYMENTS), "utf-8")
        environment = {
            "SIMULATOR_API_KEY": key,
            "JOURNAL_BODIES": "true",
            "OPENAI_DEPLOYMENT_CONFIG_PATH": str(file),
        }
        server = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "simulator", "serve", "--port", str(port)),
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=asyncio.subprocess.DEVNULL,
        )
        try:
            await _ready(url)
            await asyncio.gather(_load(url, key), _photograph(url, key))
        finally:
            server.terminate()
            await server.wait()
    return 0


async def _photograph(url: str, key: str) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = await browser.new_page(viewport={"width": 1000, "height": 800})
        await page.goto(f"{url}/#key={key}")
        await asyncio.sleep(SECONDS * 0.85)
        await _picture(page, "now")
        for part in ("Requests", "Rules", "Verdict", "Costs"):
            await page.get_by_role("tab", name=part).click()
            await asyncio.sleep(1.5)
            await _picture(page, part.lower())
        await browser.close()


async def _picture(page: Page, name: str) -> None:
    await page.screenshot(path=PICTURES / f"console-{name}.png")


async def _load(url: str, key: str) -> None:
    async with httpx2.AsyncClient(base_url=url, headers={"api-key": key}, timeout=60) as client:
        await client.post("/++/rules", json=RULES)
        await asyncio.gather(*(_ask(client, user) for user in range(USERS)))


async def _ask(client: httpx2.AsyncClient, user: int) -> None:
    loop = asyncio.get_running_loop()
    ends = loop.time() + SECONDS
    number = user
    while loop.time() < ends:
        number += 1
        await client.post(
            CHAT.format(tuple(DEPLOYMENTS)[number % 3]),
            json={
                "messages": [{"role": "user", "content": f"What is question {number}?"}],
                "max_tokens": 20 + number * 7 % 180,
                "stream": bool(number % 2),
            },
        )
        await asyncio.sleep(number % 5 / 5)


async def _ready(url: str) -> None:
    async with httpx2.AsyncClient() as client:
        for _ in range(200):
            try:
                await client.get(f"{url}/++/health")
            except httpx2.TransportError:
                await asyncio.sleep(0.1)
            else:
                return
    raise SystemExit("the simulator did not start")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
