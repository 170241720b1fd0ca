import hashlib
import json
import re

import hypothesis
import pytest
from hypothesis import strategies

from simulator.authentication.caller import Caller
from simulator.authentication.key_ring import MOST_KEYS, read_keys
from simulator.storage.followed import UnusableDocument
from tests.docs.pages import ROOT

TEAM = {"name": "team-a", "key": "key-of-team-a"}


def document(*keys: object) -> bytes:
    return json.dumps({"keys": keys}).encode()


def test_a_key_is_found_by_itself_and_by_its_digest() -> None:
    digest = hashlib.sha256(b"key-of-team-b").hexdigest().upper()
    ring = read_keys(document(TEAM, {"name": "b", "sha256": digest, "role": "reader"}))
    assert ring.find(b"key-of-team-a") == Caller("team-a", "user")
    assert ring.find(b"key-of-team-b") == Caller("b", "reader")
    assert ring.find(b"key-of-team-c") is None
    assert ring.find(b"") is None


def test_a_caller_has_the_deployments_and_limits_of_its_key() -> None:
    limits = {"requestsPerMinute": 3, "tokensPerMinute": 4}
    ring = read_keys(document({**TEAM, "deployments": ["gpt-4o"], **limits}))
    assert ring.find(b"key-of-team-a") == Caller("team-a", "user", frozenset({"gpt-4o"}), 3, 4)


def test_a_key_beyond_ascii_is_found_as_its_bytes() -> None:
    ring = read_keys(document({"name": "x", "key": "schlüssel"}))
    assert ring.find("schlüssel".encode())


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ([{"name": "x"}], r"keys\[0\]: 'x' needs one of key and sha256"),
        ([{**TEAM, "sha256": "0" * 64}], "needs one of key and sha256"),
        ([{**TEAM, "rolle": "user"}], r"no such member 'rolle'; did you mean 'role'\?"),
        ([{**TEAM, "role": "root"}], r"keys\[0\]: role: expected one of user, reader, admin"),
        ([TEAM, {**TEAM, "key": "another-one"}], "'team-a' is the name of another key"),
        ([TEAM, {**TEAM, "name": "b"}], r"keys\[1\]: 'b' has the key of another name"),
        ([{**TEAM, "name": "default"}], "the name of SIMULATOR_API_KEY"),
        ([{**TEAM, "key": "short"}], r"keys\[0\]: key: expected text of length >= 8"),
        ([{**TEAM, "sha256": "xyz", "key": None}], "sha256"),
        ([{**TEAM, "requestsPerMinute": 0}], "requestsPerMinute"),
        ([{"key": "key-of-team-a"}], "'name' is missing"),
        ([1], r"keys\[0\]"),
        ([TEAM] * (MOST_KEYS + 1), "keys: expected a list of length <= 10000"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_without_the_key(
    keys: list[object], why: str
) -> None:
    with pytest.raises(UnusableDocument, match=why) as refused:
        read_keys(document(*keys))
    assert "key-of-team-a" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_key_of_everybody_is_nobody_elses() -> None:
    with pytest.raises(
        UnusableDocument, match=r"keys\[0\]: 'team-a' has the key of SIMULATOR_API_KEY"
    ):
        read_keys(document(TEAM), default="key-of-team-a")


@hypothesis.given(strategies.binary() | strategies.text().map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with pytest.raises(UnusableDocument):
        read_keys(data)


def test_the_page_has_the_digest_of_the_key_that_it_names() -> None:
    page = (ROOT / "docs" / "authentication.md").read_text(encoding="utf-8")
    digest = re.search(r'"sha256": "(\w{64})"', page)
    key = re.search(r"above, that of `([\w-]+)`", page)
    assert digest
    assert key
    assert hashlib.sha256(key[1].encode()).hexdigest() == digest[1]
