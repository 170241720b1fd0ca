"""Input that comes as a text, texts, tokens or lists of tokens: prompts and what to embed."""

from collections.abc import Sequence
from typing import Annotated, NamedTuple

from msgspec import Meta

from simulator.tokens.tokenizer import Tokenizer

# The limit is in characters (Microsoft's quotas page).
Text = Annotated[str, Meta(max_length=1_048_576)]
TokenNumber = Annotated[int, Meta(ge=0)]
TextInput = Text | list[Text | list[TokenNumber] | TokenNumber]


class Input(NamedTuple):
    """One text and its number of tokens."""

    text: str
    tokens: int


class BadInput(ValueError):
    """The input mixes kinds, is empty, or has a number that is no token."""


def inputs_of(given: TextInput, encoding: str, tokenizer: Tokenizer) -> Sequence[Input]:
    """Each text of the input, decoded where it came as tokens; raises `BadInput`."""
    if isinstance(given, str):
        return [Input(given, tokenizer.count(given, encoding))]
    kinds = {type(item) for item in given}
    if len(kinds) != 1:
        raise BadInput
    if kinds == {int}:
        return [_of_tokens([item for item in given if isinstance(item, int)], encoding, tokenizer)]
    return [
        Input(item, tokenizer.count(item, encoding))
        if isinstance(item, str)
        else _of_tokens(item if isinstance(item, list) else [], encoding, tokenizer)
        for item in given
    ]


def _of_tokens(tokens: list[int], encoding: str, tokenizer: Tokenizer) -> Input:
    try:
        return Input(tokenizer.decode(tokens, encoding), len(tokens))
    except KeyError:
        raise BadInput from None
