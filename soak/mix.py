"""A mix of requests as clients send them: good and bad, plain and streamed, read and left."""

import asyncio
import json
import random
from typing import Any

import aiohttp

from soak.seeds import DATED, SEEDS

_CHAT = f"/openai/deployments/gpt-4o/chat/completions{DATED}"
_V1 = "/openai/v1"
_TOOLS: dict[str, Any] = {
    name: value for name, value in (SEEDS[0].body or {}).items() if name in ("tools", "messages")
} if isinstance(SEEDS[0].body, dict) else {}  # fmt: skip


class Client:
    """One client on a session of its own; each call of `next` is one request or two. `failed` counts
    answers that are the simulator's fault."""

    def __init__(self, session: aiohttp.ClientSession, url: str, rng: random.Random) -> None:
        self._session = session
        self._url = url
        self._rng = rng
        self.failed = 0
        self._kinds = (
            self._plain, self._plain, self._plain, self._stream, self._stream, self._left,
            self._tools, self._embeddings, self._completions, self._stored, self._refused, self._get,
        )  # fmt: skip

    async def next(self) -> None:
        await self._rng.choice(self._kinds)()

    async def _post(self, path: str, body: object, **headers: str) -> bytes:
        async with self._session.post(self._url + path, json=body, headers=headers) as answer:
            return await self._whole(answer)

    async def _whole(self, answer: aiohttp.ClientResponse) -> bytes:
        self.failed += answer.status >= 500
        return await answer.read()

    def _messages(self) -> dict[str, Any]:
        text = f"What is {self._rng.randrange(10**9)} in words?"
        return {"messages": [{"role": "user", "content": text}], "max_tokens": 40}

    async def _plain(self) -> None:
        await self._post(_CHAT, self._messages())

    async def _stream(self) -> None:
        await self._post(_CHAT, {**self._messages(), "stream": True})

    async def _left(self) -> None:
        body = {**self._messages(), "stream": self._rng.random() < 0.5, "max_tokens": 2_000}
        answer = await self._session.post(self._url + _CHAT, json=body)
        self.failed += answer.status >= 500
        answer.close()
        await asyncio.sleep(0)

    async def _tools(self) -> None:
        await self._post(_CHAT, {**_TOOLS, "tool_choice": "required", "max_tokens": 60})

    async def _embeddings(self) -> None:
        body = {"model": "text-embedding-3-small", "input": [str(self._rng.random())] * 3}
        await self._post(f"{_V1}/embeddings", body)

    async def _completions(self) -> None:
        body = {"model": "gpt-35-turbo-instruct", "prompt": str(self._rng.random()), "n": 2}
        await self._post(f"{_V1}/completions", {**body, "max_tokens": 20})

    async def _stored(self) -> None:
        body = {"model": "gpt-4o", "input": str(self._rng.random()), "max_output_tokens": 20}
        made = json.loads(await self._post(f"{_V1}/responses", body))
        address = f"{self._url}{_V1}/responses/{made.get('id', '')}"
        async with self._session.get(address) as answer:
            await self._whole(answer)
        if self._rng.random() < 0.9:
            async with self._session.delete(address) as answer:
                await self._whole(answer)

    async def _refused(self) -> None:
        match self._rng.randrange(3):
            case 0:
                await self._post(_CHAT, self._messages(), **{"api-key": "wrong"})
            case 1:
                await self._post(_CHAT, {"messages": "none", "n": -1})
            case _:
                name = self._rng.randrange(10**6)
                await self._post(f"/openai/deployments/none-{name}/chat/completions", {})

    async def _get(self) -> None:
        paths = (f"{_V1}/models", "/++/health", "/++/requests?limit=5", f"/openai/x{DATED}")
        async with self._session.get(self._url + self._rng.choice(paths)) as answer:
            await self._whole(answer)
