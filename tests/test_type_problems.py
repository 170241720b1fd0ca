import uuid
from typing import Annotated

import msgspec
import pytest

from simulator.type_problems import Problem, in_document, in_words, located


class Needing(msgspec.Struct):
    needed: int


class Found(msgspec.Struct):
    number: int | None = None
    either: int | str = 0
    exact: uuid.UUID | None = None
    matching: Annotated[str, msgspec.Meta(pattern="^a+$")] = "a"
    needing: Needing | None = None
    several: Annotated[list[str], msgspec.Meta(min_length=1)] = []


class Closed(msgspec.Struct, forbid_unknown_fields=True):
    inner: "Closed | None" = None
    by_name: dict[Annotated[str, msgspec.Meta(max_length=2)], int] = {}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"number": "many"}, "expected a whole number"),
        ([], "expected an object"),
        ({"either": []}, "expected a whole number or text"),
        ({"exact": 4}, "Expected `uuid | null`, got `int`"),
        ({"several": []}, "expected a list of length >= 1"),
        ({"matching": "B"}, "expected text that matches ^a+$"),
        ({"needing": {}}, "'needed' is missing"),
    ],
)
def test_plain_types_are_said_in_words(value: object, said: str) -> None:
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.convert(value, Found)
    assert in_words(str(refused.value).partition(" - at")[0]) == said


def complaint(value: object) -> str:
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.convert(value, Closed)
    return str(refused.value)


def test_an_unknown_member_and_its_place_are_found() -> None:
    problem = located(complaint({"inner": {"other": 1}}))
    assert (problem.unknown, problem.place) == ("other", "inner")
    assert located(complaint({"other": 1})).place == ""


def test_a_key_of_an_object_has_the_place_of_the_object() -> None:
    problem = located(complaint({"by_name": {"too long": 1}}))
    assert (problem.what, problem.place) == ("Expected `str` of length <= 2", "by_name")


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (b'{"inner": {"innr": 1}}', "inner: no such member 'innr'; did you mean 'inner'?"),
        (b'{"by_name": {"a": "b"}}', "by_name[...]: expected a whole number"),
        (b"[]", "expected an object"),
        (b'{"inner":', "not JSON: Input data was truncated"),
    ],
)
def test_an_error_of_decoding_is_one_line(document: bytes, said: str) -> None:
    with pytest.raises(msgspec.DecodeError) as refused:
        msgspec.json.decode(document, type=Closed)
    assert in_document(refused.value, Closed) == said


def test_a_text_without_a_place_is_the_whole_complaint() -> None:
    assert located("JSON is malformed") == Problem("JSON is malformed", "")
    assert located("JSON is malformed").unknown is None
