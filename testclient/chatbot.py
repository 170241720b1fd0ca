"""The chatbot: a conversation, line by line, until "exit" or the end of the input."""

import sys
from collections.abc import Callable, Iterable

import openai
from openai.types.chat import ChatCompletionMessageParam

from testclient.trials import Outcome, Trial, stream_chat


def converse(trial: Trial, lines: Iterable[str], report: Callable[[Outcome], None]) -> None:
    """Answers each line in the light of those before; one that is refused is forgotten."""
    messages: list[ChatCompletionMessageParam] = []
    for line in lines:
        text = line.strip()
        if text.lower() == "exit":
            return
        if not text:
            continue
        messages.append({"role": "user", "content": text})
        trial.show(f"{trial.deployment}: ")
        said: list[str] = []
        try:
            report(stream_chat(trial._replace(show=_both(trial.show, said.append)), messages))
        except openai.APIStatusError as error:
            messages.pop()
            trial.show(f"{refusal(error)}\n")
        else:
            messages.append({"role": "assistant", "content": "".join(said)})


def _both(one: Callable[[str], None], other: Callable[[str], None]) -> Callable[[str], None]:
    def show(text: str) -> None:
        one(text)
        other(text)

    return show


def typed() -> Iterable[str]:
    """The lines of the standard input, asked for where somebody sits at it."""
    asked = sys.stdin.isatty()
    while True:
        if asked:
            print("you: ", end="", flush=True)
        line = sys.stdin.readline()
        if not line:
            return
        yield line


def refusal(error: openai.APIStatusError) -> str:
    """One line: the status, the service's words, and when to come back."""
    told = error.response.headers.get("retry-after")
    after = f" (retry-after: {told} s)" if told else ""
    return f"status {error.status_code}: {error.message}{after}"
