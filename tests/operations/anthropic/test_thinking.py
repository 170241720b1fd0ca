"""Thinking of Claude, plain and streamed, sent back in later turns, and refused beside what excludes it."""

import random
from typing import Any

import anthropic
import httpx2
import pytest
from anthropic import AnthropicFoundry

from simulator.errors import InvalidRequest
from simulator.operations.anthropic.parameters import Message, ThinkingBlock
from simulator.operations.anthropic.thinking import MAGIC, Signatures
from tests.operations.anthropic.test_messages import HELLO, OSLO, WEATHER

ENABLED: Any = {"type": "enabled", "budget_tokens": 1024}
ASKED: dict[str, Any] = {"model": "sonnet", "max_tokens": 4000, "messages": HELLO}
THOUGHT: dict[str, Any] = {**ASKED, "thinking": ENABLED}


def kinds(message: anthropic.types.Message) -> list[str]:
    return [block.type for block in message.content]


def test_thinking_comes_before_the_answer(claude: AnthropicFoundry) -> None:
    answer = claude.messages.create(**THOUGHT)
    assert kinds(answer) == ["thinking", "text"]
    thought: Any = answer.content[0]
    assert thought.thinking
    assert thought.signature.startswith("E")
    assert answer.usage.output_tokens_details is not None
    thinking = answer.usage.output_tokens_details.thinking_tokens
    assert 0 < thinking <= 1024
    assert answer.usage.output_tokens > thinking
    assert kinds(claude.messages.create(**ASKED)) == ["text"]
    off: Any = {"type": "disabled"}
    assert kinds(claude.messages.create(**ASKED, thinking=off)) == ["text"]


def test_a_stream_thinks_and_signs_before_it_answers(claude: AnthropicFoundry) -> None:
    events: list[Any] = []
    with claude.messages.stream(**THOUGHT) as stream:
        events.extend(event for event in stream if event.type != "text")
        whole = stream.get_final_message()
    assert kinds(whole) == ["thinking", "text"]
    deltas = [event for event in events if event.type == "content_block_delta"]
    first = [event.delta.type for event in deltas if event.index == 0]
    assert set(first[:-1]) == {"thinking_delta"}
    assert first[-1] == "signature_delta"
    assert {event.delta.type for event in deltas if event.index == 1} == {"text_delta"}
    thought: Any = whole.content[0]
    shown = "".join(event.delta.thinking for event in deltas[: len(first) - 1])
    assert thought.thinking == shown
    assert thought.signature == deltas[len(first) - 1].delta.signature
    assert whole.usage.output_tokens_details is not None
    # What a stream has made is verified as well.
    turns = [*HELLO, {"role": "assistant", "content": whole.content}, *HELLO]
    assert kinds(claude.messages.create(**{**THOUGHT, "messages": turns})) == ["thinking", "text"]


@pytest.mark.parametrize("streamed", [False, True])
def test_the_answer_may_end_while_it_thinks(claude: AnthropicFoundry, streamed: bool) -> None:
    asked: dict[str, Any] = {"model": "opus", "max_tokens": 50, "messages": HELLO}
    thinking: Any = {"type": "adaptive", "display": "summarized"}
    if streamed:
        with claude.messages.stream(**asked, thinking=thinking) as stream:
            answer = stream.get_final_message()
    else:
        answer = claude.messages.create(**asked, thinking=thinking)
    assert (kinds(answer), answer.stop_reason) == (["thinking"], "max_tokens")
    assert answer.usage.output_tokens == 50


def called(claude: AnthropicFoundry, **more: Any) -> tuple[Any, list[Any]]:
    """An answer that calls a tool, and the turns that bring its result."""
    asked = {**THOUGHT, "messages": OSLO, "tools": [WEATHER], **more}
    answer = claude.messages.create(**asked)
    assert kinds(answer) == ["thinking", "tool_use"]
    result = {"type": "tool_result", "tool_use_id": answer.content[1].id, "content": "Rain"}  # type: ignore[union-attr]  # a call
    return answer, [
        *OSLO,
        {"role": "assistant", "content": answer.content},
        {"role": "user", "content": [result]},
    ]


def test_thinking_goes_back_with_the_result_of_a_tool(claude: AnthropicFoundry) -> None:
    answer, turns = called(claude)
    asked = {**THOUGHT, "tools": [WEATHER], "messages": turns}
    # Without interleaved thinking, it thinks once for each turn of the user.
    told = claude.messages.create(**asked)
    assert kinds(told) == ["text"]
    beta = {"anthropic-beta": "interleaved-thinking-2025-05-14"}
    assert kinds(claude.messages.create(**asked, extra_headers=beta)) == ["thinking", "text"]
    more = [*turns, {"role": "assistant", "content": told.content}, *HELLO]
    assert kinds(claude.messages.create(**{**asked, "messages": more}))[0] == "thinking"

    lost = [OSLO[0], {"role": "assistant", "content": answer.content[1:]}, turns[2]]
    with pytest.raises(anthropic.BadRequestError) as refused:
        claude.messages.create(**{**asked, "messages": lost})
    assert "messages.1.content.0.type: Expected `thinking` or" in str(refused.value)
    assert "but found `tool_use`" in str(refused.value)
    # What is over need not be there any more, and without thinking nothing need be.
    over = [*lost, {"role": "assistant", "content": told.content}, *HELLO]
    assert claude.messages.create(**{**asked, "messages": over})
    assert claude.messages.create(**{**asked, "messages": lost, "thinking": {"type": "disabled"}})


def test_thinking_that_was_changed_is_refused(claude: AnthropicFoundry) -> None:
    answer, turns = called(claude)
    thought = answer.content[0]
    for changed in (
        {"thinking": "Something else"},
        {"signature": "EqQB"},
        {"signature": "?"},
        {"signature": f"{thought.signature[:-8]}AAAAAAA="},
    ):
        block = {**thought.to_dict(), **changed}
        turns[1] = {"role": "assistant", "content": [block, *answer.content[1:]]}
        with pytest.raises(anthropic.BadRequestError) as refused:
            claude.messages.create(**{**THOUGHT, "tools": [WEATHER], "messages": turns})
        assert "messages.1.content.0: Invalid `signature` in `thinking` block" in str(refused.value)
        with pytest.raises(anthropic.BadRequestError) as uncounted:
            count(claude, turns)
        assert uncounted.value.body["error"] == refused.value.body["error"]  # type: ignore[index]  # a JSON object


def count(claude: AnthropicFoundry, turns: Any, thinking: Any = ENABLED) -> int:
    tools: Any = [WEATHER]
    counted = claude.messages.count_tokens(
        model="sonnet", tools=tools, messages=turns, thinking=thinking
    )
    return counted.input_tokens


def test_counting_looks_at_thinking_as_answering_does(claude: AnthropicFoundry) -> None:
    answer, turns = called(claude)
    off: Any = {"type": "disabled"}
    assert count(claude, turns) > 0
    assert count(claude, turns, off) > 0
    thought = answer.content[0].to_dict()
    empty = {"type": "thinking", "thinking": "", "signature": ""}
    for blocks, thinking, words in (
        (answer.content[1:], ENABLED, "messages.1.content.0.type: Expected `thinking` or"),
        ([empty, *answer.content[1:]], ENABLED, "0.thinking: each thinking block must contain"),
    ):
        lost = [turns[0], {"role": "assistant", "content": blocks}, turns[2]]
        with pytest.raises(anthropic.BadRequestError, match=words):
            count(claude, lost, thinking)
    last = [turns[0], {"role": "assistant", "content": [thought, {"type": "text", "text": "So"}]}]
    assert count(claude, last) > 0
    with pytest.raises(anthropic.BadRequestError) as refused:
        count(claude, last, off)
    assert (
        "messages.1.content.0: When thinking is disabled, an `assistant` message in the final "
        "position cannot contain `thinking`." in str(refused.value)
    )
    with pytest.raises(anthropic.BadRequestError, match="in the final position"):
        claude.messages.create(**{**ASKED, "messages": last})


def test_later_models_think_as_they_choose_and_hide_it(claude: AnthropicFoundry) -> None:
    asked: dict[str, Any] = {**ASKED, "model": "opus", "output_config": {"effort": "low"}}
    hidden = claude.messages.create(**asked, thinking={"type": "adaptive"})
    thought: Any = hidden.content[0]
    assert (kinds(hidden), thought.thinking) == (["thinking", "text"], "")
    with claude.messages.stream(**asked, thinking={"type": "adaptive"}) as stream:
        deltas = [event.delta.type for event in stream if event.type == "content_block_delta"]
        streamed = stream.get_final_message()
    assert deltas[0] == "signature_delta"
    turns = [*HELLO, {"role": "assistant", "content": streamed.content}, *HELLO]
    shown = claude.messages.create(
        **{**asked, "messages": turns},
        thinking={"type": "adaptive", "display": "summarized"},
    )
    again: Any = shown.content[0]
    assert again.thinking
    details: Any = shown.usage.output_tokens_details
    assert details.thinking_tokens <= 256


@pytest.mark.parametrize("streamed", [False, True])
def test_the_magic_text_makes_thinking_redacted(claude: AnthropicFoundry, streamed: bool) -> None:
    turns: list[Any] = [{"role": "user", "content": MAGIC}]
    asked = {**THOUGHT, "messages": turns}
    if streamed:
        with claude.messages.stream(**asked) as stream:
            answer = stream.get_final_message()
    else:
        answer = claude.messages.create(**asked)
    assert kinds(answer) == ["redacted_thinking", "text"]
    turns += [{"role": "assistant", "content": answer.content}, *HELLO]
    assert claude.messages.create(**asked)
    turns[1] = {"role": "assistant", "content": [{"type": "redacted_thinking", "data": "x"}]}
    with pytest.raises(anthropic.BadRequestError, match="Invalid `data` in `redacted_thinking`"):
        claude.messages.create(**asked)


MODE = "when thinking is enabled. Please consult our documentation"
LATER = "when thinking is enabled or in adaptive mode. Please"
TOOLS = {"tools": [WEATHER]}
ADAPTIVE = {"model": "opus", "thinking": {"type": "adaptive"}}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"thinking": {"type": "enabled"}},
            "thinking.enabled.budget_tokens: Field required",
        ),
        (
            {"thinking": {"type": "enabled", "budget_tokens": 1023}},
            "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024",
        ),
        (
            {"max_tokens": 1024},
            "`max_tokens` must be greater than `thinking.budget_tokens`.",
        ),
        (
            {"thinking": {"type": "disabled", "budget_tokens": 2000}},
            "thinking.disabled.budget_tokens: Extra inputs are not permitted",
        ),
        (
            {**ADAPTIVE, "thinking": {"type": "adaptive", "budget_tokens": 2000}},
            "thinking.adaptive.budget_tokens: Extra inputs are not permitted",
        ),
        (
            {"thinking": {"type": "adaptive"}},
            "adaptive thinking is not supported on this model",
        ),
        ({"model": "opus"}, '"thinking.type.enabled" is not supported for this model.'),
        ({"temperature": 0.5}, f"`temperature` may only be set to 1 {MODE}"),
        ({"top_p": 0.9}, f"`top_p` must be greater than or equal to 0.95 or unset {MODE}"),
        ({"top_k": 5}, f"`top_k` must be unset {MODE}"),
        (
            {**TOOLS, "tool_choice": {"type": "any"}},
            "Thinking may not be enabled when tool_choice forces tool use.",
        ),
        (
            {**TOOLS, **ADAPTIVE, "tool_choice": {"type": "tool", "name": "weather"}},
            "Thinking may not be enabled when tool_choice forces tool use.",
        ),
        (
            {"messages": [*HELLO, {"role": "assistant", "content": "So"}]},
            "messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `text`.",
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_thinking_is_refused_beside_what_excludes_it(
    plain: httpx2.Client, changes: dict[str, Any], message: str
) -> None:
    refused = plain.post("/messages", json={**THOUGHT, **changes})
    assert refused.status_code == 400, refused.text
    assert refused.json()["error"]["message"].startswith(message)


@pytest.mark.parametrize(
    "changes",
    [
        {"temperature": 1},
        {"top_p": 0.95},
        {**TOOLS, "tool_choice": {"type": "auto"}},
        {**TOOLS, "tool_choice": {"type": "none"}},
        {"output_config": {"effort": "low"}},
    ],
    ids=str,
)
def test_what_goes_with_thinking_is_taken(plain: httpx2.Client, changes: Any) -> None:
    answer = plain.post("/messages", json={**THOUGHT, **changes})
    assert answer.json()["content"][0]["type"] == "thinking", answer.text


def test_every_instance_and_no_other_resource_verifies_a_signature() -> None:
    signature = Signatures(b"key", "west").make("Hm", random.Random(1))
    turn = [Message("assistant", [ThinkingBlock(thinking="Hm", signature=signature)])]
    Signatures(b"key", "west").check(turn)
    for other in (Signatures(b"key", "east"), Signatures(b"other", "west")):
        with pytest.raises(InvalidRequest, match="Invalid `signature`"):
            other.check(turn)
