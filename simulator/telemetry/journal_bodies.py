"""Bodies for the journal: redacted as recordings are, then cut."""

import logging
from collections.abc import Callable

from simulator.journal.entry import Bodies
from simulator.messages import Request
from simulator.storage.container import StorageError

logger = logging.getLogger(__name__)

BODY_BYTES = 16 * 1024
"""Bytes of each body that are kept."""
MOST_READ = 2**20
"""Bytes of a request that are searched for secrets: of a larger one nothing is kept."""
_LONGEST_TYPE = 256

Redact = Callable[[bytes, bytes], tuple[bytes, bytes]]
"""Returns the bodies of a request and of its answer without secrets; raises `StorageError`."""


class JournalBodies:
    """Keeps the beginning of each body, without what `redact` takes for a secret."""

    def __init__(self, redact: Redact) -> None:
        self._redact = redact

    def of(self, request: Request, response: bytes) -> Bodies:
        """Return the bodies of an exchange; empty ones where an extension's redaction fails."""
        body = request.body if len(request.body) <= MOST_READ else b""
        content_type = request.headers.get("content-type", "application/json")[:_LONGEST_TYPE]
        try:
            asked, answered = self._redact(body, response[:MOST_READ])
        except StorageError as error:
            logger.warning("the journal does without the bodies of a request: %s", error)
            return Bodies("", "", False, content_type)
        whole = asked == request.body and len(asked) <= BODY_BYTES
        text = _text(asked)
        whole = whole and text.encode() == asked and "\0" not in text
        return Bodies(text, _text(answered), whole, content_type)


def _text(body: bytes) -> str:
    return body[:BODY_BYTES].decode("utf-8", "replace")
