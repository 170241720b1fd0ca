"""The slow and plain truth that the windows are tested against: every arrival is remembered."""

from dataclasses import dataclass, field

SECOND = 1_000_000


@dataclass
class Oracle:
    """Admits exactly what fits into the last `span` seconds; `grain` makes arrivals leave late.

    An entry may stay up to one grain longer than its span, never shorter, so `must` admit when
    what arrived within span and grain fits, and `may` only when what arrived within the span does.
    """

    limit: int
    span: int
    admitted: list[tuple[int, int]] = field(default_factory=list)

    @property
    def grain(self) -> int:
        return self.span // 600

    def used(self, now: int, span: int) -> int:
        return sum(amount for at, amount in self.admitted if at > now - span)

    def may(self, now: int, amount: int) -> bool:
        return self.used(now, self.span) + amount <= self.limit

    def must(self, now: int, amount: int) -> bool:
        return self.used(now, self.span + self.grain) + amount <= self.limit

    def add(self, now: int, amount: int) -> None:
        self.admitted.append((now, amount))
