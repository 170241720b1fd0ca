"""Triggers: words in a prompt that make the content filter act, such as `[[filter:violence=high]]`."""

import re
from collections.abc import Iterable
from typing import cast

from simulator.catalogue.content_filter import Source
from simulator.content_filter.findings import Finding, finding_of

_MARK = b"[[filter:"
_BRACKETS = 16
MOST = 64
"""Triggers of a prompt that are read."""
_TRIGGER = re.compile(
    r"\[\[filter:(?:(?P<source>prompt|completion):)?(?P<category>[a-z_]{1,40})"
    r"(?:=(?P<value>[A-Za-z0-9._ -]{1,64}))?\]\]"
)


def may_trigger(body: bytes) -> bool:
    """Return True if a trigger begins in the body. One byte is found some thirty times as fast as
    several, and most bodies have few brackets."""
    at = body.find(b"[")
    for _ in range(_BRACKETS):
        if at < 0:
            return False
        if body.startswith(_MARK, at):
            return True
        at = body.find(b"[", at + 1)
    return at >= 0 and body.find(_MARK, at) >= 0


def triggered(texts: Iterable[str]) -> list[tuple[Source, Finding]]:
    """Return what the triggers of a prompt find. One that means nothing is an ordinary text."""
    found: list[tuple[Source, Finding]] = []
    left = MOST
    for text in texts:
        for match in _TRIGGER.finditer(text):
            if left == 0:
                return found
            left -= 1
            source = cast("Source", match["source"] or "prompt")
            try:
                value = match["value"] if match["value"] != "true" else None
                finding = finding_of(match["category"], value or True, source, filtered=True)
            except ValueError:
                continue
            found.append((source, finding))
    return found
