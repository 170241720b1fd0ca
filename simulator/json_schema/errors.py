"""Errors in a schema."""


class UnsatisfiableSchema(ValueError):
    """No instance was found: the schema contradicts itself, or its instances are beyond all bounds."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SearchExhausted(UnsatisfiableSchema):
    """The search took too many steps; unlike its parent, trying another branch does not help."""


# Messages quote what is wrong, which can be as long as a body.
_LONGEST = 5_000


class InvalidSchema(ValueError):
    """A schema that the real service refuses; `message` is what it says."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message if len(message) <= _LONGEST else f"{message[:_LONGEST]}…"
