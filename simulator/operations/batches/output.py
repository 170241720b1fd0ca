"""The output of a batch: made when somebody looks after its lines are due, and the same ever after."""

import asyncio
import contextlib
import math
from dataclasses import dataclass, field

from msgspec.structs import replace

from simulator.errors import ApiError
from simulator.operations.batches.answering import Answerer
from simulator.operations.batches.course import Course, course_of
from simulator.operations.batches.lines import places
from simulator.operations.batches.store import BatchStore, StoredBatch, Work
from simulator.operations.files.store import FileStore, StoredFile
from simulator.operations.resources import Resources

PART_BYTES = 4 * 2**20
"""Bytes of output that are held in memory before they are stored."""
SECONDS = 5.0
"""Seconds of work that one look at a batch does; the next look goes on from there."""
LEASE = 60.0
"""Seconds after which another goes on with the work of who has stopped."""
# Seconds after which other requests have their turn.
_TURN = 0.005


@dataclass(slots=True)
class _Pending:
    """Lines that are made and not stored yet."""

    output: list[bytes] = field(default_factory=list[bytes])
    errors: list[bytes] = field(default_factory=list[bytes])
    size: int = 0
    offset: int = 0
    number: int = 0
    done: int = 0

    def add(self, data: bytes, *, failed: bool) -> None:
        (self.errors if failed else self.output).append(data)
        self.size += len(data)
        self.done += 1


class Outputs:
    """Makes outputs. One at a time works on a batch, in whatever instance; what it has stored is never
    made again, so that every reader sees the same."""

    def __init__(self, resources: Resources, store: BatchStore) -> None:
        self._resources = resources
        self._store = store
        self._files = FileStore(resources.container, resources.now)

    async def of(self, resource: str, batch: StoredBatch, until: float = math.inf) -> Work:
        """Return how far the output is, when what is due has been worked on for `SECONDS` at most, and
        not beyond `until` (a moment of the clock)."""
        course = course_of(batch)
        work, _ = await self._store.work(resource, batch.id)
        if work.made or work.lost or self._resources.now() < course.due or batch.problems:
            return work
        if self._resources.clock() >= until:
            return work
        flight = self._resources.batches.under_way
        await flight.share(
            f"{resource}/{batch.id}", lambda: self._go_on(resource, batch, course, until)
        )
        return (await self._store.work(resource, batch.id))[0]

    async def _go_on(self, resource: str, batch: StoredBatch, course: Course, until: float) -> None:
        work, etag = await self._store.work(resource, batch.id)
        if work.made or work.lost or (work.holder and work.until > self._resources.now()):
            return
        holder = f"{self._resources.secrets.getrandbits(64):016x}"
        until = min(until, self._resources.clock() + SECONDS)
        making = _Making(self._resources, self._files, resource, batch, course, until)
        await making.run(replace(work, holder=holder), etag)


class _Making:
    """One stretch of work on the output of one batch."""

    def __init__(
        self,
        resources: Resources,
        files: FileStore,
        resource: str,
        batch: StoredBatch,
        course: Course,
        until: float,
    ) -> None:
        self._resources = resources
        self._store = BatchStore(resources.container)
        self._files = files
        self._resource = resource
        self._batch = batch
        self._course = course
        self._answerer = Answerer(resources.own_requests, batch, resource)
        self._until = until
        self._held: tuple[Work, str] | None = None

    async def run(self, work: Work, etag: str) -> None:
        """Go on for `SECONDS` at most, unless somebody else works on it."""
        self._held = await self._advance(work, etag)
        try:
            data = await self._input()
            while self._held is not None:
                self._held = await self._advanced(data, *self._held)
        except BaseException:
            # Whoever looks next goes on at once.
            if self._held is not None:
                with contextlib.suppress(ApiError):
                    await self._advance(replace(self._held[0], holder=""), self._held[1])
            raise

    async def _advanced(self, data: bytes | None, work: Work, etag: str) -> tuple[Work, str] | None:
        """Make one part and store it; None when that was all for this time."""
        if data is None:
            return await self._advance(replace(work, lost=True, holder=""), etag)
        pending = await self._answered(data, work)
        work = await self._stored(work, pending)
        over = pending.offset >= len(data)
        if over:
            await self._finish(work)
        stop = over or self._resources.clock() >= self._until
        return await self._advance(
            replace(work, made=over, holder="" if stop else work.holder), etag
        )

    async def _advance(self, work: Work, etag: str) -> tuple[Work, str] | None:
        """Store how far it is; None if somebody else works on it."""
        work = replace(work, until=self._resources.now() + LEASE)
        if not await self._store.advance(self._resource, self._batch.id, work, etag):
            return None
        found, etag = await self._store.work(self._resource, self._batch.id)
        return (found, etag) if work.holder and found.holder == work.holder else None

    async def _input(self) -> bytes | None:
        """The input file; None where it is gone, unless what is answered of it does not matter any more."""
        if not self._course.lines and self._course.final != "expired":
            return b""
        stored = await self._files.find(self._resource, self._batch.input_file_id)
        data = None if stored is None else await self._files.content(self._resource, stored)
        return b"" if data is None and self._course.final == "cancelled" else data

    async def _answered(self, data: bytes, work: Work) -> _Pending:
        """The next lines, as many as fit into a part and into the time."""
        pending = _Pending(offset=work.offset, number=work.number)
        clock = self._resources.clock
        turn = clock() + _TURN
        for place in places(data, start=work.offset, number=work.number):
            if work.done + pending.done < self._course.lines:
                line = await self._answerer.answered(place.data)
            elif self._course.final == "expired":
                line = self._answerer.expired(place.data)
            else:
                break
            pending.add(line.data, failed=line.failed)
            pending.offset, pending.number = place.end, place.number
            now = clock()
            if pending.size >= PART_BYTES or now >= self._until:
                return pending
            if now >= turn:
                await asyncio.sleep(0)
                turn = clock() + _TURN
        pending.offset = len(data)
        return pending

    async def _stored(self, work: Work, pending: _Pending) -> Work:
        """The work with the lines of a part, which are in the container then."""
        part = f"{work.number:06d}-{work.holder}"
        batch, output, errors = self._batch, b"".join(pending.output), b"".join(pending.errors)
        if output:
            await self._files.add_part(self._resource, batch.output_file_id, part, output)
        if errors:
            await self._files.add_part(self._resource, batch.error_file_id, part, errors)
        return replace(
            work,
            offset=pending.offset,
            number=pending.number,
            done=work.done + pending.done,
            failed=work.failed + len(pending.errors),
            output=[*work.output, part] if output else work.output,
            output_bytes=work.output_bytes + len(output),
            errors=[*work.errors, part] if errors else work.errors,
            error_bytes=work.error_bytes + len(errors),
        )

    async def _finish(self, work: Work) -> None:
        """Add both files, the error file even if it is empty."""
        batch = self._batch
        output = self._file(batch.output_file_id, "output", work.output, work.output_bytes)
        errors = self._file(batch.error_file_id, "error", work.errors, work.error_bytes)
        await self._files.add_parts(self._resource, output)
        await self._files.add_parts(self._resource, errors)

    def _file(self, identifier: str, kind: str, parts: list[str], size: int) -> StoredFile:
        created, lifetime = int(self._course.ended), self._batch.output_lifetime
        return StoredFile(
            id=identifier,
            bytes=size,
            created_at=created,
            filename=f"{self._batch.id}_{kind}.jsonl",
            purpose="batch_output",
            expires_at=None if lifetime is None else created + lifetime,
            parts=parts,
        )
