"""The prefixes of a conversation that gpt-5.6 and later models cache, and what is refused about them."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeVar

import msgspec
from msgspec import structs

from simulator.catalogue.capabilities import capabilities_of
from simulator.catalogue.deployments import Deployment
from simulator.catalogue.models import Model
from simulator.errors import InvalidRequest
from simulator.operations.chat.messages import (
    AudioPart,
    CacheBreakpoint,
    CacheOptions,
    FilePart,
    ImagePart,
    Message,
    TextPart,
)
from simulator.operations.chat.prompt import count_prompt
from simulator.operations.prompt_cache import LEAST, CacheUse, Prefixes, PromptCache
from simulator.tokens.prompt_format import Api
from simulator.tokens.tokenizer import Tokenizer

MOST_WRITES = 4
"""The prefixes that one request writes at most, the implicit one included."""
_BEGINNING = 3
"""The tokens with which the answer begins, which are part of no prefix (recorded 2026-07)."""

M = TypeVar("M", bound=Message)


class Conversation(NamedTuple):
    """The input of a model: tools as texts, messages, and the tokens of all of it."""

    tools: Iterable[str]
    messages: Sequence[Message]
    tokens: int
    model: Model
    tokenizer: Tokenizer
    api: Api = "chat"

    def tokens_until(self, begun: Sequence[Message]) -> int:
        """The tokens up to the end of what the messages begin with."""
        rest = self._counted(self.messages) - self._counted(begun)
        return self.tokens - _BEGINNING - rest

    def _counted(self, messages: Sequence[Message]) -> int:
        return count_prompt(messages, self.model, self.tokenizer, self.api)


def check_breakpoint(mark: CacheBreakpoint | None, model: Model) -> None:
    """Refuse a breakpoint for a model that has none (a report of OpenAI's words, 2026-08)."""
    if mark is not None and not capabilities_of(model).cache_breakpoints:
        raise _unsupported("prompt_cache_breakpoint")


def check_cache(
    options: CacheOptions | None, retention: str | None, model: Model, *, code: str | None = None
) -> None:
    """Refuse options that the model does not have, and the retention that it does not have (users of
    OpenAI's API, 2026-05 to 2026-09; for the options, the words of the others). The latter has a code in
    responses, and none in chat."""
    capabilities = capabilities_of(model)
    if options is not None and not capabilities.cache_breakpoints:
        raise _unsupported("prompt_cache_options")
    if retention not in (None, "24h") and not capabilities.in_memory_cache:
        raise InvalidRequest(
            "This model is compatible only with 24h extended prompt caching",
            param="prompt_cache_retention",
            code=code,
        )


def _unsupported(name: str) -> InvalidRequest:
    return InvalidRequest(
        f"{name} is not supported on this model", param=name, code="invalid_parameter"
    )


def writes(model: Model, deployment: Deployment | None) -> bool:
    """Return True if writing to the cache is counted (not on a provisioned deployment, says Microsoft)."""
    return capabilities_of(model).cache_breakpoints and not (deployment and deployment.provisioned)


def cache_use(
    cache: PromptCache, place: str, said: Conversation, options: CacheOptions | None
) -> CacheUse:
    """Return what of a conversation was cached, and cache what its breakpoints end."""
    if said.tokens < LEAST:
        return CacheUse(0, 0)
    implicit = options is None or options.mode != "explicit"
    return cache.exact(place, prefixes_of(said, implicit=implicit))


def prefixes_of(said: Conversation, *, implicit: bool) -> Prefixes:
    """The prefixes that end with a breakpoint, and those that end with a message if that is allowed."""
    pieces = [tool.encode("utf-8", "surrogatepass") for tool in said.tools]
    ends: list[int] = []
    marks: dict[int, list[Message]] = {}
    for index, message in enumerate(said.messages):
        parts = message.content if isinstance(message.content, list) else []
        for number, part in enumerate(parts):
            bare, mark = _bare(part)
            pieces.append(msgspec.json.encode(bare))
            if mark is not None:
                begun = structs.replace(message, content=parts[: number + 1])
                marks[len(pieces)] = [*said.messages[:index], begun]
        pieces.append(msgspec.json.encode(_rest(message) if parts else message))
        ends.append(len(pieces))
    most = MOST_WRITES - 1 if implicit else MOST_WRITES
    written = {end: said.tokens_until(begun) for end, begun in [*marks.items()][-most:]}
    if implicit:
        written[len(pieces)] = said.tokens - _BEGINNING
    return Prefixes(pieces, {*marks, *(ends if implicit else ())}, written)


def _rest(message: M) -> M:
    return structs.replace(message, content="")


def _bare(part: object) -> tuple[object, CacheBreakpoint | None]:
    """A part without its breakpoint, and that."""
    if not isinstance(part, TextPart | ImagePart | AudioPart | FilePart):
        return part, None
    mark = part.prompt_cache_breakpoint
    return (part if mark is None else structs.replace(part, prompt_cache_breakpoint=None)), mark
