import datetime
import json
import random
from typing import Any

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from simulator.assembly.budgets import schema_budget
from simulator.json_schema.acceptance.strict_mode import check_schema
from simulator.json_schema.sampling.kinds import kind_of_name, kind_of_text
from simulator.json_schema.sampling.lifelike import NUMBERS, TEXTS
from simulator.json_schema.sampling.sampler import instance
from simulator.synthesis.filler_text import FillerText
from tests.support.health_checks import ALL_HEALTH_CHECKS
from tests.support.schema_sampling import complaints
from tests.support.schema_strategies import schemas

PROSE = FillerText()


def guided(schema: dict[str, Any], number: int = 1, size: int = 100) -> Any:
    return instance(
        schema, random.Random(number), PROSE.text, schema_budget(), size=size, guided=True
    )


def value(name: str, schema: dict[str, Any], number: int = 1) -> Any:
    whole = {"type": "object", "properties": {name: schema}, "required": [name]}
    return guided(whole, number)[name]


@seed(20261129)
@settings(max_examples=300, deadline=None, database=None, suppress_health_check=ALL_HEALTH_CHECKS)
@given(schema=schemas(), size=st.sampled_from([1, 20, 100]), number=st.integers(0, 9999))
def test_guided_instances_of_random_schemas_validate(schema, size, number):
    check_schema(schema, where="response_format 'random'")
    drawn = guided(schema, number, size)
    assert complaints(drawn, schema) == []
    assert guided(schema, number, size) == drawn


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("city", "city"),
        ("deliveryCity", "city"),
        ("cities", "city"),
        ("destination_country", "country"),
        ("user_email", "email"),
        ("emailAddress", "email"),
        ("full_name", "name"),
        ("firstName", "first name"),
        ("company_name", "company"),
        ("due_date", "date"),
        ("created_at", "moment"),
        ("website", "url"),
        ("date_of_birth", "birth date"),
        ("clientIp", "ip address"),
        ("order_status", "status"),
        ("sqlQuery", "statement"),
        ("hour", "hour"),
        ("phoneNumbers", "phone"),
    ],
)
def test_a_name_in_any_spelling_says_what_a_string_is(name: str, kind: str) -> None:
    assert kind_of_name(name) == kind
    drawn = {value(name, {"type": "string"}, number) for number in range(8)}
    made = {TEXTS[kind](random.Random(number)) for number in range(4_000)}
    assert drawn <= made


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [("age", 18, 80), ("price", 5, 500), ("latitude", -60, 70), ("quantity", 1, 10)],
)
def test_a_name_says_what_a_number_is(name: str, low: float, high: float) -> None:
    for kind in ("number", "integer"):
        for number in range(10):
            drawn = value(name, {"type": kind}, number)
            assert low <= drawn <= high
            assert kind == "number" or isinstance(drawn, int)


def test_examples_go_before_default_and_both_before_names() -> None:
    examples = {"type": "string", "examples": ["Ulm", "Bonn"], "default": "Graz"}
    assert {value("city", examples, number) for number in range(9)} == {"Ulm", "Bonn"}
    assert value("city", {"type": "string", "default": "Graz"}) == "Graz"
    assert value("n", {"type": "integer", "default": 7}) == 7
    assert value("unit", {"enum": ["c", "f", "k"], "default": "k"}) == "k"
    assert value("kind", {"const": "x", "default": "y"}) == "x"
    assert value("city", {"type": "string", "example": "Wien"}) == "Wien"


def test_a_default_of_null_says_nothing_of_the_value() -> None:
    schema = {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}
    assert any(value("city", schema, number) for number in range(8))


def test_examples_and_defaults_that_are_no_instances_have_no_part() -> None:
    schema = {"type": "string", "maxLength": 4, "examples": ["too long", 7], "default": "long too"}
    assert len(value("city", schema)) <= 4
    nested = {"allOf": [{"type": "string", "default": "abc"}, {"minLength": 9}]}
    assert len(value("word", nested)) >= 9


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("The city and state, e.g. San Francisco, CA", "San Francisco, CA"),
        ("A stock symbol (for example MSFT). Upper case.", "MSFT"),
        ("The airport, such as 'LIS'", "LIS"),
        ('Ticket, example: "AB-12"', "AB-12"),
    ],
)
def test_a_description_gives_examples_in_its_words(description: str, expected: str) -> None:
    assert value("x", {"type": "string", "description": description}) == expected


def test_a_description_makes_a_vague_name_clear() -> None:
    assert kind_of_text("The name of the city to look up") == "city"
    cities = {TEXTS["city"](random.Random(number)) for number in range(500)}
    for name in ("name", "q", "value"):
        assert value(name, {"type": "string", "description": "Name of the city"}) in cities
    code = value("country", {"type": "string", "description": "ISO 3166, two letters"})
    assert len(code) == 2


def test_a_description_gives_the_form_of_a_date() -> None:
    drawn = value("start", {"type": "string", "description": "as DD.MM.YYYY"})
    assert datetime.datetime.strptime(drawn, "%d.%m.%Y")


def test_a_format_goes_before_a_name() -> None:
    drawn = value("city", {"type": "string", "format": "date-time"})
    assert datetime.datetime.fromisoformat(drawn)
    assert "@" in value("country", {"type": "string", "format": "email"})


def test_strings_are_a_few_words_unless_more_is_wanted() -> None:
    assert len(value("foo", {"type": "string"}).split()) <= 7
    assert 8 <= len(value("summary", {"type": "string"}).split()) <= 30
    assert len(value("foo", {"type": "string", "minLength": 400})) >= 400
    long = {"type": "string", "description": "A long, detailed report"}
    assert len(value("foo", long).split()) >= 40


def test_arrays_are_short_and_distinct_where_they_have_to_be() -> None:
    strings = {"type": "array", "items": {"type": "string"}}
    assert 1 <= len(value("tags", strings)) <= 4
    many = value("cities", {**strings, "uniqueItems": True, "minItems": 30})
    assert len(set(many)) == 30
    one = {"type": "array", "items": {"type": "string", "default": "a"}, "uniqueItems": True}
    assert len(set(value("x", {**one, "minItems": 5}))) == 5


class Person(BaseModel):
    name: str
    email: str
    home_city: str = Field(description="Where the person lives")
    nickname: str | None = None


class Party(BaseModel):
    title: str
    date: datetime.date
    guests: list[Person]


def test_a_pydantic_model_is_filled_with_what_its_names_say() -> None:
    party = Party.model_validate(guided(Party.model_json_schema()))
    assert party.guests
    assert all("@" in guest.email for guest in party.guests)
    assert len(json.dumps(party.model_dump(mode="json"))) < 1_500


@pytest.mark.parametrize("table", [TEXTS, NUMBERS])
def test_every_kind_is_made_the_same_from_the_same_state(table: dict[str, Any]) -> None:
    for make in table.values():
        assert make(random.Random(5)) == make(random.Random(5))


def test_a_sentence_that_is_hardly_begun_is_left_out() -> None:
    texts = [value("summary", {"type": "string"}, number) for number in range(40)]
    lengths = [len(text.rpartition(". ")[2].split()) for text in texts if ". " in text]
    assert lengths
    assert min(lengths) > 3


def test_nobody_is_born_in_the_future() -> None:
    born = [value("birthday", {"type": "string"}, number) for number in range(20)]
    assert max(born) < "2006"


@pytest.mark.parametrize(
    ("described", "among"),
    [
        ("celsius or fahrenheit", {"celsius", "fahrenheit"}),
        ("'metric', \"imperial\" or scientific.", {"metric", "imperial", "scientific"}),
        ("The unit of it (low, mid, or top).", {"low", "mid", "top"}),
        ("Must be asc or desc, which is the default", {"asc", "desc"}),
        ("City or country", None),
        ("What to do, or not", None),
    ],
)
def test_words_to_choose_from_are_taken_as_they_are(described: str, among: set[str] | None) -> None:
    schema = {"type": "string", "description": described}
    found = {value("thing", schema, number) for number in range(40)}
    assert found == among if among else not found & {"City", "country", "do", "not"}


def test_a_description_may_say_more_exactly_what_a_name_says() -> None:
    text = {"type": "string"}
    assert "SELECT" in value("query", {**text, "description": "The SQL query to run"})
    assert value("recipient", {**text, "description": "E-mail address"}).endswith("@example.com")
    start = value("start", {**text, "description": "Start in ISO 8601"})
    assert datetime.datetime.fromisoformat(start).tzinfo is not None
    day = value("start", {**text, "description": "ISO 8601 date"})
    assert datetime.date.fromisoformat(day)


def test_a_list_of_single_values_has_one_at_least() -> None:
    tags = {"type": "array", "items": {"type": "string"}}
    properties = dict.fromkeys("abcdefgh", tags)
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    assert all(all(guided(schema, number, size=24).values()) for number in range(10))
