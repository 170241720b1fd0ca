"""The secrets in a query."""

import pytest

from simulator.wire.query import without_secrets


@pytest.mark.parametrize(
    ("query", "harmless"),
    [
        ("", ""),
        ("api-version=1&a=%20b&a", "api-version=1&a=%20b&a"),
        ("a=1&api-key=x", "a=1"),
        ("Code=x&a=1", "a=1"),
        ("sv=1&SIG=x", "sv=1"),
        ("subscription%2Dkey=x", ""),
    ],
)
def test_secret_parameters_are_left_out_and_the_rest_stays_as_written(
    query: str, harmless: str
) -> None:
    assert without_secrets(query) == harmless
