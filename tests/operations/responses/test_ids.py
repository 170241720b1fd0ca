import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.operations.responses.ids import Family, ResponseIds, family_of


@pytest.mark.parametrize(
    "recorded",
    [
        "resp_036b62cf8c9abbe6006a6771240b088193b20bf84ec3e66e67",
        "msg_036b62cf8c9abbe6006a6771248e588193a7643a875687e57e",
    ],
)
def test_a_recorded_id_shows_its_family_and_second(recorded: str) -> None:
    assert family_of(recorded) == Family("036b62cf8c9abbe6", 1_785_164_068)


@given(seed=st.integers(), now=st.floats(0, 2**32 - 1), prefix=st.sampled_from(["resp", "rs"]))
def test_every_id_is_of_its_family_and_has_the_recorded_shape(
    seed: int, now: float, prefix: str
) -> None:
    ids = ResponseIds(random.Random(seed), now)
    drawn = ids.draw(prefix)
    assert re.fullmatch(rf"{prefix}_[0-9a-f]{{50}}", drawn)
    assert family_of(drawn) == family_of(ids.draw("msg"))
    family = family_of(drawn)
    assert family is not None
    assert family.second == int(now)


def test_two_responses_are_of_two_families() -> None:
    rng = random.Random(1)
    assert family_of(ResponseIds(rng, 1).draw("resp")) != family_of(
        ResponseIds(rng, 1).draw("resp")
    )


@pytest.mark.parametrize("text", ["", "resp_x", "resp_" + "G" * 50, "resp_" + "a" * 51, "../" * 9])
def test_what_is_no_id_has_no_family(text: str) -> None:
    assert family_of(text) is None
