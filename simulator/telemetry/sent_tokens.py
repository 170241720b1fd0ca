"""Tokens that the events of a stream have carried to a client, counted as they leave."""

import msgspec

from simulator.messages import Usage

# Texts in events with a piece of the answer, of chat, completions, Responses and messages. A piece is one
# token of generated streams, and of those of the real service but for a few.
_PIECES = (b'"delta":{"content":"', b'"text":"', b'"arguments":"')
_EMPTY = (b'"delta":{"content":""', b'"text":""', b'"arguments":""')
_EVENTS = (
    b"event: response.output_text.delta\n",
    b"event: response.function_call_arguments.delta\n",
    b"event: response.custom_tool_call_input.delta\n",
    b"event: content_block_delta\n",
)

STREAMS_OF_TEXT = frozenset({"chat_completions", "completions", "messages", "responses"})
"""The operations whose streams have a piece of text in each event."""


def pieces_in(events: bytes) -> int:
    """The number of pieces of an answer in some events."""
    if events.startswith(b"event: "):
        return sum(map(events.count, _EVENTS))
    return sum(map(events.count, _PIECES)) - sum(map(events.count, _EMPTY))


def sent(usage: Usage, pieces: int) -> Usage:
    """The usage of an answer whose client left after some pieces.

    A model that has begun to write has thought before; one that has not may have been thinking.
    """
    spent = usage.reasoning + pieces if pieces else 0
    return msgspec.structs.replace(
        usage,
        completion=min(usage.completion, spent),
        reasoning=usage.reasoning if pieces else 0,
    )
