import random
import re

import pytest

from simulator.wire import ids

NOW = 1_780_491_942.5
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


def test_a_chat_id_has_the_recorded_shape() -> None:
    assert re.fullmatch(r"chatcmpl-[A-Za-z0-9]{29}", ids.chat(random.Random(1), NOW))


@pytest.mark.parametrize(
    ("identifier", "second"),
    [
        ("chatcmpl-9HpbZPf84KZFiQG6fdY0KVtIwHyIa", 1714036973),
        ("chatcmpl-C6EJeKZdEaC0VeeKH3lWwJBjCTcpd", 1755601034),
        ("chatcmpl-DPTBKC5U7aQYydhXIGw4HbPc0HcVT", 1774962746),
        ("chatcmpl-DmfZu2BjJmBGSSHpj9hWtFQYBUxYn", 1780491942),
    ],
)
def test_a_chat_id_begins_with_its_second_as_recorded(identifier: str, second: int) -> None:
    assert ids.moment_of_chat(identifier) == second
    assert ids.chat(random.Random(1), second + 0.9)[:14] == identifier[:14]


def test_a_completion_id_has_the_recorded_shape() -> None:
    assert re.fullmatch(r"cmpl-[A-Za-z0-9]{29}", ids.completion(random.Random(1)))


def test_two_ids_differ() -> None:
    rng = random.Random(1)
    assert ids.chat(rng, NOW) != ids.chat(rng, NOW)


def test_request_ids_are_version_4_uuids_and_none_comes_twice() -> None:
    made = ids.RequestIds(random.Random(1))
    found = [made.next() for _ in range(500)]
    assert len(set(found)) == 500
    assert all(re.fullmatch(UUID, one) for one in found)
    assert {one[19] for one in found} == set("89ab")


def test_a_single_request_id_is_a_version_4_uuid() -> None:
    assert re.fullmatch(UUID, ids.request(random.Random(1)))
