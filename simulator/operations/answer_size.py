"""The bound of what one request may have made for it, in all of its answers together."""

from simulator.errors import InvalidRequest

MOST_TOKENS = 1_000_000
"""Tokens of all choices and prompts; with log probabilities, each of their entries counts too."""
_EACH_ANSWER = 8
_EACH_LOGPROB = 4
_ECHOED_CHARACTERS = 64_000_000


def check_answer_size(answers: int, tokens: int, *, logprobs: int | None, param: str) -> None:
    """Refuse answers of `tokens` each that are beyond all bounds together.

    `logprobs` is the number of likeliest tokens beside each one; None: not requested.
    """
    entries = 1 if logprobs is None else 2 + logprobs
    total = answers * (tokens * entries + _EACH_ANSWER)
    if total > MOST_TOKENS:
        raise InvalidRequest(
            f"The request is for {total} tokens and log probabilities in {answers} answers, which "
            f"is more than the {MOST_TOKENS} that the simulator makes for one request.",
            param=param,
        )


def work_of(answers: int, tokens: int, *, logprobs: int | None) -> int:
    """Return the size of the work on the answers, to be compared with that on a number of bytes."""
    each = 1 if logprobs is None else _EACH_LOGPROB * (2 + logprobs)
    return answers * tokens * each


def check_echo(characters: int) -> None:
    """Refuse prompts that are repeated in too many answers."""
    if characters > _ECHOED_CHARACTERS:
        raise InvalidRequest(
            f"The prompts would be repeated in {characters} characters of answers, which is more "
            f"than the {_ECHOED_CHARACTERS} that the simulator makes for one request.",
            param="echo",
        )
