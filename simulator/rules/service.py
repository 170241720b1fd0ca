"""The rules that are in force: they are followed, changed, counted, and decide on requests."""

import asyncio
import logging
import math
import random
from collections.abc import Callable, Collection, Mapping, Sequence

from msgspec import structs

from simulator.concurrency import off_loop
from simulator.errors import ApiError, GatewayError, ItemNotFound
from simulator.messages import NO_HEADERS
from simulator.operations.base import AnyCall, Plan
from simulator.rules.book import Moment, Placed, RuleBook, candidates_of
from simulator.rules.book_maker import BookMaker
from simulator.rules.counts import Counts
from simulator.rules.document import read_document, read_header, read_switch
from simulator.rules.faults import Faults
from simulator.rules.operation_names import check_operations
from simulator.rules.rule import Rule
from simulator.rules.ruling import Decision, image_file, plan_of
from simulator.rules.sources import Sources, Times
from simulator.rules.store import RuleStore, StoredRule, StoredRules
from simulator.rules.subject import Subject
from simulator.storage.container import StorageError
from simulator.storage.followed import FILE_PERIOD, Followed
from simulator.storage.refresh import Refresher, RefreshPolicy
from simulator.synthesis.script import Script

logger = logging.getLogger(__name__)

HEADER = "x-simulator-rule"


class RuleNotDeletable(GatewayError):
    """A rule that did not come over HTTP cannot be deleted over it."""

    status = 409
    code = "RuleNotDeletable"


class Rules:
    """The rules of all `sources`. With `hints`, answers name the rule that decided them."""

    def __init__(
        self,
        sources: Sources,
        counts: Counts,
        times: Times,
        rng: random.Random,
        *,
        faults: Faults,
        hints: bool = True,
        policy: RefreshPolicy | None = None,
    ) -> None:
        self._sources, self._counts, self._times, self._rng = sources, counts, times, rng
        self._faults = faults
        self._hints = hints
        began = times.now()
        self._file = [Placed(rule, "file", began) for rule in sources.first]
        self._extension = [Placed(rule, "extension", began) for rule in sources.extension]
        self._http: Sequence[Placed] = ()
        self._fleet: Sequence[Placed] = ()
        self._store = RuleStore(sources.container, self._take)
        self._turn = asyncio.Lock()
        self._refresher = Refresher(
            self._refresh, times.clock, policy or RefreshPolicy(), subject="the list of rules"
        )
        followed = sources.followed
        if not sources.shared and (followed is None or followed.local):
            self._refresher.due = math.inf
        self._file_due = times.clock() if followed and followed.local else math.inf
        self._books = BookMaker(self._prepare)

    @property
    def operations(self) -> Collection[str]:
        """The names of the operations that there are."""
        return self._sources.operations

    @property
    def due(self) -> float:
        """The moment of the clock from which `fresh` has something to do."""
        return min(self._refresher.due, self._file_due)

    async def fresh(self) -> None:
        """Take over what has changed elsewhere; whatever fails, the rules that are known stay in force."""
        await self._refresher.fresh()
        now, followed = self._times.clock(), self._sources.followed
        if followed is not None and now >= self._file_due:
            self._file_due = now + FILE_PERIOD
            await self._follow(followed)

    def concern(self, call: AnyCall) -> bool:
        """Return True if there may be a rule for the call at all."""
        return not self._books.empty or HEADER in call.request.headers

    def headers(self, call: AnyCall, refusal: ApiError | None) -> Mapping[str, str]:
        """Return the header that names the rule that decided an answer; nothing without hints."""
        if not self._hints:
            return NO_HEADERS
        rule = call.rule_behind(refusal)
        return {HEADER: rule} if rule else NO_HEADERS

    async def decide(self, call: AnyCall) -> Plan | None:
        """Return what rules decide of the call. Raises `InvalidRequest` for a bad rule in its header."""
        book = await self._books.newest()
        text = call.request.headers.get(HEADER)
        own = [] if text is None else read_header(text)
        subject = Subject(call, await call.operation.summary(call), self._times.budget())
        fitting = (rule for rule in own if all(check(subject) for check in rule.checks))
        decisions = [Decision("header", rule) for rule in fitting if self._drawn(rule)]
        first = next((one for one in decisions if not one.rule.additive), None)
        decisions = [one for one in decisions if one is first or one.rule.additive]
        moment = Moment(self._times.elapsed(), self._times.now())
        size = len(call.request.body)
        matching = await off_loop(int(size * book.work), lambda: book.matching(subject, moment))
        if first is not None:
            matching = [one for one in matching if one.rule.additive]
        decisions += await self._acting(matching)
        if not decisions:
            return None
        # A text with a value of the body in it has the body read.
        plan = await off_loop(size, lambda: plan_of(decisions, subject, self._faults))
        if name := image_file(decisions):
            image = await self._sources.files(name)
            plan = structs.replace(plan, script=Script(image=image))
        return plan

    def _drawn(self, rule: Rule) -> bool:
        share = rule.fields.probability
        return share is None or self._rng.random() < share

    async def _acting(self, matching: Sequence[Placed]) -> list[Decision]:
        if not matching:
            return []
        candidates = candidates_of(matching, self._rng)
        return [
            Decision(matching[position].rule.name, matching[position].rule, before)
            for position, before in await self._counts.decide(candidates)
        ]

    async def document(self) -> dict[str, object]:
        """All rules in the order in which they are tried, with their counts."""
        await self._newest()
        book = await self._books.newest()
        placed = book.placed
        tallies = await self._counts.read([one.key for one in placed])
        rules: list[Mapping[str, object]] = []
        for one, tally in zip(placed, tallies, strict=True):
            times = one.rule.times
            left = None if times is None else max(0, times - tally.acted)
            enabled = {} if one.rule.name not in book.off else {"enabled": False}
            counted = {"matched": tally.matched, "acted": tally.acted, "left": left}
            rules.append({**one.rule.shown, "source": one.source, **enabled, **counted})
        return {"rules": rules}

    async def add(self, data: bytes) -> None:
        """Adds the rules of a document, or replaces those of the same names. Raises `InvalidRequest`
        or `Unavailable`, as the others do."""

        def revise(stored: StoredRules) -> StoredRules:
            taken = [*self._elsewhere(), *stored.names]
            return stored.merged(self._stored(self._read(data, taken)))

        await self._revise(revise)

    async def replace(self, data: bytes) -> None:
        def revise(stored: StoredRules) -> StoredRules:
            return stored.replaced(tuple(self._stored(self._read(data, self._elsewhere()))))

        await self._revise(revise)

    def _read(self, data: bytes, taken: Collection[str]) -> list[Rule]:
        rules = read_document(data, taken)
        check_operations(rules, self._sources.operations)
        return rules

    def _elsewhere(self) -> list[str]:
        """The names of rules that did not come over HTTP: one without a name takes none of them."""
        return [one.rule.name for one in (*self._fleet, *self._file, *self._extension)]

    async def clear(self) -> None:
        await self._revise(lambda stored: stored.replaced(()))

    async def switch(self, name: str, data: bytes) -> None:
        """Switch all rules of a name on or off, wherever they come from, by a document. Raises
        `ItemNotFound` if there is none.
        """
        on = await asyncio.to_thread(read_switch, data)
        await self._newest()
        known = {one.rule.name for one in (await self._books.newest()).placed}
        if name not in known:
            raise ItemNotFound(f"There is no rule '{name}'.", code="rule_not_found")
        await self._revise(lambda stored: stored.switched(name, on=on, known=known))

    async def delete(self, name: str) -> None:
        """Delete a rule of HTTP. Raises `ItemNotFound`, or `RuleNotDeletable` for one from elsewhere."""
        placed = (await self._books.newest()).placed
        source = next((one.source for one in placed if one.rule.name == name), None)

        def revise(stored: StoredRules) -> StoredRules:
            if name not in stored.names:
                if source in ("fleet", "file", "extension"):
                    raise RuleNotDeletable(
                        f"The rule '{name}' is of the {source}, and cannot be deleted over HTTP."
                    )
                raise ItemNotFound(f"There is no rule '{name}'.", code="rule_not_found")
            return stored.without(name)

        await self._revise(revise)

    async def reset(self) -> None:
        """Begin all counts, seeded draws and every `ttl` again, and switch all rules on."""
        await self._newest()
        book = await self._books.newest()
        keys = [one.key for one in book.placed]
        await self._counts.reset(keys)
        if book.has_ttl or book.off:
            now = self._times.now()
            await self._revise(lambda stored: StoredRules(stored.rules, now))

    def put_fleet(self, placed: Sequence[Placed]) -> None:
        """Take over the rules of a fleet's resources, in the place of those before."""
        self._fleet = placed
        self._books.outdate()

    async def close(self) -> None:
        await self._counts.close()

    def _stored(self, rules: Sequence[Rule]) -> list[StoredRule]:
        now = self._times.now()
        return [StoredRule(now, dict(rule.shown)) for rule in rules]

    async def _revise(self, revise: Callable[[StoredRules], StoredRules]) -> None:
        async with self._turn:
            await self._store.revise(revise)

    async def _newest(self) -> None:
        try:
            await self._refresh()
        except StorageError as error:
            logger.warning("the rules known here are shown, their store is unreachable: %s", error)

    async def _refresh(self) -> None:
        async with self._turn:
            await self._store.refresh()
        followed = self._sources.followed
        if followed is not None:
            await self._follow(followed)

    async def _follow(self, followed: Followed[Sequence[Rule]]) -> None:
        rules = await followed.news()
        if rules is not None:
            now = self._times.now()
            known = {one.key: one for one in self._file}
            placed = [Placed(rule, "file", now) for rule in rules]
            self._file = [known.get(one.key, one) for one in placed]
            self._books.outdate()
            logger.info("%d rules of the file are in force", len(rules))

    def _take(self, stored: StoredRules, rules: Sequence[Rule]) -> None:
        self._http = [
            Placed(rule, "http", one.came) for rule, one in zip(rules, stored.rules, strict=True)
        ]
        self._books.outdate()

    def _prepare(self) -> tuple[int, Callable[[], RuleBook]]:
        placed = [*self._http, *self._fleet, *self._file, *self._extension]
        newest = self._store.newest
        return len(placed), lambda: RuleBook(placed, newest.reset_at, newest.off)
