"""The room that a prompt leaves for its answer, and the refusals of prompts that leave too little."""

from collections.abc import Sequence

from msgspec import Struct

from simulator.catalogue.models import Model
from simulator.errors import CONTEXT_LENGTH, InvalidRequest


class PromptSize(Struct, frozen=True):
    """The tokens of messages, and those of the functions that are shown beside them."""

    messages: int
    functions: int = 0

    @property
    def tokens(self) -> int:
        return self.messages + self.functions


def room_for_answer(
    prompt: PromptSize, asked: int | None, model: Model, *, window: int, asked_as: str
) -> int:
    """The tokens that an answer may have beside a prompt.

    `window` is the deployment's context window; `asked_as` names the parameter.
    """
    if asked is not None and asked > model.max_output:
        raise InvalidRequest(
            f"{asked_as} is too large: {asked}. This model supports at most {model.max_output} "
            f"completion tokens, whereas you provided {asked}.",
            param=asked_as,
            code="invalid_value",
        )
    tokens = prompt.tokens
    if tokens > window or (model.max_input and tokens > model.max_input):
        raise _too_long(prompt, model, window)
    room = window - tokens
    if asked is not None and asked > room:
        raise _too_much(prompt, asked, window)
    return min(room, model.max_output)


def _too_long(prompt: PromptSize, model: Model, window: int) -> InvalidRequest:
    """The refusal of a prompt (reported by many users, 2023 to 2026; with functions by Microsoft)."""
    parts = _parts(prompt)
    split = f" ({_counted(parts)})" if len(parts) > 1 else ""
    resulted = f"our messages resulted in {prompt.tokens} tokens{split}"
    if model.max_input is not None and model.max_input <= window:
        limit = f"Input tokens exceed the configured limit of {model.max_input} tokens. Y"
    else:
        limit = f"This model's maximum context length is {window} tokens. However, y"
    return _refusal(f"{limit}{resulted}", parts)


def _too_much(prompt: PromptSize, asked: int, window: int) -> InvalidRequest:
    parts = [*_parts(prompt), ("completion", asked)]
    return _refusal(
        f"This model's maximum context length is {window} tokens. However, you requested "
        f"{prompt.tokens + asked} tokens ({_counted(parts)})",
        parts,
    )


def _parts(prompt: PromptSize) -> list[tuple[str, int]]:
    functions = [("functions", prompt.functions)] if prompt.functions else []
    return [("messages", prompt.messages), *functions]


def _counted(parts: Sequence[tuple[str, int]]) -> str:
    counted = [f"{tokens} in the {name}" for name, tokens in parts]
    return ", ".join([*counted[:-1], ("and " if len(counted) > 2 else "") + counted[-1]])


def _refusal(what: str, parts: Sequence[tuple[str, int]]) -> InvalidRequest:
    *names, last = [name for name, _ in parts]
    comma = "," if len(names) > 1 else ""
    shorten = f"{', '.join(names)}{comma} or {last}" if names else last
    return InvalidRequest(
        f"{what}. Please reduce the length of the {shorten}.",
        param="messages",
        code=CONTEXT_LENGTH,
    )
