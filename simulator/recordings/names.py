"""The names of blobs. They hold no text of a prompt, for names reach logs."""

import hashlib
import re

from simulator.caching import cached
from simulator.messages import Request

VERSION = "v1/"
LEGACY = "legacy/"
SPOOL = ".spool/"
QUARANTINE = ".quarantine/"

_NO_DEPLOYMENT = "_"
_LONGEST = 80
_MOMENT_DIGITS = 20
_UNSAFE = re.compile(r"[^A-Za-z0-9._]+")
_DEPLOYMENT = re.compile(r"/openai/deployments/([^/]+)/?(.*)", re.DOTALL)
_PART = r"[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,78}[A-Za-z0-9_])?"
_ROUTE = re.compile(rf"(?:v1(?:/{_PART}){{0,2}}|legacy)/?")
_RECORDING = re.compile(r"(v1/[A-Za-z0-9._-]+/[A-Za-z0-9._-]+|legacy)/[0-9a-f]{32}\.json")


def slug(text: str, *, empty: str = _NO_DEPLOYMENT) -> str:
    """The text as one part of a name; two texts may share a slug, for the key distinguishes
    them.
    """
    return _UNSAFE.sub("-", text).strip("-.")[:_LONGEST] or empty


def route_of(request: Request) -> str:
    """The folder of all exchanges of the request's route, e.g. `v1/gpt-4o/chat-completions/`."""
    return _route(request.path)


def _route_of_path(path: str) -> str:
    found = _DEPLOYMENT.fullmatch(path)
    if found:
        return f"{VERSION}{slug(found.group(1))}/{slug(found.group(2), empty='root')}/"
    operation = path.removeprefix("/openai/").strip("/")
    return f"{VERSION}{_NO_DEPLOYMENT}/{slug(operation, empty='root')}/"


_route = cached(_route_of_path, most=1024)


def recording_name(request: Request, key: str) -> str:
    return f"{route_of(request)}{key}.json"


def legacy_name(key: str) -> str:
    return f"{LEGACY}{key}.json"


def is_recording(name: str) -> bool:
    return _RECORDING.fullmatch(name) is not None


def is_route(name: str) -> bool:
    """Return True if this may be the folder of a route, or one that holds such folders."""
    return _ROUTE.fullmatch(name) is not None


def beside(name: str, ending: str) -> str:
    """The name of a body stored beside a recording: `…/9d02.json` and `.bin` give `…/9d02.bin`."""
    return name.removesuffix(".json") + ending


def digest(data: bytes) -> str:
    """A few hex digits that tell two bodies apart."""
    return hashlib.sha256(data).hexdigest()[:8]


def batch_moment(name: str) -> int:
    """The moment in the name of a spool's batch, in nanoseconds; 0 for another name."""
    moment, _, _ = name.rpartition("/")[2].partition("-")
    return int(moment) if moment.isdecimal() and len(moment) <= _MOMENT_DIGITS else 0


def quarantine_name(batch: str, line: int) -> str:
    """The name under which a line of a batch is stored that cannot be understood."""
    return f"{QUARANTINE}{batch.removeprefix(SPOOL).removesuffix('.jsonl')}-{line}.txt"
