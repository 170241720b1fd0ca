"""Workers: processes that serve on one port, replaced when they die, and stopped together."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from simulator.errors import StartError
from simulator.hosting.stopping import hang_up

READY = b"ready\n"
"""The line that a worker writes to its pipe when it serves; any other says why it cannot."""
_PAUSES = (0.0, 1.0, 5.0, 30.0)
"""Seconds before a worker is replaced, by how many died in a row before they served."""
_LONGEST_REASON = 65_536


class WorkerFailed(StartError):
    """A worker that could not start. It has said why, and its exit code is the command's."""

    def __init__(self, reason: str, exit_code: int) -> None:
        super().__init__(reason)
        self.exit_code = exit_code


@dataclass(frozen=True, slots=True)
class _Worker:
    process: asyncio.subprocess.Process
    ready: asyncio.StreamReader

    @property
    def ended(self) -> str:
        """The end of its process, in words."""
        code = self.process.returncode or 0
        return f"exit code {code}" if code >= 0 else signal.Signals(-code).name


class Workers:
    """`command` starts a worker with a number, which reports on a file descriptor that it is ready;
    those in `inherited` are its too.

    A worker's standard input ends when this process does, and it ends then, too.
    """

    def __init__(
        self,
        count: int,
        command: Callable[[int, int], Sequence[str]],
        inherited: Sequence[int],
        environment: Mapping[str, str],
    ) -> None:
        self._count = count
        self._command = command
        self._inherited = inherited
        self._environment = environment
        self._running: dict[int, _Worker] = {}
        self._stopping = asyncio.Event()

    @property
    def pids(self) -> Sequence[int]:
        """The process ids of those that run, by the order of their numbers."""
        return [worker.process.pid for _, worker in sorted(self._running.items())]

    async def serve(self, on_ready: Callable[[], None]) -> int:
        """Serve until SIGINT, SIGTERM or SIGHUP; return the exit code. Raises WorkerFailed if one of the
        workers cannot start.
        """
        with hang_up(self._hang_up):
            return await self._serve(on_ready)

    async def _serve(self, on_ready: Callable[[], None]) -> int:
        loop = asyncio.get_running_loop()
        for one in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(one, self.stop)
        stopped = asyncio.ensure_future(self._stopping.wait())
        first = asyncio.gather(*(self._begin(number) for number in range(self._count)))
        try:
            await asyncio.wait((first, stopped), return_when=asyncio.FIRST_COMPLETED)
            if not self._stopping.is_set():
                first.result()
                await asyncio.to_thread(on_ready)
                await asyncio.gather(*(self._keep(number) for number in range(self._count)))
        finally:
            stopped.cancel()
            first.cancel()
            # The outcome of the start has been reported, or does not matter any more.
            await asyncio.gather(first, return_exceptions=True)
            code = await self._end()
        return code

    def stop(self) -> None:
        """Ask the workers to finish what is under way; the second time, to end at once."""
        self._stopping.set()
        for worker in self._running.values():
            _signal(worker)

    def _hang_up(self) -> None:
        if not self._stopping.is_set():
            asyncio.get_running_loop().call_soon_threadsafe(self.stop)

    async def _begin(self, number: int) -> None:
        """Start a worker; return when it serves."""
        reading, writing = os.pipe()
        process = await asyncio.create_subprocess_exec(
            *self._command(number, writing),
            env=self._environment,
            stdin=asyncio.subprocess.PIPE,
            pass_fds=(*self._inherited, writing),
            # The signals of a terminal are for this process, which hands them on once.
            start_new_session=True,
        )
        os.close(writing)
        self._running[number] = worker = _Worker(process, await _reader(reading))
        if self._stopping.is_set():
            _signal(worker)
        line = await worker.ready.read(_LONGEST_REASON)
        if line != READY:
            code = await process.wait()
            raise WorkerFailed(line.decode().strip() or f"a worker ended: {worker.ended}", code)

    async def _keep(self, number: int) -> None:
        """Replace the worker whenever it dies, until the end."""
        failures = 0
        while True:
            worker = self._running[number]
            await worker.process.wait()
            if self._stopping.is_set():
                return
            print(
                f"simulator: worker {number + 1} ended ({worker.ended}); another takes its place",
                file=sys.stderr,
                flush=True,
            )
            try:
                async with asyncio.timeout(_PAUSES[min(failures, len(_PAUSES) - 1)]):
                    await self._stopping.wait()
                return
            except TimeoutError:
                pass
            try:
                await self._begin(number)
                failures = 0
            except WorkerFailed as error:
                failures += 1
                if self._stopping.is_set():
                    return
                print(f"simulator: {error}", file=sys.stderr, flush=True)

    async def _end(self) -> int:
        """Wait until all workers have ended; return the first exit code that is not 0."""
        if not self._stopping.is_set():
            self.stop()
        codes = [await worker.process.wait() for worker in self._running.values()]
        # One that had hardly begun has died of the signal, as it should.
        return next((abs(code) for code in codes if code not in (0, -signal.SIGTERM)), 0)


def _signal(worker: _Worker) -> None:
    if worker.process.returncode is None:
        worker.process.terminate()


async def _reader(file: int) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(file, "rb", buffering=0)
    )
    return reader
