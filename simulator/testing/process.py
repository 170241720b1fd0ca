"""A simulator in a process of its own, with its output in a file."""

import os
import re
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from simulator.testing.control import SimulatorError

_KEY = "SIMULATOR_API_KEY"
_OWN = {"JOURNAL_BODIES": "true", "SIMULATOR_MODE": "generate"}
_GREETING = re.compile(r"^Azure OpenAI API Simulator, mode \w+: (http://\S+)\n", re.MULTILINE)
_START_WITHIN = 60.0
_STOP_WITHIN = 10.0


class Process:
    """A free port is chosen with the first start, and stays the same from then on."""

    def __init__(self, settings: Mapping[str, str], key: str = "") -> None:
        self.key = key or secrets.token_hex(8)
        self.endpoint = ""
        self._settings = settings
        self._port = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._mark = 0
        self._log = Path(tempfile.mkstemp(prefix="aoai-simulator-", suffix=".log")[1])

    def start(self, flags: Sequence[str], settings: Mapping[str, str]) -> None:
        command = [sys.executable, "-m", "simulator", "serve", "--port", str(self._port), *flags]
        with self._log.open("ab") as output:
            self._mark = output.tell()
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                command,
                env={**_inherited(), **_OWN, **self._settings, **settings, _KEY: self.key},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.endpoint = self._wait()
        self._port = int(self.endpoint.rpartition(":")[2])

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(_STOP_WITHIN)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def close(self) -> None:
        self.stop()
        self._log.unlink(missing_ok=True)

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def size(self) -> int:
        """The length of the log: where what comes next begins."""
        return self._log.stat().st_size if self._log.exists() else 0

    def log(self, since: int = 0) -> str:
        return self._log.read_bytes()[since:].decode(errors="replace") if self.size else ""

    def _wait(self) -> str:
        """Return the address, with which the line of the greeting ends."""
        end = time.monotonic() + _START_WITHIN
        while time.monotonic() < end:
            # Warnings of Python may come before the greeting.
            greeting = _GREETING.search(self.log(self._mark))
            if greeting:
                return greeting[1]
            if self._process is None or self._process.poll() is not None:
                break
            time.sleep(0.02)
        raise SimulatorError(f"the simulator did not start:\n{self.log(self._mark)}")


def _inherited() -> dict[str, str]:
    """Return the environment without what a test environment or a user has set for a simulator."""
    # Every pytest run loads this module; the settings take longer than all else here.
    from simulator.configuration.warnings import setting_names

    # The settings that lead to a resource that is recorded are the user's own.
    ours = {name for name in setting_names() if not name.startswith("AZURE_")}
    paths = (str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", ""))
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in ours and not name.startswith("RecordingStorage")
    }
    return {**inherited, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
