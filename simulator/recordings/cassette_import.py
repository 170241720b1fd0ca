"""Import: cassettes become recordings, each interaction once."""

import asyncio
import email.utils
import re
from collections import Counter
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from simulator.messages import Request, is_event_stream
from simulator.recordings import names
from simulator.recordings.cassette_bounds import Allowance, RefusedError
from simulator.recordings.cassette_files import Interaction, interaction_of
from simulator.recordings.cassette_formats import CassetteError, interactions
from simulator.recordings.cassette_loading import load
from simulator.recordings.events import EventSplitter
from simulator.recordings.exchange import Exchange, Piece
from simulator.recordings.fingerprint import Matching, counted_headers, fingerprint, legacy_key
from simulator.recordings.recorded_errors import RecordedErrors
from simulator.recordings.redaction import Redaction
from simulator.recordings.store import RecordingStore
from simulator.recordings.usage import usage_of

ENDINGS = frozenset({".yaml", ".yml", ".json"})
Progress = Callable[[int, int], None]

_REDACTION = Redaction()
_AT_ONCE = 16
_LONGEST_LINE = 200
_LEAST_STATUS, _MOST_STATUS = 200, 599
_NO_ERRORS = RecordedErrors()
_SLICE = 2**20
_ALREADY = "recorded already"
_SLASHES = re.compile("//+")
_AZURE = (".openai.azure.com", ".cognitiveservices.azure.com", ".services.ai.azure.com")
_OPENAI = "api.openai.com"
_SERVED = "/openai/"


@dataclass(slots=True)
class ImportSummary:
    """The number of exchanges that are new in the store, and of those (or files) skipped, by
    reason.
    """

    imported: int = 0
    skipped: Counter[str] = field(default_factory=Counter[str])

    @property
    def useful(self) -> bool:
        """Return if anything of the cassettes is in the store."""
        return bool(self.imported or self.skipped[_ALREADY])

    def lines(self) -> list[str]:
        """The summary for people."""
        reasons = [f"  {count:6}  {reason}" for reason, count in self.skipped.most_common()]
        skipped = self.skipped.total()
        if not self.imported and not skipped:
            return ["imported 0: no file there looks like a cassette or a recording"]
        return [f"imported {self.imported}, skipped {skipped}", *reasons]


def cassette_files(paths: Iterable[Path]) -> list[Path]:
    """The files named, and those in the folders named that may be cassettes."""
    found: list[Path] = []
    for path in paths:
        inside = (file for file in path.rglob("*") if _may_be_cassette(file))
        found.extend(sorted(inside) if path.is_dir() else [path])
    return found


def _may_be_cassette(file: Path) -> bool:
    plain = file.with_suffix("") if file.suffix.lower() == ".gz" else file
    return plain.suffix.lower() in ENDINGS


async def import_cassettes(
    files: list[Path],
    store: RecordingStore,
    matching: Matching,
    progress: Progress,
    *,
    redaction: Redaction = _REDACTION,
    errors: RecordedErrors = _NO_ERRORS,
) -> ImportSummary:
    """Import the cassettes' exchanges into the store; existing ones stay as they are.

    `progress` is called with the files done and their number. Raises `StorageError`.
    """
    summary = ImportSummary()
    seen: set[str] = set()
    rules = _Rules(matching, redaction, errors)
    for done, file in enumerate(files):
        progress(done, len(files))
        try:
            # A large file takes seconds, in which the connections must be served.
            found = await asyncio.to_thread(_read, file, rules, seen)
        except (CassetteError, RefusedError, OSError) as error:
            summary.skipped[_line(f"{file.name}: {error}")] += 1
            continue
        seen.update(found.exchanges)
        summary.skipped.update(found.skipped)
        await _store(list(found.exchanges.items()), store, summary)
    progress(len(files), len(files))
    summary.skipped = +summary.skipped  # without the reasons that never came up
    return summary


async def _store(
    named: list[tuple[str, Exchange]], store: RecordingStore, summary: ImportSummary
) -> None:
    for start in range(0, len(named), _AT_ONCE):
        some = named[start : start + _AT_ONCE]
        stored = await asyncio.gather(*(store.keep(name, one) for name, one in some))
        summary.imported += stored.count(True)
        summary.skipped[_ALREADY] += stored.count(False)


@dataclass(frozen=True, slots=True)
class _Rules:
    matching: Matching
    redaction: Redaction
    errors: RecordedErrors


@dataclass(slots=True)
class _Found:
    """The exchanges of one file by the names they get, and the number skipped by reason."""

    exchanges: dict[str, Exchange] = field(default_factory=dict[str, Exchange])
    skipped: Counter[str] = field(default_factory=Counter[str])


def _read(file: Path, rules: _Rules, seen: Container[str]) -> _Found:
    """The exchanges of the file whose names are new; `RefusedError` if it is beyond a bound."""
    found, allowance = _Found(), Allowance()
    for loaded in interactions(load(file)):
        try:
            name, exchange = _exchange(interaction_of(loaded, allowance), rules, allowance)
        except (ValueError, TypeError, ArithmeticError, RecursionError) as error:
            # A CassetteError, or a value of another kind.
            found.skipped[_line(str(error))] += 1
            continue
        if name in seen or name in found.exchanges:
            found.skipped["another answer to the same request"] += 1
        else:
            counted = counted_headers(exchange.request, rules.matching)
            found.exchanges[name] = rules.redaction.exchange(exchange, counted)
    return found


def _line(text: str) -> str:
    """The text on one line of the summary: a cassette may name its hosts and tags as it likes."""
    return "".join(char if char.isprintable() else "?" for char in text[:_LONGEST_LINE])


def _exchange(
    interaction: Interaction, rules: _Rules, allowance: Allowance
) -> tuple[str, Exchange]:
    status, body = interaction.status, interaction.response.body
    if not _LEAST_STATUS <= status <= _MOST_STATUS or not rules.errors.takes(status, body):
        raise CassetteError(f"status {interaction.status}: errors are not recorded")
    request = _request(interaction)
    if interaction.body_hash is not None:
        key = legacy_key(request.method, request.path, interaction.body_hash)
        name = names.legacy_name(key)
    else:
        key = fingerprint(request, rules.matching)
        name = names.recording_name(request, key)
    headers = interaction.response.headers
    streamed = is_event_stream(headers.get("content-type"))
    pieces = _pieces(interaction, allowance, streamed=streamed)
    return name, Exchange(
        request=request,
        status=interaction.status,
        headers=headers,
        pieces=pieces,
        duration_ms=interaction.duration_ms,
        streamed=streamed,
        usage=usage_of(pieces, streamed=streamed),
        key=key,
        recorded_at=_moment(interaction.recorded_at or headers.get("date", "")),
    )


def _request(interaction: Interaction) -> Request:
    uri = urlsplit(interaction.uri)
    message = interaction.request
    return Request(
        interaction.method, _path(uri, interaction), uri.query, message.headers, message.body
    )


def _path(uri: SplitResult, interaction: Interaction) -> str:
    """The path under which the simulator serves it: OpenAI's own `/v1/…` is `/openai/v1/…`.

    The predecessor's recordings are of other services of Azure, too; in cassettes these are not read.
    """
    path = _SLASHES.sub("/", unquote(uri.path)) or "/"
    host = uri.hostname or ""
    if host == _OPENAI:
        return f"/openai{path}"
    if interaction.predecessor or path.startswith(_SERVED):
        return path
    if host.endswith(_AZURE):
        raise CassetteError(
            f"not below {_SERVED} but below {'/'.join(path.split('/')[:2])}: {host}"
        )
    raise CassetteError(f"no traffic of Azure OpenAI or OpenAI: {host}")


def _pieces(interaction: Interaction, allowance: Allowance, *, streamed: bool) -> tuple[Piece, ...]:
    """A cassette does not know when an event came: all of them are due at once."""
    body, duration = interaction.response.body, interaction.duration_ms
    if not streamed:
        return (Piece(body, duration),)
    splitter = EventSplitter()
    pieces: list[Piece] = []
    for start in range(0, len(body), _SLICE):
        events = splitter.feed(body[start : start + _SLICE])
        allowance.take_events(len(events))
        pieces.extend(Piece(event, duration) for event in events)
    rest = splitter.rest()
    return (*pieces, Piece(rest, duration)) if rest else tuple(pieces)


def _moment(date: str) -> str:
    try:
        moment = email.utils.parsedate_to_datetime(date).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):  # no date, or none that can be read
        return ""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
