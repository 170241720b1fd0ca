"""The base of all errors that a client may see."""

from collections.abc import Mapping

import msgspec

from simulator.messages import NO_HEADERS, Answer

_LONGEST = 16_384


class ApiError(Exception):
    """An error with a body of the real service; `answer()` is what the client gets."""

    status = 500

    def __init__(self, message: str, *, headers: Mapping[str, str] = NO_HEADERS) -> None:
        # A message may name what a client has sent, which may have 100 MB.
        self.message = cut(message)
        super().__init__(self.message)
        self.headers = headers

    def body(self) -> bytes:
        raise NotImplementedError

    def answer(self) -> Answer:
        return Answer.plain(self.body(), status=self.status, headers=self.headers)


def body_with_details(code: str | None, message: str) -> bytes:
    """The body in which Foundry passes on what is not Azure OpenAI's."""
    return msgspec.json.encode({"error": {"code": code, "message": message, "details": message}})


def cut(text: str) -> str:
    """The beginning of a text, if it is too long for an error."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


class ClientGone(Exception):
    """The client hung up before its request was read; nobody is there to be answered."""
