"""Who answered: instances by their header, and what each back end of a gateway got, by its journal."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import requests

from loadtest.samples import Sample
from loadtest.scenarios import NotTestable

_TIMEOUT = 30.0
_PAGE = 1000
# The journal of a back end is bounded itself; this bounds one that never ends.
_MOST_PAGES = 1000


@dataclass(frozen=True, slots=True)
class Share:
    """What one instance or back end has answered, as far as its journal reaches."""

    name: str
    admitted: int
    refused: int
    failed: int
    tokens: int


def instances_of(samples: Sequence[Sample]) -> list[Share]:
    """One for each name in the answers' `x-simulator-instance`; none if answers name nobody."""
    names = sorted({one.instance for one in samples if one.instance})
    return [
        _share(
            name,
            [
                (one.status, one.prompt_tokens + one.tokens)
                for one in samples
                if one.instance == name
            ],
        )
        for name in names
    ]


def shares_of(backend: str, key: str, since: float) -> list[Share]:
    """What a back end has got since a moment (seconds since 1970); one for each resource of a fleet.
    Raises `NotTestable`.
    """
    got: dict[str, list[tuple[int, int]]] = {}
    for entry in _entries(backend.rstrip("/"), key, since):
        tokens = entry.get("prompt_tokens", 0) + entry.get("completion_tokens", 0)
        name = " ".join(filter(None, (backend, entry.get("resource"))))
        got.setdefault(name, []).append((entry["status"], tokens))
    return [_share(name, answers) for name, answers in sorted(got.items())] or [
        Share(backend, 0, 0, 0, 0)
    ]


def reachable(backend: str, key: str) -> None:
    """Raises `NotTestable` if the journal of a back end cannot be read."""
    _page(backend.rstrip("/"), key, {"limit": "1"})


def _entries(backend: str, key: str, since: float) -> Iterator[Mapping[str, Any]]:
    query = {"since": f"{since:.3f}", "limit": str(_PAGE)}
    for _ in range(_MOST_PAGES):
        page = _page(backend, key, query)
        yield from page["requests"]
        if page["next"] is None:
            return
        query["after"] = page["next"]


def _page(backend: str, key: str, query: Mapping[str, str]) -> Mapping[str, Any]:
    address = f"{backend}/++/requests"
    try:
        answer = requests.get(address, params=query, headers={"api-key": key}, timeout=_TIMEOUT)
        page: Mapping[str, Any] = answer.json() if answer.status_code == requests.codes.ok else {}
    except requests.RequestException as error:
        raise NotTestable(f"{address} cannot be read ({type(error).__name__})") from None
    if "requests" not in page:
        raise NotTestable(f"{address} got status {answer.status_code}, and no journal")
    return page


def _share(name: str, answers: Sequence[tuple[int, int]]) -> Share:
    by_kind = Counter("admitted" if one == 200 else str(one) for one, _ in answers)
    admitted, refused = by_kind["admitted"], by_kind["429"]
    tokens = sum(used for status, used in answers if status == 200)
    return Share(name, admitted, refused, len(answers) - admitted - refused, tokens)
