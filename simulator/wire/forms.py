"""Forms with files (`multipart/form-data`), read into fields and files."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from simulator.errors import InvalidRequest
from simulator.wire.body import Body

T = TypeVar("T")

# More parts than any operation takes; a form of a million empty parts is not worth the time.
_MAX_PARTS = 256


@dataclass(frozen=True, slots=True)
class File:
    """One uploaded file, with the name and the content type that the client gives it."""

    name: str
    data: bytes
    content_type: str = ""


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
        members: dict[str, object] = {}
        for name, values in self.fields.items():
            read = values if name in texts else [_scalar(value) for value in values]
            members[name] = read if name in lists else read[-1]
        return body.decode(json.dumps(members).encode())


def parse_form(content_type: str, body: bytes) -> Form:
    """Reads a body by the boundary in its content type; raises `InvalidRequest`."""
    # Imported here: most processes never see a form.
    from python_multipart.exceptions import FormParserError
    from python_multipart.multipart import MultipartParser, parse_options_header

    kind, options = parse_options_header(content_type.encode("latin-1", "replace"))
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise _unreadable()
    parts = _Parts()
    try:
        parser = MultipartParser(
            boundary,
            {
                "on_part_begin": parts.begin,
                "on_header_field": parts.add_header_name,
                "on_header_value": parts.add_header_value,
                "on_header_end": parts.end_header,
                "on_part_data": parts.add_data,
                "on_end": parts.end,
            },
        )
        parser.write(body)
        parser.finalize()
    except FormParserError:
        raise _unreadable() from None
    if not parts.complete:
        raise _unreadable()
    return parts.form()


def missing_parameter(name: str) -> InvalidRequest:
    return InvalidRequest(
        f"Missing required parameter: '{name}'.", param=name, code="missing_required_parameter"
    )


def _unreadable() -> InvalidRequest:
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


@dataclass(slots=True)
class _Part:
    """One part as it is read."""

    headers: dict[bytes, bytes] = field(default_factory=dict[bytes, bytes])
    data: list[bytes] = field(default_factory=list[bytes])


class _Parts:
    """The parser's events, collected."""

    def __init__(self) -> None:
        self.complete = False
        self._parts: list[_Part] = []
        self._name, self._value = b"", b""

    def begin(self) -> None:
        if len(self._parts) == _MAX_PARTS:
            raise _unreadable()
        self._parts.append(_Part())

    def add_header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def add_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def end_header(self) -> None:
        self._parts[-1].headers[self._name.lower()] = self._value
        self._name, self._value = b"", b""

    def add_data(self, data: bytes, start: int, end: int) -> None:
        self._parts[-1].data.append(data[start:end])

    def end(self) -> None:
        self.complete = True

    def form(self) -> Form:
        from python_multipart.multipart import parse_options_header

        fields: dict[str, list[str]] = {}
        files: dict[str, list[File]] = {}
        for part in self._parts:
            _, options = parse_options_header(part.headers.get(b"content-disposition"))
            name = options.get(b"name", b"").decode(errors="replace").removesuffix("[]")
            data = b"".join(part.data)
            if b"filename" in options:
                file_name = options[b"filename"].decode(errors="replace")
                kind = part.headers.get(b"content-type", b"").decode("latin-1")
                files.setdefault(name, []).append(File(file_name, data, kind))
            else:
                fields.setdefault(name, []).append(data.decode(errors="replace"))
        return Form(fields, files)
