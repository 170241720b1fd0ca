"""The simulator's own routes over HTTP: the only thing that the test API needs of a server."""

import http
import json
import urllib.error
import urllib.request
from typing import Any

_TIMEOUT = 30.0


class SimulatorError(Exception):
    """The simulator refused what a test asked of it, or is not there; the message says why."""


class Control:
    """Calls the routes under `/++/` with the simulator's key."""

    def __init__(self, endpoint: str, key: str) -> None:
        self.endpoint = endpoint
        self._key = key
        # A proxy of the environment must not stand between a test and its own machine.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def get(self, path: str) -> Any:
        return self._call("GET", path)

    def send(self, method: str, path: str, document: object) -> Any:
        return self._call(method, path, json.dumps(document).encode())

    def delete(self, path: str) -> None:
        self._call("DELETE", path)

    def _call(self, method: str, path: str, body: bytes | None = None) -> Any:
        request = urllib.request.Request(  # noqa: S310 - the simulator's own address
            f"{self.endpoint}/++/{path}",
            body,
            {"api-key": self._key, "content-type": "application/json"},
            method=method,
        )
        try:
            with self._opener.open(request, timeout=_TIMEOUT) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            said = _message(error.read().decode(errors="replace"))
            if error.code == http.HTTPStatus.UNAUTHORIZED:
                said = "the key is not the simulator's"
            raise SimulatorError(f"{method} /++/{path}: {error.code}: {said}") from None
        except OSError as error:
            reason = getattr(error, "reason", error)  # without "<urlopen error …>"
            raise SimulatorError(f"{self.endpoint} does not answer: {reason}") from None


def _message(body: str) -> str:
    """Return the message of an error's body on one line; the body itself where it has none."""
    try:
        said = json.loads(body)["error"]["message"]
    except (ValueError, KeyError, TypeError):
        said = body
    return " ".join(str(said).split())
