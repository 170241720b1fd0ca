import random
import re

from simulator.wire import ids


def test_a_chat_id_has_the_recorded_shape() -> None:
    assert re.fullmatch(r"chatcmpl-[A-Za-z0-9]{29}", ids.chat(random.Random(1)))


def test_a_completion_id_has_the_recorded_shape() -> None:
    assert re.fullmatch(r"cmpl-[A-Za-z0-9]{29}", ids.completion(random.Random(1)))


def test_two_ids_differ() -> None:
    rng = random.Random(1)
    assert ids.chat(rng) != ids.chat(rng)
