"""Completions, asked by the official client over a socket."""

from itertools import accumulate, pairwise
from typing import Any

import openai
import pytest

from tests.conftest import MakeSimulator
from tests.support.asking import ask, route
from tests.support.reference import encoding_of

Client = openai.AzureOpenAI
MODEL = "gpt-35-turbo-instruct"
ENCODING = encoding_of(MODEL)
TEXT = "Once upon a time"
TOKENS = ENCODING.encode(TEXT)


def complete(client: Client, prompt: Any = TEXT, model: str = MODEL, **parameters: Any) -> Any:
    return client.completions.create(model=model, prompt=prompt, **parameters)


def test_without_a_maximum_a_text_has_sixteen_tokens(client: Client) -> None:
    answer = complete(client)
    assert len(ENCODING.encode(answer.choices[0].text)) == answer.usage.completion_tokens == 16
    assert answer.choices[0].finish_reason == "length"


@pytest.mark.parametrize("asked", [1, 2, 20, 1000])
def test_a_text_has_exactly_as_many_tokens_as_asked(client: Client, asked: int) -> None:
    answer = complete(client, max_tokens=asked)
    assert len(ENCODING.encode(answer.choices[0].text)) == answer.usage.completion_tokens == asked


@pytest.mark.parametrize(
    ("prompt", "choices", "tokens"),
    [
        (TEXT, 1, len(TOKENS)),
        ([TEXT], 1, len(TOKENS)),
        ([TEXT, TEXT], 2, 2 * len(TOKENS)),
        (TOKENS, 1, len(TOKENS)),
        ([TOKENS, TOKENS[:2]], 2, len(TOKENS) + 2),
        ("", 1, 0),
    ],
)
def test_a_prompt_comes_in_four_kinds(
    client: Client, prompt: Any, choices: int, tokens: int
) -> None:
    answer = complete(client, prompt, max_tokens=4)
    assert [choice.index for choice in answer.choices] == list(range(choices))
    assert answer.usage.prompt_tokens == tokens
    assert len(answer.model_extra["prompt_filter_results"]) == choices


async def test_without_a_prompt_a_new_document_is_begun(make_simulator: MakeSimulator) -> None:
    reply = await ask(make_simulator(), route("completions", MODEL), {})
    assert reply.json["usage"] == {
        "prompt_tokens": 1,
        "completion_tokens": 16,
        "total_tokens": 17,
    }


@pytest.mark.parametrize("prompt", [TEXT, TOKENS])
def test_echo_puts_the_prompt_before_the_text(client: Client, prompt: Any) -> None:
    answer = complete(client, prompt, echo=True, max_tokens=3)
    assert answer.choices[0].text.startswith(TEXT)
    assert answer.usage.completion_tokens == 3


def test_an_echo_alone_writes_nothing(client: Client) -> None:
    answer = complete(client, echo=True, max_tokens=0)
    assert answer.choices[0].text == TEXT
    assert answer.usage.completion_tokens == 0


def test_n_texts_are_written_for_each_prompt(client: Client) -> None:
    answer = complete(client, [TEXT, TEXT], n=3, max_tokens=5)
    assert len(answer.choices) == 6
    assert answer.usage.completion_tokens == 30


def test_of_the_best_only_n_are_answered_but_all_are_counted(client: Client) -> None:
    answer = complete(client, n=2, best_of=4, max_tokens=5)
    assert len(answer.choices) == 2
    assert answer.usage.completion_tokens == 20


def test_a_text_ends_before_its_stop_sequence(client: Client) -> None:
    answer = complete(client, stop=[" the"], max_tokens=500)
    assert " the" not in answer.choices[0].text
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.completion_tokens == len(ENCODING.encode(answer.choices[0].text))


def test_a_suffix_is_taken(client: Client) -> None:
    assert complete(client, suffix="The end.", max_tokens=4).choices[0].text


@pytest.mark.parametrize("model", ["gpt-35-turbo", "davinci-002"])
def test_a_model_that_cannot_insert_refuses_a_suffix(client: Client, model: str) -> None:
    with pytest.raises(openai.BadRequestError, match="'suffix' parameter is not supported"):
        complete(client, model=model, suffix="The end.")


@pytest.mark.parametrize("parameters", [{"seed": 4}, {"temperature": 0}])
def test_the_same_request_gives_the_same_text(client: Client, parameters: Any) -> None:
    texts = {complete(client, **parameters, max_tokens=40).choices[0].text for _ in range(3)}
    assert len(texts) == 1


@pytest.mark.parametrize(("top", "listed"), [(0, 1), (1, 1), (5, 5)])
@pytest.mark.parametrize("echo", [False, True])
def test_log_probabilities_fit_the_text(client: Client, top: int, listed: int, echo: bool) -> None:
    """Those of an echoed prompt, too; what begins it follows nothing, and has none."""
    answer = complete(client, model="davinci-002", logprobs=top, echo=echo, max_tokens=8)
    choice, logprobs = answer.choices[0], answer.choices[0].logprobs
    assert "".join(logprobs.tokens) == choice.text
    assert len(logprobs.tokens) == 8 + (len(TOKENS) if echo else 0)
    assert logprobs.text_offset[0] == 0
    for token, (here, there) in zip(logprobs.tokens, pairwise(logprobs.text_offset), strict=False):
        assert there - here == len(token)
    unknown = [None] if echo else []
    assert logprobs.token_logprobs[: len(unknown)] == unknown
    assert logprobs.top_logprobs[: len(unknown)] == unknown
    assert all(logprob <= 0 for logprob in logprobs.token_logprobs[len(unknown) :])
    assert all(len(likeliest) == listed for likeliest in logprobs.top_logprobs[len(unknown) :])


def test_a_prompt_alone_is_scored(client: Client) -> None:
    answer = complete(client, model="davinci-002", logprobs=1, echo=True, max_tokens=0)
    logprobs = answer.choices[0].logprobs
    assert "".join(logprobs.tokens) == answer.choices[0].text == TEXT
    assert answer.usage.completion_tokens == 0


def test_the_instruct_model_does_not_score_a_prompt(client: Client) -> None:
    with pytest.raises(openai.BadRequestError, match="Setting 'echo' and 'logprobs' at the same"):
        complete(client, model=MODEL, logprobs=1, echo=True)


def test_without_asking_there_are_no_log_probabilities(client: Client) -> None:
    assert complete(client).choices[0].logprobs is None


def test_a_stream_says_what_the_plain_answer_says(client: Client) -> None:
    asked: dict[str, Any] = {"seed": 4, "max_tokens": 30, "n": 2}
    plain = [choice.text for choice in complete(client, **asked).choices]
    texts = ["", ""]
    for chunk in complete(client, **asked, stream=True):
        for choice in chunk.choices:
            texts[choice.index] += choice.text
    assert texts == plain


def test_a_stream_ends_each_choice_and_reports_its_usage_if_requested(client: Client) -> None:
    stream = complete(
        client, stream=True, n=2, max_tokens=3, stream_options={"include_usage": True}
    )
    first, *contents, one, other, last = list(stream)
    assert first.choices == []
    assert [chunk.choices[0].finish_reason for chunk in contents] == [None] * 6
    assert [chunk.choices[0].finish_reason for chunk in (one, other)] == ["length"] * 2
    assert last.usage is not None
    assert last.usage.completion_tokens == 6


def test_a_streamed_echo_comes_with_the_first_token(client: Client) -> None:
    asked: dict[str, Any] = {"model": "davinci-002", "stream": True, "echo": True, "logprobs": 1}
    _, *written, _ = complete(client, **asked, max_tokens=3)
    texts = [chunk.choices[0].text for chunk in written]
    assert texts[0].startswith(TEXT)
    assert not texts[1].startswith(TEXT)
    found = [chunk.choices[0].logprobs for chunk in written]
    offsets = [offset for logprobs in found for offset in logprobs.text_offset]
    tokens = [token for logprobs in found for token in logprobs.tokens]
    assert "".join(tokens) == "".join(texts)
    assert offsets == [0, *accumulate(map(len, tokens[:-1]))]


def test_a_streamed_echo_alone_is_one_event(client: Client) -> None:
    _, echoed, end = complete(client, stream=True, echo=True, max_tokens=0)
    assert (echoed.choices[0].text, end.choices[0].finish_reason) == (TEXT, "length")


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n": 2, "best_of": 1}, "You requested that the server return more choices than it will"),
        (
            {"best_of": 2, "stream": True},
            "Results with 'best_of' greater than 'n' cannot be streamed.",
        ),
        ({"logprobs": 6}, "Expected a value <= 5, but got 6 instead."),
        ({"max_tokens": -1}, "Expected a value >= 0, but got -1 instead."),
        ({"prompt": []}, "'prompt' must be a string, an array of strings"),
        ({"prompt": ["a", 1]}, "'prompt' must be a string, an array of strings"),
        ({"prompt": [10**7]}, "'prompt' must be a string, an array of strings"),
        ({"seed": -(2**63) - 1}, "integer below minimum value"),
        (
            {"prompt": "word " * 5000},
            (
                "This model's maximum context length is 4097 tokens, however you requested 5017 tokens "
                r"\(5001 in your prompt; 16 for the completion\). Please reduce your prompt; or "
                "completion length."
            ),
        ),
    ],
)
def test_a_request_is_refused_in_the_services_words(
    client: Client, parameters: Any, message: str
) -> None:
    with pytest.raises(openai.BadRequestError, match=message):
        complete(client, **parameters)


async def test_the_async_client_reads_a_stream(async_client: openai.AsyncAzureOpenAI) -> None:
    stream = await async_client.completions.create(
        model=MODEL, prompt=TEXT, max_tokens=7, stream=True
    )
    text = "".join([c.choices[0].text async for c in stream if c.choices])
    assert len(ENCODING.encode(text)) == 7
