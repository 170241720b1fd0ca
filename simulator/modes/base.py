"""The interface of a mode, which is the source of answers."""

from typing import Protocol

from simulator.messages import Answer
from simulator.operations.base import Call, P


class Mode(Protocol):
    """Answers a call, or raises `ApiError`. Auth, limits and pacing are done around it."""

    strict: bool
    """The simulator itself judges the request; else the upstream or the recording does."""

    async def answer(self, call: Call[P]) -> Answer: ...
