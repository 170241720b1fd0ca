"""Commands and scripts that send a request of the journal again; the key comes from the environment."""

import re
import shlex
from collections.abc import Mapping

from simulator.fleet.addresses import FOLDER
from simulator.journal.entry import Bodies, Entry
from simulator.messages import NO_HEADERS
from simulator.wire.inference import MODEL_HEADER, ROOT

BODY_FILE = "body"
"""The file whose content is sent where the journal has no body, or not the whole one."""
_INFERENCE = re.compile(rf"(?:{re.escape(FOLDER)}[^/]+)?{re.escape(ROOT)}")
_BODILESS = frozenset({"GET", "DELETE", "HEAD", "OPTIONS"})


def as_curl(entry: Entry, origin: str) -> str:
    """Return a command for curl."""
    lines = [
        shlex.join(["curl", "-X", entry.method, origin + _path(entry)]),
        '  -H "api-key: $AZURE_OPENAI_API_KEY"',
        *(f"  -H {shlex.quote(f'{name}: {value}')}" for name, value in _headers(entry).items()),
    ]
    if _has_body(entry):
        known = _known(entry)
        data = f"@{BODY_FILE}" if known is None else known
        flag = "--data-binary" if known is None else "--data-raw"
        lines.append(f"  -H {shlex.quote(f'content-type: {_content_type(entry)}')}")
        lines.append(f"  {flag} {shlex.quote(data)}")
    return _note(entry) + " \\\n".join(lines) + "\n"


def as_python(entry: Entry, origin: str) -> str:
    """Return a script in Python."""
    lines = [f"{entry.method!r},", f"{origin + _path(entry)!r},"]
    headers = '"api-key": os.environ["AZURE_OPENAI_API_KEY"]'
    for name, value in _headers(entry).items():
        headers += f", {name!r}: {value!r}"
    if _has_body(entry):
        known = _known(entry)
        data = f"open({BODY_FILE!r}, 'rb').read()" if known is None else f"{known!r}.encode()"
        headers += f', "content-type": {_content_type(entry)!r}'
        lines.append(f"data={data},")
    lines += [f"headers={{{headers}}},", "timeout=600,"]
    arguments = "".join(f"    {line}\n" for line in lines)
    return (
        f"import os\n\nimport requests\n\n{_note(entry)}answer = requests.request(\n{arguments})\n"
        "print(answer.status_code, answer.text)\n"
    )


def _path(entry: Entry) -> str:
    """The address below the origin; a resource that was reached by its host's name has a path, too."""
    if entry.resource and not entry.path.startswith(FOLDER):
        return f"{FOLDER}{entry.resource}{entry.path}"
    return entry.path


def _headers(entry: Entry) -> Mapping[str, str]:
    """The headers that the route needs; the version is the one that takes most, and a model may have been
    named in a header alone."""
    path = entry.path.lower()
    if "/anthropic/v1/" in path:
        return {"anthropic-version": "2023-06-01"}
    if _INFERENCE.match(path) and entry.deployment:
        return {MODEL_HEADER: entry.deployment}
    return NO_HEADERS


def _has_body(entry: Entry) -> bool:
    if entry.bodies is not None and entry.bodies.whole and not entry.bodies.request:
        return False
    return entry.method not in _BODILESS


def _known(entry: Entry) -> str | None:
    """The body, if the journal has all of it."""
    bodies = entry.bodies
    return bodies.request if bodies is not None and bodies.whole else None


def _content_type(entry: Entry) -> str:
    return (entry.bodies or Bodies("", "")).content_type


def _note(entry: Entry) -> str:
    if not _has_body(entry) or _known(entry) is not None:
        return ""
    why = (
        "JOURNAL_BODIES=true keeps bodies" if entry.bodies is None else "it is not kept as it came"
    )
    return f"# The body is read from the file {BODY_FILE!r}: {why}.\n"
