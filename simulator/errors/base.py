"""The base of all errors that a client may see."""

from collections.abc import Mapping

from simulator.messages import NO_HEADERS, Answer


class ApiError(Exception):
    """An error with a body of the real service; `answer()` is what the client gets."""

    status = 500

    def __init__(self, message: str, *, headers: Mapping[str, str] = NO_HEADERS) -> None:
        super().__init__(message)
        self.message = message
        self.headers = headers

    def body(self) -> bytes:
        raise NotImplementedError

    def answer(self) -> Answer:
        return Answer.plain(self.body(), status=self.status, headers=self.headers)


class ClientGone(Exception):
    """The client hung up before its request was read; nobody is there to be answered."""
