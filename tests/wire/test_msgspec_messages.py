"""Every message of msgspec's that a body can cause, and the refusal that is made of it.

An upgrade of msgspec that words a message in another way fails here, before it changes a 400.
"""

from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta, Struct

from simulator.errors import InvalidRequest
from simulator.wire.body import Body


class One(Struct, tag_field="type", tag="one"):
    a: int = 0


class Two(Struct, tag_field="type", tag="two"):
    b: int = 0


class Inner(Struct, forbid_unknown_fields=True):
    needed: int


Short = Annotated[str, Meta(max_length=3)]
Filled = Annotated[str, Meta(min_length=1)]

ROWS: list[tuple[Any, str, str, str]] = [
    # type, value, message of msgspec, message of the refusal
    (
        int,
        '"a"',
        "Expected `int`, got `str`",
        "Invalid type for 'x': expected an integer, but got a string instead.",
    ),
    (
        int,
        "1.5",
        "Expected `int`, got `float`",
        "Invalid type for 'x': expected an integer, but got a decimal number instead.",
    ),
    (
        int,
        "true",
        "Expected `int`, got `bool`",
        "Invalid type for 'x': expected an integer, but got a boolean instead.",
    ),
    (
        int,
        "null",
        "Expected `int`, got `null`",
        "Invalid type for 'x': expected an integer, but got null instead.",
    ),
    (
        int,
        "[]",
        "Expected `int`, got `array`",
        "Invalid type for 'x': expected an integer, but got an array instead.",
    ),
    (
        int,
        "{}",
        "Expected `int`, got `object`",
        "Invalid type for 'x': expected an integer, but got an object instead.",
    ),
    (
        float,
        '"a"',
        "Expected `float`, got `str`",
        "Invalid type for 'x': expected a decimal, but got a string instead.",
    ),
    (float, "1" + "0" * 400, "Number out of range", "Invalid 'x': number out of range."),
    (
        bool,
        "1",
        "Expected `bool`, got `int`",
        "Invalid type for 'x': expected a boolean, but got an integer instead.",
    ),
    (
        str,
        "5",
        "Expected `str`, got `int`",
        "Invalid type for 'x': expected a string, but got an integer instead.",
    ),
    (
        str | None,
        "5",
        "Expected `str | null`, got `int`",
        "Invalid type for 'x': expected a string, but got an integer instead.",
    ),
    (
        list[str],
        '"a"',
        "Expected `array`, got `str`",
        "Invalid type for 'x': expected an array of strings, but got a string instead.",
    ),
    (
        list[str],
        "[5]",
        "Expected `str`, got `int`",
        "Invalid type for 'x[0]': expected a string, but got an integer instead.",
    ),
    (
        dict[str, str],
        '"a"',
        "Expected `object`, got `str`",
        "Invalid type for 'x': expected an object, but got a string instead.",
    ),
    (
        dict[str, str],
        '{"k":5}',
        "Expected `str`, got `int`",
        "Invalid type for 'x.k': expected a string, but got an integer instead.",
    ),
    (
        Inner,
        "[]",
        "Expected `object`, got `array`",
        "Invalid type for 'x': expected an object, but got an array instead.",
    ),
    (
        Inner,
        "{}",
        "Object missing required field `needed`",
        "Missing required parameter: 'x.needed'.",
    ),
    (Inner, '{"needed":1,"y":2}', "Object contains unknown field `y`", "Unknown parameter: 'x.y'."),
    (
        Short,
        '"abcd"',
        "Expected `str` of length <= 3",
        "Invalid 'x': string too long. Expected a string with maximum length 3, but got a string with length 4 instead.",
    ),
    (
        Filled,
        '""',
        "Expected `str` of length >= 1",
        "Invalid 'x': empty string. Expected a string with minimum length 1, but got an empty string instead.",
    ),
    (
        Annotated[list[int], Meta(max_length=1)],
        "[1,2]",
        "Expected `array` of length <= 1",
        "Invalid 'x': array too long. Expected an array with maximum length 1, but got an array with length 2 instead.",
    ),
    (
        Annotated[list[int], Meta(min_length=1)],
        "[]",
        "Expected `array` of length >= 1",
        "Invalid 'x': empty array. Expected an array with minimum length 1, but got an empty array instead.",
    ),
    (
        Annotated[str, Meta(pattern="^[a-z]+$")],
        '"A"',
        "Expected `str` matching regex '^[a-z]+$'",
        "Invalid 'x': string does not match pattern. Expected a string that matches the pattern '^[a-z]+$'.",
    ),
    (
        Annotated[int, Meta(ge=1)],
        "0",
        "Expected `int` >= 1",
        "Invalid 'x': integer below minimum value. Expected a value >= 1, but got 0 instead.",
    ),
    (
        Annotated[int, Meta(le=9)],
        "10",
        "Expected `int` <= 9",
        "Invalid 'x': integer above maximum value. Expected a value <= 9, but got 10 instead.",
    ),
    (
        Annotated[float, Meta(ge=0)],
        "-1",
        "Expected `float` >= 0.0",
        "Invalid 'x': decimal below minimum value. Expected a value >= 0, but got -1 instead.",
    ),
    (
        Annotated[float, Meta(le=2)],
        "2.5",
        "Expected `float` <= 2.0",
        "Invalid 'x': decimal above maximum value. Expected a value <= 2, but got 2.5 instead.",
    ),
    (
        Annotated[float, Meta(gt=0)],
        "0",
        "Expected `float` > 0.0",
        "Invalid 'x': decimal below minimum value. Expected a value > 0, but got 0 instead.",
    ),
    (
        Annotated[float, Meta(lt=1)],
        "1",
        "Expected `float` < 1.0",
        "Invalid 'x': decimal above maximum value. Expected a value < 1, but got 1 instead.",
    ),
    (
        Literal["low", "high"],
        '"mid"',
        "Invalid enum value 'mid'",
        "Invalid value: 'mid'. Supported values are: 'low' and 'high'.",
    ),
    (
        Literal["low", "high"],
        "5",
        "Expected `str`, got `int`",
        "Invalid type for 'x': expected one of 'low' or 'high', but got an integer instead.",
    ),
    (
        Literal[1, 2],
        "3",
        "Invalid enum value 3",
        "Invalid value: '3'. Supported values are: '1' and '2'.",
    ),
    (
        One | Two,
        '{"type":"three"}',
        "Invalid value 'three'",
        "Invalid value: 'three'. Supported values are: 'one' and 'two'.",
    ),
    (
        One | Two,
        '{"type":5}',
        "Expected `str`",
        "Invalid type for 'x.type': expected a string, but got an integer instead.",
    ),
    (
        One | Two,
        "{}",
        "Object missing required field `type`",
        "Missing required parameter: 'x.type'.",
    ),
    (
        One,
        '{"type":"two"}',
        "Invalid value 'two'",
        "Invalid value: 'two'. Supported values are: 'one'.",
    ),
]


@pytest.mark.parametrize(("kind", "value", "raised", "refused"), ROWS)
def test_a_message_of_msgspec_is_known_and_becomes_a_refusal(
    kind: Any, value: str, raised: str, refused: str
) -> None:
    model = msgspec.defstruct("Model", [("x", kind)])
    body = f'{{"x":{value}}}'.encode()
    with pytest.raises(msgspec.ValidationError) as error:
        msgspec.json.decode(body, type=model)
    assert str(error.value).partition(" - at ")[0] == raised
    with pytest.raises(InvalidRequest) as refusal:
        Body(model).decode(body)
    assert refusal.value.message == refused
