from hypothesis import given
from hypothesis import strategies as st

from simulator.telemetry.deployment_labels import OTHER, Names


@given(st.lists(st.text()), st.integers(min_value=0, max_value=5))
def test_there_are_never_more_names_than_allowed(asked: list[str], most: int) -> None:
    names = Names(("known",), most)
    assert len({names.of(name) for name in asked} - {OTHER, "known"}) <= most


def test_the_first_names_are_distinguished_and_later_ones_are_not() -> None:
    names = Names(most=2)
    assert [names.of(name) for name in ("a", "b", "c", "a")] == ["a", "b", OTHER, "a"]


def test_a_known_deployment_keeps_its_name_after_a_flood() -> None:
    names = Names(("known",), most=1)
    names.of("flood")
    assert (names.of("known"), names.of("more")) == ("known", OTHER)


def test_a_name_of_a_request_that_was_not_understood_takes_no_place():
    names = Names(("known",), most=1)
    assert [names.of(name, understood=False) for name in ("junk", "known")] == [OTHER, "known"]
    assert names.of("mine") == "mine"
