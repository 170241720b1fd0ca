"""`POST …/files`: a file is uploaded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulator.errors import InvalidPayload, InvalidRequest, missing_parameter
from simulator.json_layout import indented
from simulator.latency import Tempo
from simulator.messages import Answer
from simulator.operations.base import Call, Target
from simulator.operations.files.base import FILE_TYPE, FileOperation
from simulator.operations.files.lifetime import checked_lifetime
from simulator.operations.files.store import FileStore, StoredFile, file_id
from simulator.operations.form_operation import form_of
from simulator.operations.routes import resource_routes
from simulator.wire.forms import File
from simulator.wire.origin import base_of

PURPOSES = ("assistants", "batch", "fine-tune", "evals")
MOST_BYTES = 512 * 2**20
MOST_BATCH_BYTES = 200 * 2**20
MOST_FILES, MOST_EXPIRING_FILES = 500, 10_000
"""Files of a resource, without and with `expires_after` (Microsoft's pages on files and batches)."""

_SECONDS = ("expires_after[seconds]", "expires_after.seconds")
_ANCHOR = ("expires_after[anchor]", "expires_after.anchor")
"""The fields' names as clients write them, and as Microsoft's page on batches does."""
_FIELDS = frozenset({"purpose", "file", *_SECONDS, *_ANCHOR})
_LONGEST_NAME = 1_024


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to be kept; `lifetime` is in seconds, None for ever."""

    file: File
    purpose: str
    lifetime: int | None


class UploadFile(FileOperation[Upload]):
    name = "files_upload"
    routes = resource_routes("POST", "files")
    spools = True

    def parse(self, target: Target) -> Upload:
        form = form_of(target.request)
        unknown = (form.fields.keys() | form.files.keys()) - _FIELDS
        if unknown:
            raise InvalidRequest(
                f"Unknown parameter: '{min(unknown)}'.",
                param=min(unknown),
                code="unknown_parameter",
            )
        purpose = form.value("purpose")
        check_purpose(purpose)
        files = form.files.get("file")
        if not files:
            raise missing_parameter("file")
        file = files[-1]
        check_name(purpose, file.name, "file")
        check_size(purpose, file.size)
        return Upload(file, purpose, _lifetime(form.fields))

    async def generate(self, call: Call[Upload], tempo: Tempo) -> Answer:
        del tempo
        upload, resource, now = call.parsed, call.request.resource, self._resources.now()
        await check_room(self._store, resource, upload.lifetime)
        created = int(now)
        stored = StoredFile(
            id=file_id(now, self._resources.rng),
            bytes=upload.file.size,
            created_at=created,
            filename=upload.file.name,
            purpose=upload.purpose,
            expires_at=None if upload.lifetime is None else created + upload.lifetime,
        )
        await self._store.add(resource, stored, upload.file.content)
        return Answer.plain(
            indented(stored.shown()),
            status=201,
            content_type=FILE_TYPE,
            headers={"location": _address(call, stored.id)},
        )


def _address(target: Target, identifier: str) -> str:
    """Return where a file is found; the v1 API calls itself version 1 there."""
    version = target.api_version if target.api_version[:1].isdigit() else "1"
    return f"{base_of(target.request)}/openai/files/{identifier}?api-version={version}"


async def check_room(store: FileStore, resource: str, lifetime: int | None) -> None:
    """Refuse one file more than the resource may have."""
    most = MOST_FILES if lifetime is None else MOST_EXPIRING_FILES
    if await store.count(resource, most) >= most:
        expiry = "without" if lifetime is None else "with"
        raise InvalidPayload(
            f"The quota for files {expiry} expiry is reached. The maximum is {most}.",
            code="quotaExceeded",
        )


def check_size(purpose: str, size: int, most: int = MOST_BYTES, param: str = "file") -> None:
    """Refuses a file that is larger than the service takes for the purpose."""
    most = MOST_BATCH_BYTES if purpose == "batch" else most
    if size > most:
        raise InvalidRequest(
            f"The file is {size} bytes; files of purpose '{purpose}' have at most {most}.",
            param=param,
            code="file_too_large",
        )


def check_purpose(purpose: str) -> None:
    """Refuse a purpose that Azure has not."""
    if purpose not in PURPOSES:
        raise InvalidPayload("Invalid value for purpose.")


def check_name(purpose: str, name: str, param: str) -> None:
    """Refuse a name that is too long, or has not the ending that the purpose needs."""
    if len(name) > _LONGEST_NAME:
        raise InvalidRequest(
            f"The name of the file has more than {_LONGEST_NAME} characters.",
            param=param,
            code="string_above_max_length",
        )
    if purpose in ("batch", "fine-tune") and not name.lower().endswith(".jsonl"):
        raise InvalidPayload("fileName contains an invalid filename: wrong suffix.")


def _lifetime(fields: Mapping[str, Sequence[str]]) -> int | None:
    seconds, anchor = _first_of(fields, _SECONDS), _first_of(fields, _ANCHOR)
    if seconds is None and anchor is None:
        return None
    if seconds is None or anchor is None:
        raise missing_parameter(f"expires_after.{'anchor' if seconds else 'seconds'}")
    return checked_lifetime(seconds[-1], anchor[-1], "expires_after")


def _first_of(fields: Mapping[str, Sequence[str]], names: tuple[str, ...]) -> Sequence[str] | None:
    return next((fields[name] for name in names if name in fields), None)
