import pytest

from simulator.messages import Request
from simulator.upstream.client import Upstream
from simulator.upstream.credentials import ApiKey
from simulator.upstream.forwarding_policy import ForwardingPolicy, NotForwarded, check_path
from tests.support import fake_upstream as fake


@pytest.mark.parametrize(
    "path",
    [
        "/openai/../admin", "/openai/./x", "/openai/..", "/..", "/openai/%2e%2e/admin", "/%2E%2E/x",
        "/openai/.%2e/x", "/openai/%252e%252e/x", "/openai/%25252e./x", "/openai/..%2f..%2fx",
        "/openai/..\\admin", "/openai/a%5c..%5cb", "/openai\\x", "/openai/%255c", "/openai/..;x/y",
        "/openai/a\rb", "/openai/a%0d%0ab", "/openai/%00", "/openai/%25252525252e/x",
    ],
)  # fmt: skip
def test_a_path_that_others_may_read_differently_is_not_forwarded(path: str) -> None:
    with pytest.raises(NotForwarded):
        check_path(path)


@pytest.mark.parametrize(
    "path",
    ["/", "/openai/v1/models/gpt-5.6", "/a/...", "/a/.hidden", "/a/x..y", "/a/100%", "/a/ü é:b"],
)
def test_other_paths_are_forwarded(path: str) -> None:
    check_path(path)


async def test_nothing_leaves_the_path_of_the_endpoint() -> None:
    async with fake.running_upstream() as served:
        upstream = Upstream(f"{served.endpoint}tenant-a", ApiKey("owners-key"))
        for path in ("/openai/../../admin/keys", "/%2e%2e/other", "", "x", "@evil.test/x"):
            with pytest.raises(NotForwarded):
                await upstream.send(Request("GET", path))
        assert served.asked == []
        (await upstream.send(Request("GET", "/openai/x"))).close()
        assert served.asked[0].target == "/tenant-a/openai/x"
        await upstream.close()


def test_headers_that_an_extension_sets_go_on_beside_the_listed_ones() -> None:
    given = {"accept": "a", "x-theirs": "b", "x-both": "c"}
    altered = {**given, "x-both": "d", "x-ours": "e"}
    assert ForwardingPolicy().forwarded(given) == {"accept": "a"}
    assert ForwardingPolicy().forwarded(altered, given) == {
        "accept": "a",
        "x-both": "d",
        "x-ours": "e",
    }
    assert ForwardingPolicy(headers=frozenset({"x-theirs"})).forwarded(given) == {
        "accept": "a",
        "x-theirs": "b",
    }


@pytest.mark.parametrize("path", ["/OPENAI/x", "/openai/x", "/OpenAI/v1/new"])
def test_the_case_of_a_path_does_not_matter(path: str) -> None:
    ForwardingPolicy().check(Request("GET", path))
