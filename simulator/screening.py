"""The screening of each call by the content filter, before it is charged."""

from collections.abc import Callable

from msgspec import structs

from simulator.catalogue.api_versions import older_than
from simulator.concurrency import off_loop
from simulator.content_filter.answers import Shape, filtered
from simulator.content_filter.deciding import Screened, screening_of
from simulator.content_filter.rates import RateDraws
from simulator.content_filter.triggers import may_trigger
from simulator.messages import Answer
from simulator.operations.base import AnyCall, RequestSummary
from simulator.tokens.tokenizer import Tokenizer

LONGEST_TEXT = 1_000_000
"""Characters of a prompt, the newest, that the filter looks at."""
_ASYNCHRONOUS_SINCE = "2024-02-01"
_ENCODING = "o200k_base"


class Screener:
    """Decides what the content filter does with calls; `triggers` in prompts count."""

    def __init__(self, tokenizer: Tokenizer, now: Callable[[], float], *, triggers: bool) -> None:
        self._tokenizer = tokenizer
        self._now = now
        self._triggers = triggers
        self._draws = RateDraws()

    def reset(self) -> None:
        """The draws of rates begin again."""
        self._draws.clear()

    def concerns(self, call: AnyCall) -> bool:
        """Return True if the filter may have something to do with the call at all."""
        if call.operation.filter_shape is None:
            return False
        if call.plan is not None and call.plan.filter is not None:
            return True
        if call.deployment is not None and call.deployment.content_filter is not None:
            return True
        return self._triggers and may_trigger(call.request.body)

    async def screened(self, call: AnyCall) -> AnyCall:
        """The call with what the filter is to do with it."""
        shape = _shape(call)
        if shape is None or not self.concerns(call):
            return call
        summary = await call.operation.summary(call)
        texts = _newest(summary)
        deployment, cost = call.deployment, call.operation.cost(call)
        name = deployment.full_name if deployment else ""
        encoding = (deployment and deployment.model.encoding) or _ENCODING
        policy = deployment.content_filter if deployment else None
        subject = Screened(
            shape,
            texts,
            split=lambda text: self._tokenizer.split(text, encoding),
            deployment=name,
            number=self._draws.next(name) if policy is not None else 0,
            prompt_tokens=cost.prompt_tokens if cost else 0,
            asynchronous=summary.streamed and _has_asynchronous(call.api_version),
            now=int(self._now()),
        )
        action = None if call.plan is None else call.plan.filter
        screening = await off_loop(
            subject.characters,
            lambda: screening_of(subject, policy, action, triggers=self._triggers),
        )
        return structs.replace(call, screening=screening)


async def filtered_answer(call: AnyCall, answer: Answer) -> Answer:
    """The answer as the filter lets it pass."""
    shape = _shape(call)
    if call.screening is None or shape is None:
        return answer
    return await filtered(answer, call.screening, shape)


def _shape(call: AnyCall) -> Shape | None:
    """The shape of an operation, or that of chats with models of other makers."""
    chats = call.operation.capability == "chatCompletion"
    if chats and call.deployment is not None and call.deployment.model.maker_shape:
        return "makers"
    return call.operation.filter_shape


def _newest(summary: RequestSummary) -> tuple[str, ...]:
    """The texts of the prompt in their order, as far as the filter looks at them."""
    kept: list[str] = []
    left = LONGEST_TEXT
    for text in reversed(summary.messages):
        kept.append(text[:left])
        left -= len(kept[-1])
    return tuple(reversed(kept))


def _has_asynchronous(version: str) -> bool:
    return not older_than(version, _ASYNCHRONOUS_SINCE)
