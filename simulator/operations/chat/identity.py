"""The identity of a chat answer, which every event of a stream repeats."""

from msgspec import Struct

from simulator.catalogue.models import Model


class AnswerIdentity(Struct, frozen=True):
    """The members that every part of one answer shares."""

    id: str
    created: int
    model: Model
    tier: str = "default"
    """The service tier that served it."""
    images: tuple[int, ...] = ()
    """The places of the prompt's images among its parts."""
