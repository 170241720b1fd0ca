"""The tokens that a recorded answer reports."""

from collections.abc import Sequence

import msgspec

from simulator.messages import Usage
from simulator.recordings.exchange import Piece

_DATA = b"data: "
_PRICED_APART = frozenset({"flex", "priority"})


class _Details(msgspec.Struct):
    reasoning_tokens: int | None = None
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None


class _Reported(msgspec.Struct):
    """Chat, completions and embeddings use the first two names, Responses and Claude the other two. Claude
    counts what is cached beside them."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    prompt_tokens_details: _Details | None = None
    completion_tokens_details: _Details | None = None
    input_tokens_details: _Details | None = None
    output_tokens_details: _Details | None = None


class _Inner(msgspec.Struct):
    usage: _Reported | None = None
    service_tier: str | None = None


class _Answered(_Inner):
    """`response` is where the last event of a Responses stream has it."""

    response: _Inner | None = None


def usage_of(pieces: Sequence[Piece], *, streamed: bool) -> Usage | None:
    """The usage that the body reports; in a stream, that of the last event with one."""
    if not streamed:
        return _parse(b"".join(piece.data for piece in pieces))
    for piece in reversed(pieces):
        if b'"usage"' in piece.data:
            _, _, data = piece.data.partition(_DATA)
            found = _parse(data)
            if found is not None:
                return found
    return None


def _parse(data: bytes) -> Usage | None:
    if b'"usage"' not in data:
        return None
    try:
        answer = msgspec.json.decode(data, type=_Answered)
    except (ValueError, RecursionError):  # an answer of another kind
        return None
    told = answer if answer.usage or answer.response is None else answer.response
    return _usage(told.usage, told.service_tier) if told.usage else None


def _usage(reported: _Reported, tier: str | None) -> Usage:
    asked = reported.prompt_tokens_details or reported.input_tokens_details or _Details()
    given = reported.completion_tokens_details or reported.output_tokens_details or _Details()
    read = reported.cache_read_input_tokens or 0
    beside = read + (reported.cache_creation_input_tokens or 0)
    return Usage(
        prompt=(reported.prompt_tokens or reported.input_tokens or 0) + beside,
        completion=reported.completion_tokens or reported.output_tokens or 0,
        reasoning=given.reasoning_tokens or 0,
        cached=asked.cached_tokens or read,
        written=_written(reported, asked),
        tier=tier if tier in _PRICED_APART else "default",
    )


def _written(reported: _Reported, asked: _Details) -> int | None:
    """The tokens that were written to the cache; None if none is counted."""
    return asked.cache_write_tokens or reported.cache_creation_input_tokens or None
