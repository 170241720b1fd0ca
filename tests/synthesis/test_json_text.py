import json
import random

import pytest

from simulator.assembly.budgets import schema_budget
from simulator.json_schema.errors import UnsatisfiableSchema
from simulator.latency import Spread
from simulator.synthesis.answer_shape import AnswerShape
from simulator.synthesis.call_drafts import CALL_TOKENS
from simulator.synthesis.drafts import Draft, DraftRequest, DraftWriter
from simulator.synthesis.filler_text import FillerText
from simulator.synthesis.json_text import JsonText
from simulator.synthesis.tool_selection import Tool
from simulator.tokens.tokenizer import Tokenizer

ENCODING = "o200k_base"
PERSON = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "motto": {"type": "string"},
        "ageInYears": {"type": "integer", "minimum": 0, "maximum": 120},
    },
    "required": ["name", "motto", "ageInYears"],
    "additionalProperties": False,
}
TOOL = Tool("find_person", "", PERSON)
NAP = Tool("nap")


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer()


@pytest.fixture(scope="module")
def texts(tokenizer: Tokenizer) -> JsonText:
    return JsonText(FillerText(), tokenizer)


@pytest.fixture(scope="module")
def writer(tokenizer: Tokenizer) -> DraftWriter:
    return DraftWriter(FillerText(), tokenizer, schema_budget)


def draft(writer: DraftWriter, seed: int = 1, **order: object) -> Draft:
    return writer.draft(
        DraftRequest(
            ENCODING, **{"room": 1000, "shape": AnswerShape(Spread(120), full=True), **order}
        ),
        random.Random(seed),
    )


@pytest.mark.parametrize("size", [30, 100, 400, 2000])
def test_an_instance_is_of_about_the_wished_size(texts: JsonText, size: int) -> None:
    made = texts.instance(
        PERSON, random.Random(1), encoding=ENCODING, size=size, most=10_000, budget=schema_budget()
    )
    assert made.whole
    assert len(made.pieces) == pytest.approx(size, rel=0.2)


@pytest.mark.parametrize("most", [18, 20, 25, 40])
def test_an_instance_is_made_to_fit(texts: JsonText, most: int) -> None:
    made = texts.instance(
        PERSON, random.Random(1), encoding=ENCODING, size=400, most=most, budget=schema_budget()
    )
    assert made.whole
    assert json.loads("".join(made.pieces)).keys() == PERSON["properties"].keys()


def test_an_instance_that_cannot_fit_is_cut(texts: JsonText) -> None:
    made = texts.instance(
        PERSON, random.Random(1), encoding=ENCODING, size=400, most=7, budget=schema_budget()
    )
    assert not made.whole
    assert len(made.pieces) == 7


def test_an_instance_is_compact_json_without_escapes(texts: JsonText) -> None:
    schema = {"type": "object", "properties": {"é": {"const": "漢"}}, "required": ["é"]}
    made = texts.instance(
        schema, random.Random(1), encoding=ENCODING, size=10, most=100, budget=schema_budget()
    )
    assert "".join(made.pieces) == '{"é":"漢"}'


@pytest.mark.parametrize("asked", [40, 100, 300])
def test_a_structured_draft_has_no_more_tokens_than_asked(
    writer: DraftWriter, tokenizer: Tokenizer, asked: int
) -> None:
    made = draft(writer, schema=PERSON, asked=asked)
    assert made.finish_reason == "stop"
    assert 0.7 * asked <= made.tokens <= asked
    assert made.tokens == tokenizer.count(made.text, ENCODING)
    assert made.escapable


def test_a_structured_draft_has_a_natural_length_unless_asked(writer: DraftWriter) -> None:
    assert draft(writer, schema=PERSON).tokens == pytest.approx(120, rel=0.2)


def test_a_structured_draft_that_is_cut_says_so(writer: DraftWriter) -> None:
    made = draft(writer, schema=PERSON, asked=5)
    assert (made.finish_reason, made.tokens) == ("length", 5)


def test_a_structured_draft_stops_at_a_stop_sequence(writer: DraftWriter) -> None:
    made = draft(writer, schema=PERSON, stops=("ageIn",))
    assert made.finish_reason == "stop"
    assert made.text.endswith('"')
    assert "age" not in made.text
    assert made.escapable


def test_reasoning_leaves_less_for_the_instance(writer: DraftWriter) -> None:
    made = draft(writer, schema=PERSON, asked=300, effort="low")
    assert made.reasoning > 0
    assert made.reasoning + made.tokens <= 300


def test_a_call_costs_its_name_its_arguments_and_seven_tokens(
    writer: DraftWriter, tokenizer: Tokenizer
) -> None:
    made = draft(writer, tools=(TOOL,))
    (call,) = made.calls
    texts = (TOOL.name, call.arguments)
    assert made.tokens == CALL_TOKENS + sum(tokenizer.count(text, ENCODING) for text in texts)
    assert (made.finish_reason, made.text) == ("tool_calls", "")


# Recorded: the calls of a get_weather and a get_capital function, with the tokens they were charged.
@pytest.mark.parametrize(
    ("name", "arguments", "tokens"),
    [
        ("get_weather", '{"location":"Shanghai"}', 14),  # gpt-4o, 2025-05
        ("get_weather", '{"location":"Taiwan"}', 15),  # gpt-4.1-mini, 2025-07
    ],
)
def test_the_cost_of_a_call_is_the_recorded_one(
    tokenizer: Tokenizer, name: str, arguments: str, tokens: int
) -> None:
    counted = tokenizer.count(name, ENCODING) + tokenizer.count(arguments, ENCODING)
    assert CALL_TOKENS + counted == tokens


def test_a_tool_without_parameters_is_called_with_an_empty_object(writer: DraftWriter) -> None:
    assert draft(writer, tools=(NAP,)).calls[0].arguments == "{}"


def test_calls_end_where_there_is_no_room(writer: DraftWriter) -> None:
    made = draft(writer, tools=(TOOL, NAP, TOOL), asked=30)
    assert made.finish_reason == "length"
    assert sum(call.tokens for call in made.calls) == made.tokens == 30
    assert [call.whole for call in made.calls[:-1]] == [True] * (len(made.calls) - 1)
    assert not made.calls[-1].whole or len(made.calls) < 3


def test_a_call_that_fits_exactly_is_whole(writer: DraftWriter) -> None:
    made = draft(writer, tools=(NAP, NAP), asked=9)
    assert [call.arguments for call in made.calls] == ["{}"]
    assert made.finish_reason == "length"


def test_the_same_state_of_chance_drafts_the_same(writer: DraftWriter) -> None:
    order = {"tools": (TOOL, NAP)}
    assert draft(writer, seed=3, **order) == draft(writer, seed=3, **order)
    assert draft(writer, seed=3, **order) != draft(writer, seed=4, **order)


def test_a_schema_without_instances_is_reported(writer: DraftWriter) -> None:
    schema = {"type": "integer", "minimum": 3, "maximum": 2}
    with pytest.raises(UnsatisfiableSchema):
        draft(writer, schema=schema)
