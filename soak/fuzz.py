"""Mutated requests over every operation, and what is wrong with the answers."""

import asyncio
import json
import time
from collections import Counter
from dataclasses import dataclass, field

import aiohttp

from soak.mutations import Mutated, Mutations
from soak.neighbour import Neighbour
from soak.seeds import SEEDS

AT_ONCE = 8
SLOWEST = 15.0
"""Seconds that one answer may take."""


@dataclass(slots=True)
class Findings:
    """Statuses by number, problems by their description, and the worst wait of the neighbour."""

    statuses: Counter[int] = field(default_factory=Counter[int])
    problems: Counter[str] = field(default_factory=Counter[str])
    examples: dict[str, Mutated] = field(default_factory=dict[str, Mutated])
    worst_wait: float = 0.0

    def note(self, mutated: Mutated, problem: str) -> None:
        line = f"{problem}: {mutated.method} {mutated.path.partition('?')[0][:80]}"
        self.problems[line] += 1
        self.examples.setdefault(line, mutated)


async def fuzz(url: str, key: str, *, requests: int, seed: int) -> Findings:
    """Send so many mutated requests, a few at a time, beside a neighbour that asks for its health."""
    findings, mutations = Findings(), Mutations(seed, SEEDS)
    left = iter(range(requests))
    timeout = aiohttp.ClientTimeout(total=SLOWEST)
    async with aiohttp.ClientSession(timeout=timeout, headers={"api-key": key}) as session:

        async def client() -> None:
            for _ in left:
                await _ask(session, url, mutations.next(), findings)

        async with Neighbour(url) as neighbour:
            await asyncio.gather(*(client() for _ in range(AT_ONCE)))
        findings.worst_wait = neighbour.worst
        await session.delete(f"{url}/++/config")
        await session.delete(f"{url}/++/rules")
    return findings


async def _ask(
    session: aiohttp.ClientSession, url: str, mutated: Mutated, findings: Findings
) -> None:
    began = time.monotonic()
    try:
        async with session.request(
            mutated.method,
            url + mutated.path,
            data=mutated.body or None,
            headers=mutated.headers,
            skip_auto_headers=("content-type",),
        ) as response:
            body = await response.read()
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        findings.note(mutated, f"{type(error).__name__} after {time.monotonic() - began:.0f} s")
        return
    findings.statuses[response.status] += 1
    problem = problem_of(response.status, body)
    if problem:
        findings.note(mutated, problem)


def problem_of(status: int, body: bytes) -> str:
    """Return what is wrong with an answer: it is the simulator's fault, empty, or of no error's shape."""
    if status >= 500:
        return f"status {status}"
    if not body:
        return f"status {status} without a body"
    if status < 400 or body.startswith(b"<?xml"):
        return ""
    try:
        error = json.loads(body)
    except ValueError:
        return f"status {status} with a body that is no JSON"
    shaped = isinstance(error, dict) and ("error" in error or "statusCode" in error)
    return "" if shaped else f"status {status} with a body that is no error"
