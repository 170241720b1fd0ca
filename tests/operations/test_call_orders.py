"""Whatever clients do with what is kept, in whatever order: nothing fails."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.app import Simulator
from tests.conftest import MakeSimulator
from tests.support.asking import ask
from tests.support.health_checks import ALL_HEALTH_CHECKS

V1 = "/openai/v1"
USER = {"role": "user", "content": "Hi"}
ITEMS = (
    USER,
    {"role": "assistant", "content": "Hello"},
    {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
    {"type": "function_call_output", "call_id": "c", "output": "x"},
    {"role": "user", "content": "Hi", "id": "msg_1"},
    {"type": "item_reference", "id": "ITEM"},
    {"type": "reasoning", "id": "ITEM", "summary": []},
)
METADATA = {"metadata": {"a": "b"}}
Call = st.SearchStrategy[tuple[str, str, Any]]
"""A method, a path and a body; words in capitals stand for ids of earlier answers."""

# What of an answer becomes an id that later calls name.
KINDS = {
    "CONVERSATION": "conv_",
    "RESPONSE": "resp_",
    "ITEM": "msg_",
    "CHAT": "chatcmpl-",
    "HOOK": "wh_",
}


@pytest.fixture(scope="module")
def simulator(make_simulator: MakeSimulator) -> Simulator:
    return make_simulator(chat_completions_mean=0.5)


def items() -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(ITEMS), max_size=3)


def call(
    methods: str | tuple[str, ...],
    paths: str | tuple[str, ...],
    body: st.SearchStrategy[Any] | None = None,
) -> Call:
    """One of the methods on one of the paths below the v1 route; no body is none at all."""
    methods = (methods,) if isinstance(methods, str) else methods
    paths = (paths,) if isinstance(paths, str) else paths
    addresses = st.sampled_from([V1 + path for path in paths])
    return st.tuples(st.sampled_from(methods), addresses, st.none() if body is None else body)


def conversation_calls() -> list[Call]:
    one = "/conversations/CONVERSATION"
    with_items = st.fixed_dictionaries({"items": items()})
    return [
        call("POST", "/conversations", with_items),
        call("POST", f"{one}/items", with_items),
        call("POST", one, st.just(METADATA)),
        call(("GET", "DELETE"), (one, f"{one}/items", f"{one}/items/ITEM")),
    ]


def response_calls() -> list[Call]:
    one, model = "/responses/RESPONSE", st.just("gpt-5-mini")
    optional: Any = {
        "background": st.booleans(),
        "store": st.booleans(),
        "conversation": st.just("CONVERSATION"),
        "previous_response_id": st.just("RESPONSE"),
    }
    body = {"model": model, "max_output_tokens": st.just(16), "input": items()}
    counted = st.fixed_dictionaries({"model": model, "input": items()})
    return [
        call("POST", "/responses", st.fixed_dictionaries(body, optional=optional)),
        call("POST", ("/responses/input_tokens", "/responses/compact"), counted),
        call("POST", f"{one}/cancel"),
        call(("GET", "DELETE"), (one, f"{one}/input_items")),
    ]


def chat_calls() -> list[Call]:
    every, one = "/chat/completions", "/chat/completions/CHAT"
    body = {"model": st.just("gpt-4o"), "messages": st.just([USER]), "store": st.booleans()}
    optional: Any = {"metadata": st.just(METADATA["metadata"]), "max_tokens": st.just(2)}
    return [
        call("POST", every, st.fixed_dictionaries(body, optional=optional)),
        call("POST", one, st.just({"metadata": None})),
        call(("GET", "DELETE"), (every, one)),
    ]


def webhook_calls() -> list[Call]:
    both = ("/webhook_endpoints", "/webhook_endpoints/HOOK")
    body = {"name": "a", "url": "http://127.0.0.1:9/", "event_types": ["response.failed"]}
    return [call("POST", both, st.just(body)), call(("GET", "DELETE"), both)]


CALLS = st.one_of(*conversation_calls(), *response_calls(), *chat_calls(), *webhook_calls())


class Memory:
    """The newest id of each kind that an answer has shown."""

    def __init__(self) -> None:
        self.ids = {word: f"{prefix}{'0' * 48}" for word, prefix in KINDS.items()}

    def learn(self, value: Any) -> None:
        if isinstance(value, list):
            for one in value:
                self.learn(one)
        elif isinstance(value, dict):
            identifier = value.get("id")
            for word, prefix in KINDS.items():
                if isinstance(identifier, str) and identifier.startswith(prefix):
                    self.ids[word] = identifier
            self.learn(list(value.values()))

    def filled(self, value: Any) -> Any:
        if isinstance(value, str):
            for word, identifier in self.ids.items():
                value = value.replace(word, identifier)
            return value
        if isinstance(value, list):
            return [self.filled(one) for one in value]
        if isinstance(value, dict):
            return {key: self.filled(one) for key, one in value.items()}
        return value


@given(st.lists(CALLS, min_size=2, max_size=12))
@settings(max_examples=60, suppress_health_check=ALL_HEALTH_CHECKS)
async def test_no_order_of_calls_fails(
    simulator: Simulator, several: list[tuple[str, str, Any]]
) -> None:
    memory = Memory()
    for method, path, body in several:
        content = b"" if body is None else memory.filled(body)
        reply = await ask(simulator, memory.filled(path), content, method=method, query="")
        assert reply.status in (200, 201, 400, 404), reply.body
        answer = reply.json
        if reply.status < 300:
            memory.learn(answer)
        else:
            assert {"message", "code"} <= set(answer["error"])
