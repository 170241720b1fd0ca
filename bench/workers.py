"""The part `workers`: what several processes on one port answer together."""

import os
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import load
from bench.chats import chats, moved
from bench.rows import Row
from bench.servers import LIMITLESS_PATH, Server, cpu_of, simulator

_ROUNDS = 3
_SECONDS = 1.5


def workers() -> Iterator[Row]:
    """With one worker limits are counted in memory, with more in a Valkey of their own.

    The rate grows with the workers where cores are free, which the load and the Valkey take, too; what
    does not depend on that is the processor time of all processes.
    """
    cores = os.cpu_count() or 1
    yield Row("cores of this machine, for the load as well", cores)
    requests = {"no limits": (moved(chats(), LIMITLESS_PATH), 1.2), "limits": (chats(), 2.0)}
    # What is counted together may cost as much as the answer itself.
    alone: dict[str, float] = {}
    for number in (1, *(count for count in (2, 4, 8) if count <= max(2, cores))):
        with simulator(number) as server:
            for what, (sent, budget) in requests.items():
                rounds = [_round(server, sent) for _ in range(_ROUNDS)]
                cost = min(done.cost for done in rounds)
                rate = max(done.rate for done in rounds)
                dearer = cost / alone.setdefault(what, cost)
                yield Row(f"{number} workers, {what}: requests", rate, "/s")
                yield Row(f"{number} workers, {what}: CPU a request, of all", cost, "ms")
                if number > 1:
                    share = statistics.median(done.busiest for done in rounds) * number
                    yield Row(f"{number} workers to one, {what}: CPU", dearer, "times", budget)
                    yield Row(
                        f"{number} workers, {what}: busiest to its share", share, "times", 1.5
                    )


@dataclass(frozen=True, slots=True)
class _Round:
    """Milliseconds of processor time a request, requests a second, and the part of the processor time
    that the busiest process had.
    """

    cost: float
    rate: float
    busiest: float


def _round(server: Server, requests: Sequence[bytes]) -> _Round:
    before = _family(server.pid)
    done = load.run(server.port, requests, _SECONDS)
    after = _family(server.pid)
    spent = [seconds - before.get(pid, 0.0) for pid, seconds in after.items()]
    cost = sum(spent) / len(done.times) * 1000
    return _Round(cost, done.per_second, max(spent) / sum(spent))


def _family(pid: int) -> Mapping[int, float]:
    """Seconds of processor time of the process and of all that it has started."""
    found = {pid: cpu_of(pid)}
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found.update(_family(int(child)))
    return found
