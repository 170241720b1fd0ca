"""The body of a request: read whole, or as a form whose large files are put on the disk as they come."""

from collections.abc import AsyncGenerator, Mapping
from io import BytesIO

from python_multipart.multipart import parse_options_header
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.types import Message, Receive
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from simulator.errors import ClientGone, Unavailable
from simulator.hosting.bodies import SMALL, Bodies
from simulator.hosting.departure import Departure
from simulator.wire.forms import MOST_PARTS, File, Form, member_of, unreadable_form


class RequestBody:
    """Reads a body within the bounds of bodies, and watches from then on whether the client leaves.

    Raises `BodyTooLarge` as soon as that is known, `Unavailable` if too many large ones are under way,
    or `ClientGone`.
    """

    def __init__(
        self, receive: Receive, headers: Mapping[str, str], bodies: Bodies, departure: Departure
    ) -> None:
        self._receive = receive
        self._headers = headers
        self._bodies = bodies
        self._room = bodies.memory
        self._departure = departure
        self._files: list[UploadFile] = []
        self._length = 0
        self._taken = 0

    async def __call__(self) -> bytes:
        """Return the body like `request.body()`, at a third of its cost where it arrives in one piece."""
        if (body := self._arrived()) is not None:
            self._departure.watch()
            return body
        self._check_announced()
        whole = BytesIO()
        while True:
            message = await self._receive()
            piece = self._piece_of(message)
            more = message.get("more_body", False)
            if not more:
                self._departure.watch()
                if self._length == len(piece):
                    return piece
            whole.write(piece)
            if not more:
                # Unlike a join of pieces, this neither copies them nor holds them twice.
                return whole.getvalue()

    async def form(self) -> Form:
        """Return the body as a form; raises `InvalidRequest` as well, and `Unavailable` if the disk takes no
        more. Files of more than a megabyte lie there until `close`."""
        self._check_announced()
        self._room = self._bodies.disk
        parser = _Parser(
            Headers({"content-type": _boundary_alone(self._headers.get("content-type", ""))}),
            self._pieces(),
            max_files=MOST_PARTS,
            max_fields=MOST_PARTS,
        )
        try:
            items = (await parser.parse()).multi_items()
        except MultiPartException:
            raise unreadable_form() from None
        except OSError as error:
            raise Unavailable(
                "The upload cannot be put on the disk of the simulator. Please try again.",
                headers={"retry-after": "1"},
            ) from error
        self._files = [item for _, item in items if isinstance(item, UploadFile)]
        if not parser.complete:
            raise unreadable_form()
        return _form(items)

    def close(self) -> None:
        """Let go of the files and of the room."""
        for file in self._files:
            file.file.close()
        if self._taken:
            self._room.give(self._taken)
            self._taken = 0

    def _arrived(self) -> bytes | None:
        """Take a small body that is here whole from uvicorn, without the message that `receive` makes of
        it; None from another server, or if there is more to do."""
        cycle: object = getattr(self._receive, "__self__", None)
        if type(cycle) is not RequestResponseCycle or cycle.more_body or cycle.disconnected:
            return None
        if cycle.waiting_for_100_continue or len(cycle.body) > SMALL:
            return None
        body, cycle.body = bytes(cycle.body), bytearray()
        cycle.flow.resume_reading()
        return body

    def _check_announced(self) -> None:
        announced = self._headers.get("content-length", "")
        if announced.isdecimal() and len(announced) > 6:
            self._bodies.check(int(announced[:20]))

    async def _pieces(self) -> AsyncGenerator[bytes, None]:
        more = True
        while more:
            message = await self._receive()
            yield self._piece_of(message)
            more = message.get("more_body", False)
        self._departure.watch()

    def _piece_of(self, message: Message) -> bytes:
        if message["type"] == "http.disconnect":
            raise ClientGone
        piece: bytes = message.get("body", b"")
        self._length += len(piece)
        if self._length > SMALL:
            self._grow()
        return piece

    def _grow(self) -> None:
        self._bodies.check(self._length)
        self._room.take(self._length - self._taken)
        self._taken = self._length


def _boundary_alone(content_type: str) -> str:
    """Return the type without its `charset`: fields are UTF-8, whichever a client names. Some of Python's
    take minutes for a megabyte, and each name that is unknown stays in its memory."""
    _, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"").decode("latin-1")
    if not boundary:
        raise unreadable_form()
    quoted = boundary.replace("\\", "\\\\").replace('"', '\\"')
    return f'multipart/form-data; boundary="{quoted}"'


class _Parser(MultiPartParser):
    """Starlette's, which does not say by itself whether the form has come to its end."""

    complete = False

    def on_end(self) -> None:
        self.complete = True


def _form(items: list[tuple[str, UploadFile | str]]) -> Form:
    fields: dict[str, list[str]] = {}
    files: dict[str, list[File]] = {}
    for name, item in items:
        if isinstance(item, str):
            fields.setdefault(member_of(name), []).append(item)
        else:
            file = File(item.filename or "", item.file, item.content_type or "")
            files.setdefault(member_of(name), []).append(file)
    return Form(fields, files)
