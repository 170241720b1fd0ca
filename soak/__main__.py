"""`python -m soak mixed|fuzz`: runs against a simulator of its own, and fails where it grows or breaks.

Memory, files and threads are those of /proc, so this runs on Linux only.
"""

import argparse
import asyncio
import random
import resource
import sys
import time
from pathlib import Path

import aiohttp

from bench.servers import KEY, Server, simulator
from soak.fuzz import Findings, fuzz
from soak.mix import Client
from soak.neighbour import Neighbour

_CLIENTS = 64
_REPORTS = 20
_MOST_GROWTH = 64
"""Megabytes from the first fifth of a run to its end."""
_LONGEST_WAIT = 1.0
"""Seconds that a neighbour may wait."""
_SETTINGS = {
    "OPENAI_DEPLOYMENT_CONFIG_PATH": "",
    "OPENAI_DEFAULT_DEPLOYMENT_LIMITS": "false",
    "METRICS_PROMETHEUS": "true",
    "LOG_LEVEL": "ERROR",
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m soak", description=__doc__)
    parser.add_argument("run", choices=("mixed", "fuzz"))
    parser.add_argument("--requests", type=int, help="500,000 mixed ones, 5,000 mutated ones")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--idle", type=int, default=0, help="connections that are held beside them")
    chosen = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with simulator(**_SETTINGS) as server:
        url = f"http://127.0.0.1:{server.port}"
        if chosen.run == "fuzz":
            findings = asyncio.run(
                fuzz(url, KEY, requests=chosen.requests or 5_000, seed=chosen.seed)
            )
            return _reported(findings, chosen.seed)
        return asyncio.run(
            _mixed(server, url, chosen.requests or 500_000, chosen.seed, idle=chosen.idle)
        )


def _reported(findings: Findings, seed: int) -> int:
    """Print what was found; return 1 if it is not as it must be."""
    print(f"seed {seed}; answers by status: {dict(sorted(findings.statuses.items()))}")
    print(f"the neighbour waited {findings.worst_wait:.3f} s at most")
    for problem, times in findings.problems.most_common():
        print(f"{times:6} {problem}\n       {findings.examples[problem].body[:300]!r}")
    return int(bool(findings.problems) or findings.worst_wait > _LONGEST_WAIT)


async def _idle_connections(port: int, number: int) -> list[asyncio.StreamWriter]:
    """Connections that are idle once they are answered; requests beside so large a burst would be
    shed, as they have to be.
    """
    held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(number)]
    for _, writer in held:
        writer.write(b"GET /++/health HTTP/1.1\r\nhost: a\r\n\r\n")
    for reader, _ in held:
        await reader.readuntil(b"\r\n\r\n")
    return [writer for _, writer in held]


async def _mixed(server: Server, url: str, requests: int, seed: int, *, idle: int) -> int:
    held = await _idle_connections(server.port, idle)
    left, began = iter(range(requests)), time.monotonic()
    first, failed = None, 0
    connector = aiohttp.TCPConnector(limit=_CLIENTS)
    async with (
        aiohttp.ClientSession(connector=connector, headers={"api-key": KEY}) as session,
        Neighbour(url) as neighbour,
    ):

        async def client(number: int) -> None:
            nonlocal first, failed
            one = Client(session, url, random.Random(f"{seed}-{number}"))
            for done in left:
                await one.next()
                if done % max(requests // _REPORTS, 1) == 0:
                    now, rate = _Held(server.pid), done / (time.monotonic() - began)
                    print(f"{done:9,} {rate:7,.0f}/s {now}", flush=True)
                    if first is None and done >= requests // 5:
                        first = now
            failed += one.failed

        await asyncio.gather(*(client(number) for number in range(_CLIENTS)))
    for writer in held:
        writer.close()
    last = _Held(server.pid)
    growth = last.megabytes - (first or last).megabytes
    print(f"seed {seed}: {requests:,} requests, {idle:,} idle connections, {last}")
    print(f"grown by {growth:.1f} MB since a fifth of them, {growth * 2**20 / requests:.0f} B each")
    return _judged(neighbour, failed, growth)


def _judged(neighbour: Neighbour, failed: int, growth: float) -> int:
    """Print how the others fared; return 1 if it is not as it must be."""
    print(
        f"the neighbour waited {neighbour.worst:.3f} s at most, and failed {neighbour.failed} times; "
        f"{failed} answers with a status of 500 or above"
    )
    bad = failed + neighbour.failed > 0
    return int(bad or growth > _MOST_GROWTH or neighbour.worst > _LONGEST_WAIT)


class _Held:
    """Memory, files and threads that the process has."""

    def __init__(self, pid: int) -> None:
        status = Path(f"/proc/{pid}/status").read_text()
        fields = dict(line.split(":", 1) for line in status.splitlines())
        self.megabytes = int(fields["VmRSS"].split()[0]) / 1024
        self._threads = int(fields["Threads"])
        self._files = len(list(Path(f"/proc/{pid}/fd").iterdir()))

    def __str__(self) -> str:
        return f"{self.megabytes:6.1f} MB {self._files:6,} files {self._threads:3} threads"


if __name__ == "__main__":
    sys.exit(main())
