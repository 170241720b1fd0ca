"""JSON as it stands in a prompt: without blanks."""

import json
import re

import msgspec

_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")


def compact(value: object) -> str:
    """The JSON of a value that was decoded from JSON, with its letters as they are.

    Nothing for a value that is nested deeper than can be written: no schema of any use is.
    """
    try:
        return msgspec.json.encode(value).decode()
    except RecursionError:
        return ""


def ascii_compact(value: object) -> str:
    """The JSON of such a value with every letter beyond ASCII escaped."""
    return _BEYOND_ASCII.sub(lambda found: json.dumps(found[0])[1:-1], compact(value))
