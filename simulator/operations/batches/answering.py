"""The answer to one line of a batch: a line of the output file or of the error file."""

from typing import NamedTuple

import msgspec
from msgspec import Raw, Struct

from simulator.authentication.caller import Caller
from simulator.errors import InvalidRequest, ServerError
from simulator.messages import Request
from simulator.operations.batches.lines import BODY, LINE, json_value
from simulator.operations.batches.store import StoredBatch
from simulator.operations.own_requests import OwnAnswer, OwnRequests

_EXPIRED = {
    "code": "batch_expired",
    "message": "This request could not be executed before the completion window expired.",
}


class OutputLine(NamedTuple):
    """A line with its line end; `failed` ones are for the error file."""

    data: bytes
    failed: bool


class _Response(Struct):
    body: Raw
    request_id: str
    status_code: int


class _Output(Struct):
    custom_id: str
    response: _Response | None
    error: dict[str, str] | None = None


class Answerer:
    """Answers lines of one batch through the pipeline, as requests of whoever has created it."""

    def __init__(self, own: OwnRequests, batch: StoredBatch, resource: str) -> None:
        self._pipeline = own.pipeline
        self._path = f"/openai/v1/{batch.operation}"
        self._resource = resource
        self._caller = Caller(batch.caller, "user")

    async def answered(self, data: bytes) -> OutputLine:
        line = LINE.decode(data)
        body = bytes(line.body)
        answer = _refused_stream(body) or await self._sent(body)
        response = _response(answer)
        failed = response.status_code >= 300
        return OutputLine(msgspec.json.encode(_Output(line.custom_id, response)) + b"\n", failed)

    def expired(self, data: bytes) -> OutputLine:
        """The line of a request that was not answered in time (OpenAI's guide on batches)."""
        output = _Output(LINE.decode(data).custom_id, None, _EXPIRED)
        return OutputLine(msgspec.json.encode(output) + b"\n", failed=True)

    async def _sent(self, body: bytes) -> OwnAnswer:
        request = Request("POST", self._path, body=body, resource=self._resource)
        return await self._pipeline.own(request, self._caller)


def _refused_stream(body: bytes) -> OwnAnswer | None:
    # A name in JSON may be written with escapes.
    if b'"stream"' not in body and b"\\u" not in body:
        return None
    if BODY.decode(body).stream is not True:
        return None
    error = InvalidRequest("Batches do not stream: leave out 'stream'.", param="stream")
    return OwnAnswer("", error.status, error.body())


def _response(answer: OwnAnswer) -> _Response:
    """The answer on one line. What a live client would not have got whole is an error of the server."""
    status, body = answer.status, answer.body
    value = None if answer.broken else json_value(body)
    if value is None:
        status, body = ServerError.status, ServerError(answer.request_id).body()
        value = Raw(body)
    # Nearly all bodies have a line end, behind everything else.
    if body.find(b"\n", 0, -1) >= 0:
        value = Raw(msgspec.json.format(value, indent=-1))
    return _Response(value, answer.request_id, status)
