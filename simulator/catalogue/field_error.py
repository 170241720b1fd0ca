"""The error of one field of an object that people write into a file."""


class FieldError(Exception):
    """An invalid field, and the reason; `field` is its place in the object, "" for the object itself."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(field, problem)
        self.field = field
        self.problem = problem

    def within(self, name: str) -> "FieldError":
        """Return the error as that of the object of which this one's object is the field `name`."""
        return FieldError(f"{name}.{self.field}" if self.field else name, self.problem)
