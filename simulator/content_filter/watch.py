"""The watch over one text as it comes: where it is cut, and how much of it may leave."""

from msgspec import Struct

from simulator.catalogue.content_filter import BLOCKLISTS
from simulator.catalogue.phrases import Phrases, ends_in_word
from simulator.content_filter.findings import Finding, Findings
from simulator.content_filter.screening import Screening


class Hit(Struct, frozen=True):
    """The place in a text from which on it is filtered, and why; `word` is that of a blocklist."""

    offset: int
    findings: Findings
    word: bool = False


class _Seeker:
    """Searches for phrases in a text that comes in pieces."""

    def __init__(self, phrases: Phrases) -> None:
        self._phrases = phrases
        self._tail = ""
        self._base = 0
        self._glued = False

    @property
    def safe(self) -> int:
        """The number of characters that can be no part of a phrase."""
        return self._base

    def feed(self, text: str, *, final: bool = False) -> tuple[int, str] | None:
        """Return the place of a phrase and the name of its list."""
        self._tail += text
        found, safe = self._phrases.search(self._tail, glued=self._glued, final=final)
        place = None if found is None else (self._base + found.at, found.name)
        self._pass(safe if found is None else found.end)
        return place

    def _pass(self, characters: int) -> None:
        if characters:
            self._glued = ends_in_word(self._tail[:characters])
            self._tail = self._tail[characters:]
            self._base += characters


class Watch:
    """Watches one text of an answer. `length` is what has come of it, `hit` where it is cut."""

    def __init__(self, screening: Screening) -> None:
        cut = screening.cut
        self._split = screening.split
        self._cut = cut
        self._left = cut.after_tokens if cut and cut.at is None else None
        self._word = _Seeker(cut.at) if cut and cut.at is not None else None
        lists = _Seeker(screening.blocklists) if screening.blocklists else None
        self._blocking = None if screening.notes_words else lists
        self._noting = lists if screening.notes_words else None
        self.length = 0
        self.hit: Hit | None = None
        self.noted: tuple[str, ...] = ()

    @property
    def safe(self) -> int:
        """The number of characters of which it is known that they stay."""
        seekers = [one.safe for one in (self._word, self._blocking) if one is not None]
        return min([self.length, *seekers])

    @property
    def notes(self) -> Findings:
        """The words of blocklists that are annotated alone."""
        return (Finding(BLOCKLISTS, False, names=self.noted),) if self.noted else ()

    def feed(self, text: str, *, final: bool = False) -> None:
        """Take what comes next; `final`, if nothing goes on with it."""
        if self.hit is not None:
            self.length += len(text)
            return
        hits = [hit for hit in (self._by_tokens(text, final), *self._by_words(text, final)) if hit]
        self.length += len(text)
        if hits:
            self.hit = min(hits, key=lambda hit: hit.offset)
        self._note(text, final)

    def _by_tokens(self, text: str, final: bool) -> Hit | None:
        if self._left is None or self._cut is None:
            return None
        if self._left == 0:
            return (
                Hit(self.length, self._cut.findings)
                if text or (self.length == 0 and final)
                else None
            )
        pieces = self._split(text) if text else []
        if len(pieces) <= self._left:
            self._left -= len(pieces)
            return None
        kept = sum(map(len, pieces[: self._left]))
        return Hit(self.length + kept, self._cut.findings)

    def _by_words(self, text: str, final: bool) -> list[Hit]:
        hits: list[Hit] = []
        if self._word is not None and (place := self._word.feed(text, final=final)):
            hits.append(Hit(place[0], self._cut.findings if self._cut else ()))
        if self._blocking is not None and (place := self._blocking.feed(text, final=final)):
            hits.append(Hit(place[0], (Finding(BLOCKLISTS, names=(place[1],)),), word=True))
        return hits

    def _note(self, text: str, final: bool) -> None:
        if self._noting is None:
            return
        place = self._noting.feed(text, final=final)
        while place is not None:
            self.noted = tuple(dict.fromkeys((*self.noted, place[1])))
            place = self._noting.feed("", final=final)
