"""Forms with files (`multipart/form-data`), read into fields and files."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import SEEK_END, BytesIO
from typing import TYPE_CHECKING, BinaryIO, TypeVar, cast

from simulator.errors import InvalidRequest, missing_parameter
from simulator.wire.body import Body

if TYPE_CHECKING:
    from python_multipart import multipart

T = TypeVar("T")

# Bytes that the parser gets at a time: it copies them, in which no other thread runs.
_PIECE = 2**20
MOST_PARTS = 256
"""More parts than any operation takes; a form of a million empty parts is not worth the time."""


@dataclass(frozen=True, slots=True)
class File:
    """One uploaded file, with the name and the content type that the client gives it. A large one lies on
    the disk, as long as its request is under way.
    """

    name: str
    content: bytes | BinaryIO
    content_type: str = ""

    @property
    def size(self) -> int:
        """Bytes."""
        if isinstance(self.content, bytes):
            return len(self.content)
        size = self.content.seek(0, SEEK_END)
        self.content.seek(0)
        return size

    @property
    def data(self) -> bytes:
        """All bytes of the file."""
        if isinstance(self.content, bytes):
            return self.content
        self.content.seek(0)
        return self.content.read()


@dataclass(frozen=True, slots=True)
class Form:
    """Fields and files in their order. `name[]` is the same as `name`: both may be repeated."""

    fields: Mapping[str, Sequence[str]]
    files: Mapping[str, Sequence[File]]

    def value(self, name: str) -> str:
        """The last value of a field; raises `InvalidRequest` if it is missing."""
        values = self.fields.get(name)
        if not values:
            raise missing_parameter(name)
        return values[-1]

    def decode(self, body: Body[T], *, lists: Sequence[str] = (), texts: Sequence[str] = ()) -> T:
        """The fields as parameters; raises `InvalidRequest`.

        Everything in a form is text: what is not among `texts` is read as a number or a truth value
        if it is written like one. A field of `lists` is a list, however often it comes.
        """
        members = self._members(lists, texts)
        return body.decode(json.dumps(members).encode())

    def members(self) -> dict[str, object]:
        """The fields as members of JSON; one that comes more than once is a list."""
        return self._members([name for name, values in self.fields.items() if len(values) > 1], ())

    def _members(self, lists: Sequence[str], texts: Sequence[str]) -> dict[str, object]:
        members: dict[str, object] = {}
        for name, values in self.fields.items():
            read = values if name in texts else [_scalar(value) for value in values]
            members[name] = read if name in lists else read[-1]
        return members


def parse_form(content_type: str, body: bytes) -> Form:
    """Read a body by the boundary in its content type; raises `InvalidRequest`."""
    # Imported here: most processes never see a form.
    from python_multipart.exceptions import FormParserError
    from python_multipart.multipart import FormParser, parse_options_header

    kind, options = parse_options_header(content_type.encode("latin-1", "replace"))
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise unreadable_form()
    parts = _Parts()
    try:
        parser = FormParser(
            kind.decode(),
            parts.add_field,
            parts.add_file,
            parts.end,
            boundary=boundary,
            # The body is in memory, and so are its files.
            config={"MAX_MEMORY_FILE_SIZE": len(body)},
        )
        for start in range(0, len(body), _PIECE):
            parser.write(body[start : start + _PIECE])
        parser.finalize()
    except FormParserError:
        raise unreadable_form() from None
    if not parts.complete:
        raise unreadable_form()
    return parts.form()


def unreadable_form() -> InvalidRequest:
    """The refusal of a body that is no form, or no whole one."""
    return InvalidRequest("Could not parse multipart form")


def _scalar(text: str) -> object:
    """A number or a truth value if the text is written like one, else the text."""
    lowered = text.strip().lower()
    if lowered in ("true", "false"):
        return lowered == "true"
    for kind in (int, float):
        try:
            number = kind(lowered)
        except ValueError:
            continue
        # JSON knows neither an infinite number nor one that is none.
        return number if number - number == 0 else text
    return text


def member_of(name: str) -> str:
    """The name of a field or file without the brackets that say it may be repeated."""
    return name.removesuffix("[]")


class _Parts:
    """The fields and files that the parser finds."""

    def __init__(self) -> None:
        self.fields: dict[str, list[str]] = {}
        self.files: dict[str, list[File]] = {}
        self.complete = False
        self._count = 0

    def add_field(self, part: "multipart.Field") -> None:
        value = (part.value or b"").decode(errors="replace")
        self.fields.setdefault(self._name(part.field_name), []).append(value)

    def add_file(self, part: "multipart.File") -> None:
        name = (part.file_name or b"").decode(errors="replace")
        buffer = cast("BytesIO", part.file_object)
        file = File(name, buffer.getvalue(), part.content_type or "")
        # The parser lives until the next collection, and its buffer with it.
        buffer.close()
        self.files.setdefault(self._name(part.field_name), []).append(file)

    def end(self) -> None:
        self.complete = True

    def form(self) -> Form:
        """Return all of them, and keep nothing: the parser holds on to this."""
        form = Form(self.fields, self.files)
        self.fields, self.files = {}, {}
        return form

    def _name(self, name: bytes | None) -> str:
        self._count += 1
        if self._count > MOST_PARTS:
            raise unreadable_form()
        return member_of((name or b"").decode(errors="replace"))
