"""Triggers are found in a body without reading it, and in texts."""

import pytest

from simulator.content_filter.triggers import MOST, may_trigger, triggered


@pytest.mark.parametrize("before", [b"", b"[", b"[" * 15, b"[ " * 40, b"x" * 5000, b"[1]" * 100])
def test_a_body_with_a_trigger_is_noticed(before: bytes) -> None:
    assert may_trigger(before + b"[[filter:hate]]")
    assert not may_trigger(before)
    assert not may_trigger(before + b"(filter:hate]")


def test_no_more_are_read_than_the_bound() -> None:
    assert len(triggered(["[[filter:hate]]" * (MOST + 5), "[[filter:jailbreak]]"])) == MOST


def test_each_names_its_source() -> None:
    texts = ["[[filter:hate=low]] [[filter:completion:pii]]", "[[filter:prompt:jailbreak]]"]
    assert [(source, finding.label) for source, finding in triggered(texts)] == [
        ("prompt", "hate=low"),
        ("completion", "pii"),
        ("prompt", "jailbreak"),
    ]


def test_true_means_what_it_means_in_a_rule() -> None:
    found = triggered(["[[filter:violence=true]] [[filter:jailbreak=true]]"])
    assert [finding.label for _, finding in found] == ["violence=medium", "jailbreak"]
