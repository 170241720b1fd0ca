"""JSON mode whose prompt shows a schema or an example, as clients' libraries and people write them."""

import json
import random
from typing import Any

import jsonschema
import pydantic
import pytest
from langchain_core.output_parsers import PydanticOutputParser

from simulator.assembly.budgets import schema_budget
from simulator.synthesis.drafts import DraftRequest, DraftWriter
from simulator.synthesis.filler_text import FillerText
from simulator.synthesis.prompted_json import LONGEST_SEARCH, prompted_schema
from simulator.tokens.tokenizer import Tokenizer

WRITER = DraftWriter(FillerText(), Tokenizer(), schema_budget)


class Street(pydantic.BaseModel):
    name: str
    number: int


class Home(pydantic.BaseModel):
    city: str
    streets: list[Street]
    floors: float | None = None


SCHEMA = json.dumps(Home.model_json_schema(), indent=2)
INSTRUCTOR = f"""
As a genius expert, your task is to understand the content and provide
the parsed objects in json that match the following json_schema:

{SCHEMA}

Make sure to return an instance of the JSON, not the schema itself
"""
PYDANTIC_AI = f"Always respond with a JSON object that's compatible with this schema:\n\n{SCHEMA}\n"
FENCED = f"Answer in json:\n```json\n{SCHEMA}\n```\nBe brief."
WRAPPED = json.dumps({"name": "home", "strict": True, "schema": Home.model_json_schema()})


def written(*texts: str, **members: Any) -> Any:
    request = DraftRequest("o200k_base", 10_000, json=True, prompt=texts, **members)
    draft = WRITER.draft(request, random.Random(1))
    assert draft.finish_reason == "stop"
    return json.loads(draft.text)


@pytest.mark.parametrize(
    "prompt",
    [
        INSTRUCTOR,
        PydanticOutputParser(pydantic_object=Home).get_format_instructions(),
        PYDANTIC_AI,
        FENCED,
        WRAPPED,
    ],
    ids=["instructor", "langchain", "pydantic-ai", "fenced", "wrapped"],
)
def test_an_instance_of_the_schema_in_the_prompt_is_written(prompt: str) -> None:
    for texts in ((prompt, 'The input is {"a": 1}'), ("Be brief.", f"A house. {prompt}")):
        Home.model_validate(written(*texts), strict=True)


def test_the_newest_message_with_a_schema_counts() -> None:
    other = json.dumps(Street.model_json_schema())
    assert written(SCHEMA, other).keys() == {"name", "number"}


EXAMPLE = {
    "name": "Ann Lee",
    "age": 30,
    "score": 0.5,
    "active": True,
    "born": "1990-01-31",
    "mood": "good|bad|mixed",
    "tags": ["red"],
    "address": {"city": "Rome", "count": "integer"},
}
SHAPE = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "age": {"type": "integer"},
        "score": {"type": "number"},
        "active": {"type": "boolean"},
        "born": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"},
        "mood": {"enum": ["good", "bad", "mixed"]},
        "tags": {"type": "array", "minItems": 1, "items": {"type": "string"}},
        "address": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "count": {"type": "integer"}},
            "required": ["city", "count"],
        },
    },
    "required": list(EXAMPLE),
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    "prompt",
    [
        f"Respond in JSON like this: {json.dumps(EXAMPLE)}",
        f"Use this format:\n```json\n{json.dumps(EXAMPLE, indent=2)}\n```",
        json.dumps(EXAMPLE),
    ],
)
def test_json_looks_like_the_example_in_the_prompt(prompt: str) -> None:
    jsonschema.validate(written(prompt, "Describe Ann."), SHAPE)


@pytest.mark.parametrize(
    "prompt",
    [
        "Write json.",
        'The order {"id": 7} is late; say so in json.',
        "{{{{{{{{",
        '{"a": NaN} as the format',
        "[" * 5_000 + "{" * 5_000,
        '{"a":' * 5_000 + "1" + "}" * 5_000,
        "Format: {}",
        '{"type": "object", "properties": {"a": {"enum": []}}, "required": ["a"]}',
        "Return as JSON: {question} and {{name}}",
        "a { color: red } for the page; reply with json",
        "Answer in json: {name: it's}",
        "The key points of it as json; fields must be short, keys and values in English.",
    ],
)
def test_any_other_prompt_has_the_usual_json(prompt: str) -> None:
    assert written(prompt).keys() == {"answer"}


@pytest.mark.parametrize(
    "prompt",
    [
        "Reply with json: {name: string, age: int, score: 0.5, mood: good | bad, tags: [string]}",
        """Use this format: {'name': <string>, 'age': <int>, 'score': 0.5, 'mood': 'good|bad',
        'tags': ['red', ...],}""",
        (
            'Answer in json:\n{\n  "name": "Ann", // who it is\n  "age": 30, # in years\n'
            '  "score": 0.5, /* of 1 */\n  "mood": "good" | "bad",\n  "tags": ["red", ...]\n}'
        ),
        (
            "Give json. interface Person {\n  name: string;\n  age: integer\n  score?: 0.5;\n"
            "  mood: 'good' | 'bad';\n  tags: Array<string>\n}"
        ),
        "{name: text, age: <integer>, score: 0.25, mood: good|bad, tags: list[str], ...}",
    ],
    ids=["bare", "quoted", "commented", "interface", "alone"],
)
def test_an_example_that_is_nearly_json_is_read(prompt: str) -> None:
    found = written(prompt, "Describe Ann.")
    assert list(found) == ["name", "age", "score", "mood", "tags"]
    assert (type(found["name"]), type(found["age"])) == (str, int)
    assert 0 <= found["score"] <= 1
    assert found["mood"] in ("good", "bad")
    assert isinstance(found["tags"][0], str)


def test_json_within_what_is_nearly_json_is_a_part_of_it() -> None:
    found = written('Respond in json: {"items": [{"name": "Desk"}, ...], total: number}')
    assert list(found) == ["items", "total"]
    assert list(written("Give json: {a: {b: 1}[], c: null}")["a"][0]) == ["b"]


def test_a_schema_that_python_wrote_is_followed() -> None:
    assert written(f"The json_schema is {Street.model_json_schema()}").keys() == {"name", "number"}


@pytest.mark.parametrize(
    "prompt",
    [
        "Return JSON with the keys name, age (integer), late (true or false) and tags (list of strings).",
        'Give a json object with "name", "age", "late" (boolean, if it is) and a "tags" (array of text).',
        "Answer in json. Fields:\n- name: who it is\n- age\n- late: bool\n- tags: list of strings\nBe brief.",
        (
            "JSON, please.\nKeys:\n1. `name`: the name\n2. `age`: a number\n3. `late`: true/false\n"
            "4. `tags` (list of words)"
        ),
    ],
    ids=["sentence", "quoted", "bullets", "numbers"],
)
def test_names_that_are_listed_in_words_are_members(prompt: str) -> None:
    found = written(prompt, "Describe Ann.")
    assert list(found) == ["name", "age", "late", "tags"]
    assert isinstance(found["late"], bool)
    assert isinstance(found["tags"][0], str)


def test_a_number_stays_in_the_range_that_is_given() -> None:
    found = written("json with the keys `stars` (integer from 2 to 3), `sure` (float, 0-1)")
    assert found["stars"] in (2, 3)
    assert 0 <= found["sure"] <= 1
    assert list(written("Answer in json with a field called verdict.")) == ["verdict"]


@pytest.mark.parametrize(
    "text", ["{a:" * 60_000, "return {" + "a: b," * 40_000, "{/*" + "*" * 99_999]
)
def test_the_reading_of_what_is_nearly_json_is_bounded(text: str) -> None:
    assert prompted_schema([text]) is None


def test_the_search_is_bounded() -> None:
    assert prompted_schema([SCHEMA, "x" * LONGEST_SEARCH]) is None
    assert prompted_schema(["{" * 100 + SCHEMA]) is None
    assert prompted_schema([SCHEMA, "x" * (LONGEST_SEARCH - len(SCHEMA))]) is not None


def test_what_has_no_room_is_cut() -> None:
    request = DraftRequest("o200k_base", 10_000, asked=4, json=True, prompt=(SCHEMA,))
    draft = WRITER.draft(request, random.Random(1))
    assert (draft.tokens, draft.finish_reason) == (4, "length")
