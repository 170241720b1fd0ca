"""Latency that is learnt from recorded streams: by deployment, in quantiles."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from simulator.messages import Request
from simulator.recordings.exchange import Exchange, Piece

LEAST = 5
"""Streams of a deployment from which anything is learnt."""
LEAST_OF_A_SIZE = 20
"""Streams from which a size of prompts is learnt on its own."""
SIZES = (500, 2_000, 8_000, 32_000, 128_000, 1_000_000)
"""Tokens of a prompt at most; sizes that have too few streams are joined with the next."""
SHARES = (0.0, 0.01, *(share / 20 for share in range(1, 20)), 0.99, 1.0)
MOST_STREAMS = 100_000
"""Streams of one deployment that are learnt from; beyond it none is added."""

_DEPLOYMENT = re.compile("/openai/deployments/([^/]+)/")
_CHARACTERS_PER_TOKEN = 4
_LEAST_TOKENS = 3


@dataclass(frozen=True, slots=True)
class Timing:
    """The times of one stream in milliseconds; `between` is its mean for a token after the first."""

    prompt_tokens: int
    first: float
    between: float


@dataclass(slots=True)
class Learnt:
    """The timings of streams by deployment."""

    timings: dict[str, list[Timing]] = field(
        default_factory=lambda: defaultdict[str, list[Timing]](list)
    )
    recordings: int = 0

    def add(self, exchange: Exchange) -> None:
        self.recordings += 1
        timing, deployment = timing_of(exchange), deployment_of(exchange.request)
        if timing is not None and deployment and len(self.timings[deployment]) < MOST_STREAMS:
            self.timings[deployment].append(timing)

    @property
    def usable(self) -> Mapping[str, Sequence[Timing]]:
        """The deployments of which there are enough streams."""
        return {name: found for name, found in self.timings.items() if len(found) >= LEAST}

    def profile(self, place: str) -> dict[str, Any]:
        """The document that LATENCY_PROFILE may name; `place` says where the recordings are."""
        usable = self.usable
        streams = {name: len(found) for name, found in usable.items()}
        return {
            "deployments": {name: latency_of(found) for name, found in sorted(usable.items())},
            "learnt": {"from": place, "recordings": self.recordings, "streams": streams},
        }


def latency_of(timings: Sequence[Timing]) -> dict[str, Any]:
    """The latency that streams of one deployment had, as a deployment file has it."""
    latency: dict[str, Any] = {"first_token_ms": _quantiles(one.first for one in timings)}
    sizes = list(_by_size(timings))
    if len(sizes) > 1:
        latency = {
            "by_prompt": [
                {"up_to": up_to, "first_token_ms": _quantiles(one.first for one in found)}
                for up_to, found in sizes
            ]
        }
    return {**latency, "token_ms": _quantiles(one.between for one in timings)}


def timing_of(exchange: Exchange) -> Timing | None:
    """The times of a whole, successful stream of text or calls; None for anything else."""
    if not exchange.streamed or exchange.status != 200:
        return None
    moments = [piece.t_ms for piece in exchange.pieces if has_token(piece)]
    usage = exchange.usage
    reasoning = usage.reasoning if usage else 0
    tokens = usage.completion - reasoning if usage else len(moments)
    if len(moments) < _LEAST_TOKENS or tokens < _LEAST_TOKENS:
        return None
    between = (moments[-1] - moments[0]) / (tokens - 1)
    # Tokens that nobody sees were made before the first that somebody does.
    first = max(0.0, moments[0] - reasoning * between)
    prompt = usage.prompt if usage else len(exchange.request.body) // _CHARACTERS_PER_TOKEN
    return Timing(prompt, first, between)


class _Delta(msgspec.Struct):
    content: str | None = None
    tool_calls: list[Any] | None = None
    function_call: Any = None
    refusal: str | None = None


class _Choice(msgspec.Struct):
    delta: _Delta | None = None
    text: str | None = None


class _Event(msgspec.Struct):
    choices: list[_Choice] = []
    type: str = ""
    delta: Any = None


_decode = msgspec.json.Decoder(_Event).decode


def has_token(piece: Piece) -> bool:
    """Return True for an event of chat, completions or Responses that brings a part of the answer."""
    data = next(
        (line[5:] for line in piece.data.splitlines() if line.startswith(b"data:")), b""
    ).strip()
    try:
        event = _decode(data)
    except (ValueError, RecursionError):
        return False
    if event.type:
        return event.type.endswith(".delta")
    return any(_brings(choice) for choice in event.choices)


def _brings(choice: _Choice) -> bool:
    delta = choice.delta
    if delta is None:
        return bool(choice.text)
    return bool(delta.content or delta.tool_calls or delta.function_call or delta.refusal)


def _by_size(timings: Sequence[Timing]) -> Iterable[tuple[int, list[Timing]]]:
    """Sizes of prompts and their timings, each size with enough of them."""
    waiting: list[Timing] = []
    found: list[tuple[int, list[Timing]]] = []
    above = 0
    for up_to in SIZES:
        waiting += [one for one in timings if above < one.prompt_tokens <= up_to]
        above = up_to
        if len(waiting) >= LEAST_OF_A_SIZE:
            found.append((up_to, waiting))
            waiting = []
    if waiting and found:
        found[-1] = (SIZES[-1], [*found[-1][1], *waiting])
    return found


def _quantiles(times: Iterable[float]) -> dict[str, Any]:
    ordered = sorted(times)
    points = [[share, round(quantile(ordered, share), 3)] for share in SHARES]
    return {"quantiles": points}


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value that this share of ordered values does not exceed, between two of them in proportion."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


class _Named(msgspec.Struct):
    model: str = ""


def deployment_of(request: Request) -> str:
    """The deployment that a request names, in its path or as `model`; "" for none."""
    found = _DEPLOYMENT.match(request.path)
    if found:
        return found[1]
    try:
        return msgspec.json.decode(request.body, type=_Named).model
    except (ValueError, RecursionError):
        return ""
