"""Workers that are small programs: started, replaced, reported and stopped."""

import asyncio
import gc
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Sequence

import pytest

from simulator.hosting.workers import WorkerFailed, Workers

if sys.platform == "win32":
    pytest.skip("there are no such workers", allow_module_level=True)

STARTS = "import os, signal, sys, time; ready = int(sys.argv[1]); "
SERVES = f"{STARTS}os.write(ready, b'ready\\n'); os.close(ready); "
ENDS_ON_SIGNAL = "signal.signal(signal.SIGTERM, lambda *_: sys.exit({})); "
WAITS = "time.sleep(60)"


class Started:
    """Workers of a program, and the process ids of all that it has run."""

    def __init__(self, program: str, count: int = 2) -> None:
        self.ready = asyncio.Event()
        self.numbers: list[int] = []
        self._program = program
        self._loop = asyncio.get_running_loop()
        self.workers = Workers(count, self._command, (), dict(os.environ))

    def _command(self, number: int, ready: int) -> Sequence[str]:
        self.numbers.append(number)
        return (sys.executable, "-c", self._program, str(ready))

    def pids(self) -> list[int]:
        return list(self.workers.pids)

    async def serve(self) -> int:
        return await self.workers.serve(
            lambda: self._loop.call_soon_threadsafe(self.ready.set) and None
        )


async def until(claim: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not claim():
        assert time.monotonic() < end
        await asyncio.sleep(0.01)


async def stopped(started: Started, doing: Callable[[], Awaitable[None]] | None = None) -> int:
    """The exit code after SIGTERM, which is sent when all workers serve and `doing` is done."""
    serving = asyncio.create_task(started.serve())
    await asyncio.wait_for(started.ready.wait(), 20)
    if doing is not None:
        await doing()
    os.kill(os.getpid(), signal.SIGTERM)
    return await asyncio.wait_for(serving, 20)


async def test_a_signal_ends_all_with_0() -> None:
    started = Started(ENDS_ON_SIGNAL.format(0).join((STARTS, SERVES + WAITS)))
    assert await stopped(started) == 0
    assert sorted(started.numbers) == [0, 1]
    for pid in started.pids():
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def test_a_worker_that_had_not_begun_to_listen_to_signals_ends_with_0_too() -> None:
    assert await stopped(Started(SERVES + WAITS)) == 0


async def test_a_worker_that_is_cut_off_gives_its_exit_code() -> None:
    started = Started(ENDS_ON_SIGNAL.format(143).join((STARTS, SERVES + WAITS)))
    assert await stopped(started) == 143


async def test_a_worker_that_dies_is_replaced_by_one_of_the_same_number(
    capfd: pytest.CaptureFixture[str],
) -> None:
    started = Started(SERVES + WAITS)

    async def kill() -> None:
        first = started.pids()
        os.kill(first[1], signal.SIGKILL)
        await until(lambda: started.pids()[1] != first[1])
        assert started.pids()[0] == first[0]

    assert await stopped(started, kill) == 0
    assert sorted(started.numbers) == [0, 1, 1]
    assert "worker 2 ended (SIGKILL); another takes its place" in capfd.readouterr().err


async def test_a_worker_that_cannot_start_stops_the_start_with_its_reason_and_code() -> None:
    refuses = f"{STARTS}os.write(ready, b'NAME=1 is not allowed'); sys.exit(2)"
    with pytest.raises(WorkerFailed, match=r"^NAME=1 is not allowed$") as failed:
        await Started(refuses).serve()
    assert failed.value.exit_code == 2


async def test_a_worker_that_dies_before_it_serves_stops_the_start() -> None:
    with pytest.raises(WorkerFailed, match="exit code 7") as failed:
        await Started(f"{STARTS}sys.exit(7)").serve()
    assert failed.value.exit_code == 7


@pytest.mark.parametrize("signalled", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_before_all_serve_ends_with_0_and_without_a_word(
    signalled: signal.Signals, caplog: pytest.LogCaptureFixture
) -> None:
    started = Started(STARTS + WAITS)
    serving = asyncio.create_task(started.serve())
    await until(lambda: len(started.pids()) == 2)
    os.kill(os.getpid(), signalled)
    assert await asyncio.wait_for(serving, 20) == 0
    del serving
    gc.collect()  # asyncio reports an exception that nobody took when its future goes
    assert not caplog.records


async def test_a_worker_that_hangs_gets_a_second_signal() -> None:
    count = (
        "n = []; signal.signal(signal.SIGTERM, lambda *_: n.append(1) or n[1:] and os._exit(3)); "
    )
    started = Started(f"{STARTS}{count}{SERVES}{WAITS}", count=1)

    async def first() -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(0.2)  # two signals that are pending at once are one

    assert await stopped(started, first) == 3
