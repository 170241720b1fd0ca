"""The body of a completions request (OpenAPI document 2024-10-21)."""

from typing import Annotated

from msgspec import Meta, Struct

from simulator.operations.chat.parameters import Penalty, Stop, StreamOptions, stop_sequences
from simulator.operations.text_input import TextInput

DEFAULT_TOKENS = 16


class CompletionParameters(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every documented parameter; those that change nothing in a generated answer are checked
    only.
    """

    prompt: TextInput | None = None
    model: str | None = None
    max_tokens: Annotated[int, Meta(ge=0)] | None = None
    n: Annotated[int, Meta(ge=1, le=128)] | None = None
    best_of: Annotated[int, Meta(ge=1, le=20)] | None = None
    echo: bool | None = None
    suffix: str | None = None
    logprobs: Annotated[int, Meta(ge=0, le=5)] | None = None
    stop: Stop = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    seed: Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)] | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    presence_penalty: Penalty | None = None
    frequency_penalty: Penalty | None = None
    logit_bias: dict[str, Annotated[float, Meta(ge=-100, le=100)]] | None = None
    user: str | None = None

    @property
    def choices(self) -> int:
        return self.n or 1

    @property
    def asked_tokens(self) -> int:
        return DEFAULT_TOKENS if self.max_tokens is None else self.max_tokens

    @property
    def stops(self) -> tuple[str, ...]:
        return stop_sequences(self.stop)
