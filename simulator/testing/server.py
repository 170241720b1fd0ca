"""A simulator as a test sees it: where it is, what it does, and what it saw."""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from simulator.testing.control import Control, SimulatorError
from simulator.testing.process import Process
from simulator.testing.rules import When
from simulator.testing.sent import SentRequest

FAST = ("--fast",)


class Simulator:
    """A context manager: a server of its own on a free port, or the one that `url` names.

    `settings` are settings of the simulator, as in the environment. Everything that a test changes is
    taken back by `reset`.
    """

    def __init__(
        self, url: str = "", key: str = "", settings: Mapping[str, str] | None = None
    ) -> None:
        if url and not url.startswith(("http://", "https://")):
            raise SimulatorError(f"{url!r} is no address that starts with http:// or https://")
        self._named = url.rstrip("/")
        self._process = None if url else Process(settings or {}, key)
        self.key = self._process.key if self._process else key
        self._flags: tuple[str, ...] = ()
        self._counted = False

    def __enter__(self) -> Self:
        if self._process is not None:
            self._start(FAST, {})
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._process is not None:
            self._process.close()

    @property
    def endpoint(self) -> str:
        """The address for clients of Azure OpenAI: `azure_endpoint`."""
        return self._process.endpoint if self._process else self._named

    @property
    def v1_url(self) -> str:
        """The address for clients of OpenAI: `base_url`."""
        return f"{self.endpoint}/openai/v1/"

    @property
    def environment(self) -> dict[str, str]:
        """The variables from which clients read where to call, and with which key."""
        return {
            "AZURE_OPENAI_ENDPOINT": self.endpoint,
            "AZURE_OPENAI_API_KEY": self.key,
            "OPENAI_API_VERSION": "2024-10-21",
            "OPENAI_BASE_URL": self.v1_url,
            "OPENAI_API_KEY": self.key,
        }

    def limits(
        self,
        deployment: str,
        *,
        requests_per_minute: int | None = None,
        tokens_per_minute: int | None = None,
    ) -> None:
        """Give a deployment these limits; one that is not mentioned follows from the other."""
        entry = {"tokens_per_minute": tokens_per_minute, "requests_per_minute": requests_per_minute}
        given: dict[str, object] = {n: value for n, value in entry.items() if value is not None}
        if not given:
            raise SimulatorError("limits: give it requests_per_minute or tokens_per_minute")
        if deployment not in self._control.get("config")["openai_deployments"]:
            given["model"] = deployment  # as clients of undefined deployments call it
        self._control.send("PATCH", "config", {"openai_deployments": {deployment: given}})
        self._counted = True

    def latency(
        self,
        *,
        first_token_ms: float | None = None,
        per_token_ms: float | None = None,
        factor: float | None = None,
    ) -> None:
        """Let answers take time, in milliseconds: to the first token, and for each later one. All
        waiting, that of rules too, is multiplied by `factor`.
        """
        wanted = {
            "open_ai_time_to_first_token": first_token_ms,
            "open_ai_inter_token": per_token_ms,
        }
        members: dict[str, object] = {
            name: {"mean": mean, "std_dev": 0} for name, mean in wanted.items() if mean is not None
        }
        if factor is not None:
            members["factor"] = factor
        if not members:
            raise SimulatorError("latency: give it first_token_ms, per_token_ms or factor")
        self._control.send("PATCH", "config", {"latency": members})

    def when(self, **conditions: Any) -> When:
        """Say what matching requests get: `when(contains="France").reply("Paris.")`.

        The conditions are those of a rule's `when`; all of them have to hold. Of several rules the
        first that matches decides.
        """
        return When(conditions, lambda rule: self._control.send("POST", "rules", {"rules": [rule]}))

    def record(self, url: str, folder: str) -> None:
        """Record the answers of the Azure OpenAI resource at `url` into a folder, until the reset."""
        self._start(("--record", url), {"RECORDING_DIR": folder})

    def replay(self, folder: str) -> None:
        """Answer from the recordings of a folder, until the reset."""
        if self._process is not None and not Path(folder).is_dir():
            raise SimulatorError(f"there is no folder {folder} to replay from")
        self._start(("--replay", folder), {"REPLAY_SPEED": "0"})

    def reset(self) -> None:
        """Take back all that a test has changed."""
        # A new process has no windows in which requests are counted.
        changed = self._flags != FAST or self._counted
        if self._process is not None and (changed or not self._process.runs):
            self._start(FAST, {})
        self._control.delete("config")
        self._control.delete("rules")
        self._control.delete("requests")

    @property
    def requests(self) -> list[SentRequest]:
        """The requests since the last reset, the oldest first."""
        page = self._control.get("requests?limit=1000")
        return [SentRequest(entry) for entry in reversed(page["requests"])]

    @property
    def costs(self) -> dict[str, Any]:
        """The document of `/++/costs`: what the requests would have cost on Azure."""
        return self._control.get("costs")

    def assert_well_behaved(self) -> None:
        """Raise `AssertionError`, with its findings, if the verdict on the clients is not clean."""
        verdict = self._control.get("verdict")
        if verdict["verdict"] != "clean":
            raise AssertionError("\n".join(map(_finding, verdict["findings"])))

    @property
    def log_size(self) -> int:
        """The length of the log, where what comes next begins; 0 for a named server, which has none."""
        return self._process.size if self._process else 0

    def log(self, since: int = 0) -> str:
        """Return what this server has logged."""
        return self._process.log(since) if self._process else ""

    @property
    def _control(self) -> Control:
        return Control(self.endpoint, self.key)

    def _start(self, flags: tuple[str, ...], settings: Mapping[str, str]) -> None:
        if self._process is None:
            raise SimulatorError(f"{self._named} is not this test's own; it cannot be started anew")
        self._process.stop()
        # A start that fails leaves no server; the next reset starts one.
        self._flags = ()
        self._process.start(flags, settings)
        self._flags, self._counted = flags, False


def _finding(finding: Mapping[str, Any]) -> str:
    return f"{finding['severity']}: {finding['kind']} ({finding['count']}): {finding['advice']}"
