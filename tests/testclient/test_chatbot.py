import openai
import pytest

from testclient.chatbot import converse
from testclient.trials import Outcome, Trial


def conversation(
    client: openai.AzureOpenAI, deployment: str, *lines: str
) -> tuple[list[Outcome], str]:
    shown: list[str] = []
    outcomes: list[Outcome] = []
    converse(Trial(client, deployment, "", shown.append), lines, outcomes.append)
    return outcomes, "".join(shown)


def test_each_line_is_answered_in_the_light_of_those_before(client: openai.AzureOpenAI) -> None:
    (alone,), _ = conversation(client, "gpt-4o", "And then?")
    (_, after), _ = conversation(client, "gpt-4o", "What is Azure?", "And then?")
    assert prompt_tokens(after) > prompt_tokens(alone)


def prompt_tokens(outcome: Outcome) -> int:
    usage = openai.types.CompletionUsage.model_validate_json(outcome.usage)
    return usage.prompt_tokens


@pytest.mark.parametrize("end", ["exit", " EXIT \n"])
def test_exit_ends_the_conversation(client: openai.AzureOpenAI, end: str) -> None:
    outcomes, _ = conversation(client, "gpt-4o", "Hello", end, "Hello?")
    assert len(outcomes) == 1


def test_a_refused_line_is_reported_and_the_conversation_goes_on(
    client: openai.AzureOpenAI,
) -> None:
    outcomes, shown = conversation(client, "embedding", "Hello", "Hello?")
    assert outcomes == []
    assert shown.count("status 400: ") == 2
