import uuid
from typing import Annotated

import msgspec
import pytest

from simulator.type_problems import in_words


class Found(msgspec.Struct):
    number: int | None = None
    either: int | str = 0
    exact: uuid.UUID | None = None
    several: Annotated[list[str], msgspec.Meta(min_length=1)] = []


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"number": "many"}, "expected a whole number"),
        ([], "expected an object"),
        ({"either": []}, "expected a whole number or text"),
        ({"exact": 4}, "Expected `uuid | null`, got `int`"),
        ({"several": []}, "expected a list of length >= 1"),
    ],
)
def test_plain_types_are_said_in_words(value: object, said: str) -> None:
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.convert(value, Found)
    assert in_words(str(refused.value).partition(" - at")[0]) == said
