"""The metrics: their names, units and attributes, and what each request adds to them."""

from opentelemetry.metrics import Histogram, Meter

from simulator.messages import Usage
from simulator.telemetry.deployment_labels import Names
from simulator.telemetry.observation import Completion, Observation
from simulator.telemetry.semantics import gen_ai

PREFIX = "aoai-api-simulator."

# The semantic conventions' bounds for requests, and from 1 ms on for what takes no time here.
_TO_20_MS = (0.001, 0.005, 0.01, 0.02)
_SECONDS = (*_TO_20_MS, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
_TOKENS = tuple(float(4**power) for power in range(14))
# Bounds of the time to first token, and of the time per output token (GenAI semantic conventions).
_FIRST = (*_TO_20_MS, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
_BETWEEN = (0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5)

_BASE = "Time to make an answer, before any simulated latency"
_LEFT = "Time until an answer has left, with its latency"
_RECORDINGS = "Recordings stored, hit, missed, or failed to be stored"

Labels = dict[str, str | int]


class Instruments:
    """Keeps the metrics. The first six have the names and attributes of aoai-api-simulator's."""

    def __init__(self, meter: Meter, names: Names) -> None:
        self._names = names
        self._measure(meter)
        self._count(meter)

    def _measure(self, meter: Meter) -> None:
        def made(name: str, unit: str, description: str, bounds: tuple[float, ...]) -> Histogram:
            return meter.create_histogram(
                name, unit, description, explicit_bucket_boundaries_advisory=bounds
            )

        def tokens(name: str, description: str) -> Histogram:
            return made(f"{PREFIX}tokens.{name}", "{token}", description, _TOKENS)

        self._base = made(f"{PREFIX}latency.base", "s", _BASE, _SECONDS)
        self._full = made(f"{PREFIX}latency.full", "s", _LEFT, _SECONDS)
        self._used = tokens("used", "Tokens used by successful requests")
        self._requested = tokens("requested", "Tokens asked for by all requests")
        self._charged = tokens("rate-limit", "Tokens counted by the rate limits")
        self._limited = made(f"{PREFIX}limits", "{request}", "Requests refused by a limit", (1.0,))
        server = "gen_ai.server."
        self._duration = made(f"{server}request.duration", "s", _LEFT, _SECONDS)
        self._first = made(
            f"{server}time_to_first_token", "s", "Time to the first token of a stream", _FIRST
        )
        self._between = made(
            f"{server}time_per_output_token", "s", "Time for each further token", _BETWEEN
        )

    def _count(self, meter: Meter) -> None:
        self._requests = meter.create_counter(f"{PREFIX}requests", "{request}", "Requests answered")
        self._recordings = meter.create_counter(f"{PREFIX}recordings", "{recording}", _RECORDINGS)
        self._limiter_errors = meter.create_counter(
            f"{PREFIX}limiter.errors", "{error}", "Decisions made without the limits' store"
        )
        self._shed = meter.create_counter(
            f"{PREFIX}requests.shed", "{request}", "Requests refused because of too many at a time"
        )
        self._streams = meter.create_up_down_counter(
            f"{PREFIX}streams.active", "{stream}", "Streams that are being sent"
        )

    def record(self, observation: Observation, completion: Completion) -> None:
        status = observation.answer.status
        labels = _at(observation, {"operation": observation.operation, "status_code": status})
        if observation.caller.name:
            labels["key"] = observation.caller.name
        self._requests.add(1, labels)
        recording = observation.recording
        # A failed recording was counted when it failed.
        if recording is not None and recording != "failed":
            self._recordings.add(1, {"outcome": recording})
        if observation.deployment is not None:
            name = self._names.of(observation.deployment, understood=observation.call is not None)
            self._record_latency(observation, completion, name)
            self._record_tokens(observation, name)
            self._record_gen_ai(observation, completion, name)

    def stream_began(self) -> None:
        self._streams.add(1)

    def stream_ended(self) -> None:
        self._streams.add(-1)

    def recording_failed(self) -> None:
        self._recordings.add(1, {"outcome": "failed"})

    def shed(self) -> None:
        self._shed.add(1)

    def limiter_failed(self) -> None:
        self._limiter_errors.add(1)

    def _record_latency(
        self, observation: Observation, completion: Completion, deployment: str
    ) -> None:
        labels = _at(
            observation, {"deployment": deployment, "status_code": observation.answer.status}
        )
        self._base.record(observation.ready - observation.arrived, labels)
        self._full.record(completion.seconds, labels)
        if observation.limit is not None:
            labels = _at(observation, {"deployment": deployment, "limit_type": observation.limit})
            self._limited.record(1, labels)

    def _record_tokens(self, observation: Observation, deployment: str) -> None:
        usage = observation.usage if observation.succeeded else None
        prompt, completion = _requested(observation, usage)
        labels = _at(observation, {"deployment": deployment})
        _record_both(self._requested, labels, prompt, completion)
        if usage is not None:
            _record_both(self._used, labels, usage.prompt, usage.completion)
        if (
            observation.succeeded
            and observation.admission is not None
            and observation.admission.charged
        ):
            self._charged.record(observation.admission.charged, labels)

    def _record_gen_ai(
        self, observation: Observation, completion: Completion, deployment: str
    ) -> None:
        labels = gen_ai(observation, deployment)
        self._duration.record(completion.seconds, labels)
        if completion.first_token is None or completion.cut:
            return
        self._first.record(completion.first_token, labels)
        tokens = observation.usage.completion if observation.usage else 0
        if tokens > 1:
            self._between.record(
                (completion.seconds - completion.first_token) / (tokens - 1), labels
            )


def _at(observation: Observation, labels: Labels) -> Labels:
    """The labels, and that of the resource where there is a fleet."""
    return labels if observation.resource is None else {**labels, "resource": observation.resource}


def _record_both(histogram: Histogram, labels: Labels, prompt: int, completion: int) -> None:
    for token_type, tokens in (("prompt", prompt), ("completion", completion)):
        if tokens:
            histogram.record(tokens, {**labels, "token_type": token_type})


def _requested(observation: Observation, usage: Usage | None) -> tuple[int, int]:
    """Prompt and completion tokens: those of the answer, else what the request asks for."""
    if usage is not None:
        return usage.prompt, usage.completion
    cost = observation.cost()
    return (cost.prompt_tokens, (cost.max_tokens or 0) * cost.choices) if cost else (0, 0)
