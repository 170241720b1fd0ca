"""The format of log lines: each message is one line, whatever clients put into it."""

import logging

_LONGEST = 4_000
_INDENT = "    "


class LineFormat(logging.Formatter):
    """Escapes what would begin a line or command a terminal, and cuts messages of great length.

    The lines of a traceback are indented, so that none of them looks like another message.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (the base's name)
        if not record.message.isprintable() or len(record.message) > _LONGEST:
            record.message = _escaped(record.message)
        return super().formatMessage(record)

    def format(self, record: logging.LogRecord) -> str:
        head, *more = super().format(record).split("\n")
        return "\n".join((head, *(_INDENT + _escaped(line) for line in more)))


def _escaped(text: str) -> str:
    cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    if cut.isprintable():
        return cut
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in cut
    )
