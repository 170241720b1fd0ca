"""`serve --workers`: how many, and what they need to count and remember together."""

import asyncio
import contextlib
import functools
import os
import secrets
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Mapping, Sequence

from simulator.assembly.containers import DEFAULT_FOLDER
from simulator.commands.base import CommandError
from simulator.configuration.setting_fields import SettingError
from simulator.configuration.settings import Settings
from simulator.hosting import own_valkey
from simulator.hosting.certificate import Certificate
from simulator.hosting.stopping import undisturbed_end
from simulator.hosting.workers import Workers

FLAG = "--workers"
_MOST = 64
# State would be in the memory of each worker; so it is where recordings are.
_FOLDER = "RECORDING_DIR"
_REDIS = "RATE_LIMIT_REDIS_URL"
_HASH_SEED = "PYTHONHASHSEED"


def worker_count(value: str) -> int:
    """Return the number that the flag's value stands for."""
    if value == "auto":
        return min(_MOST, _cores())
    if not (value.isascii() and value.isdecimal() and 1 <= int(value[:9]) <= _MOST):
        raise SettingError(FLAG, repr(value), f"a whole number from 1 to {_MOST}, or auto")
    if int(value) > 1 and sys.platform == "win32":
        raise SettingError(FLAG, value, "Windows has no sockets that several processes inherit")
    return int(value)


def _cores() -> int:
    """Return the number of cores that this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return 1 if sys.platform == "win32" else os.cpu_count() or 1


def serve_with_workers(
    count: int,
    settings: Settings,
    listener: socket.socket,
    certificate: Certificate | None,
    environment: Mapping[str, str],
    greet: Callable[[], None],
) -> int:
    """Serve until a signal; return the exit code. `greet` is called when all workers serve."""
    shared = {} if settings.storage else {_FOLDER: settings.recording_dir or DEFAULT_FOLDER}

    def greeting() -> None:
        greet()
        counts = _REDIS if settings.redis_url else "a Valkey of their own"
        state = f"the folder {shared[_FOLDER]}" if shared else "the storage account"
        print(f"workers: {count}, limits in {counts}, state in {state}", flush=True)

    redis = contextlib.nullcontext(settings.redis_url) if settings.redis_url else _valkey(count)
    with redis as address, tempfile.TemporaryDirectory(prefix="aoai-") as siblings:
        # Bodies that are equal have equal hashes in all of them, by which the verdict knows retries.
        seed = {_HASH_SEED: str(secrets.randbelow(2**32))}
        workers = Workers(
            count,
            functools.partial(_command, listener.fileno(), certificate, siblings),
            (listener.fileno(),),
            {**environment, **shared, **seed, _REDIS: address},
        )
        with undisturbed_end():
            return asyncio.run(workers.serve(greeting))


def _command(
    listener: int, certificate: Certificate | None, siblings: str, number: int, ready: int
) -> Sequence[str]:
    """Return the command line of the worker with this number; the first one has the timers too."""
    flags = [f"--listener={listener}", f"--ready={ready}", f"--number={number}"]
    flags += [f"--siblings={siblings}", *([] if number else ["--timers"])]
    if certificate is not None:
        flags += [f"--cert={certificate.chain}", f"--key={certificate.key}"]
    return (sys.executable, "-m", "simulator.commands.worker", *flags)


@contextlib.contextmanager
def _valkey(count: int) -> Generator[str]:
    """Yield the address of a Valkey that runs meanwhile."""
    if not own_valkey.installed():
        extra = "pip install 'azure-openai-simulator[workers]'"
        raise CommandError(
            f"{FLAG} {count} counts limits in one place: set {_REDIS}, or install "
            f"{own_valkey.LIBRARY} ({extra})"
        )
    with subprocess.Popen(  # noqa: S603 - our own program, run by our own interpreter
        [sys.executable, "-m", own_valkey.__name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdin is not None  # noqa: S101 - for the type checker
        assert process.stdout is not None  # noqa: S101
        address = process.stdout.readline().strip()
        if not address.startswith(own_valkey.SCHEME):
            raise CommandError(f"the Valkey of {own_valkey.LIBRARY} did not start: {address}")
        try:
            yield address
        finally:
            process.stdin.close()
            process.wait()
