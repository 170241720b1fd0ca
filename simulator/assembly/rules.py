"""The rules: where they come from, and where they are counted."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from simulator.assembly.budgets import matching_budget
from simulator.assembly.containers import kind_of
from simulator.configuration.settings import SettingError, Settings
from simulator.limits.refusal import Refusals
from simulator.rules.counts import Counts, MemoryCounts
from simulator.rules.document import read_rules
from simulator.rules.faults import Faults
from simulator.rules.file import FollowedRules, RulesBlob, RulesFile
from simulator.rules.rule import Rule
from simulator.rules.service import Rules, Sources, Times
from simulator.storage.container import Container, checked
from simulator.storage.refresh import RefreshPolicy

_BLOB = "blob:"
# A changed file of rules is in force within a second, also if it is a blob.
_CLOSE = RefreshPolicy(background=0.5, at_most=1.0)


def choose_rules(
    settings: Settings,
    container: Container,
    added: Sequence[Mapping[str, Any]],
    rng: random.Random,
    clock: Callable[[], float],
) -> Rules:
    """Raises `SettingError` or `RulesFileError`."""
    shared = kind_of(container) != "memory"
    followed: FollowedRules | None = None
    first: Sequence[Rule] = ()
    if settings.rules_path.startswith(_BLOB):
        followed = RulesBlob(container, _blob_of(settings, shared=shared))
    elif settings.rules_path:
        followed = RulesFile(Path(settings.rules_path))
        first = followed.first()
    began = clock()
    return Rules(
        Sources(container, shared, followed, first, read_rules(added)),
        _choose_counts(settings),
        Times(clock, time.time, lambda: clock() - began, matching_budget),
        rng,
        faults=Faults(Refusals(settings.region, settings.rate_limit_body)),
        hints=settings.shows_hints,
        policy=RefreshPolicy() if followed is None or followed.local else _CLOSE,
    )


def _blob_of(settings: Settings, *, shared: bool) -> str:
    if not shared:
        raise _no_rules(settings, "a blob needs RecordingStorage or RECORDING_DIR")
    try:
        return checked(settings.rules_path.removeprefix(_BLOB))
    except ValueError:
        raise _no_rules(settings, "after blob: a name in the container") from None


def _no_rules(settings: Settings, allowed: str) -> SettingError:
    return SettingError("RULES_PATH", repr(settings.rules_path), allowed)


def _choose_counts(settings: Settings) -> Counts:
    if not settings.redis_url:
        return MemoryCounts()
    from simulator.limits.redis_store import connect
    from simulator.rules.redis_counts import RedisCounts

    credentials = None
    if settings.redis_identity:
        from simulator.limits.identity import ManagedIdentity

        credentials = ManagedIdentity(settings.redis_client_id or None)
    return RedisCounts(connect(settings.redis_url, credentials=credentials))
