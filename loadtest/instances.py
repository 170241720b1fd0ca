"""How many instances of a deployment answered, in words, by the name in their answers."""

from collections.abc import Sequence

from loadtest.samples import Sample

WITHIN = 10.0
"""Seconds in which instances that answer serve at the same time."""
_UNKNOWN = (
    "instances: unknown, since answers name none; on Azure a simulator needs SIMULATOR_HINTS=true"
)
_SHARED = (
    "More than one: without Redis each has its share of the limits, and while their number changes "
    "more may pass."
)


def counted(samples: Sequence[Sample]) -> list[str]:
    """Return the lines that say it; a run in which nobody answered has nothing to say."""
    answered = [one for one in samples if one.status]
    named = [one for one in answered if one.instance]
    if not answered:
        return []
    if not named:
        return [_UNKNOWN]
    names = {one.instance for one in named}
    if len(names) == 1:
        return ["instances: 1 answered"]
    most = _most_at_once(named)
    return [f"instances: {len(names)} answered, at most {most} within {WITHIN:g} s", _SHARED]


def _most_at_once(named: Sequence[Sample]) -> int:
    """The largest number of names in one window, whenever it begins."""
    answers = sorted(named, key=lambda one: one.done)
    most, begin = 0, 0
    within: dict[str, int] = {}
    for one in answers:
        within[one.instance] = within.get(one.instance, 0) + 1
        while answers[begin].done < one.done - WITHIN:
            gone = answers[begin].instance
            within[gone] -= 1
            if not within[gone]:
                del within[gone]
            begin += 1
        most = max(most, len(within))
    return most
