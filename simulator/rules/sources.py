"""The places that rules come from, and the clocks that they go by."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass

from simulator.budget import Budget
from simulator.rules.rule import Rule
from simulator.storage.container import Container
from simulator.storage.followed import Followed


@dataclass(frozen=True, slots=True)
class Times:
    """`clock` never goes back, `now` is the time of day, `elapsed` the scenario's clock; in seconds.
    `budget` is what one request may spend on regular expressions."""

    clock: Callable[[], float]
    now: Callable[[], float]
    elapsed: Callable[[], float]
    budget: Callable[[], Budget]


async def _no_file(name: str) -> None:
    del name


@dataclass(frozen=True, slots=True)
class Sources:
    """The places of rules: the container has those of HTTP (`shared` if others write there too),
    `followed` those of `RULES_PATH`, of which `first` are known at the start. `files` reads the files
    that rules name; `operations` are the names of those that rules can be for."""

    container: Container
    shared: bool
    followed: Followed[Sequence[Rule]] | None = None
    first: Sequence[Rule] = ()
    extension: Sequence[Rule] = ()
    files: Callable[[str], Awaitable[bytes | None]] = _no_file
    operations: Collection[str] = ()
