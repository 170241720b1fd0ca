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


def calls() -> st.SearchStrategy[tuple[str, str, Any]]:
    """A method, a path and a body; words in capitals stand for ids of earlier answers."""
    conversation = f"{V1}/conversations/CONVERSATION"
    named = {"model": st.just("gpt-5-mini"), "max_output_tokens": st.just(16)}
    kinds: Any = {
        "background": st.booleans(),
        "store": st.booleans(),
        "conversation": st.just("CONVERSATION"),
        "previous_response_id": st.just("RESPONSE"),
    }
    response = st.fixed_dictionaries({**named, "input": items()}, optional=kinds)
    return st.one_of(
        st.tuples(
            st.just("POST"),
            st.just(f"{V1}/conversations"),
            st.fixed_dictionaries({"items": items()}),
        ),
        st.tuples(
            st.just("POST"),
            st.just(f"{conversation}/items"),
            st.fixed_dictionaries({"items": items()}),
        ),
        st.tuples(st.just("POST"), st.just(conversation), st.just({"metadata": {"a": "b"}})),
        st.tuples(
            st.sampled_from(("GET", "DELETE")),
            st.sampled_from(
                (
                    conversation,
                    f"{conversation}/items",
                    f"{conversation}/items/ITEM",
                    f"{V1}/responses/RESPONSE",
                    f"{V1}/responses/RESPONSE/input_items",
                )
            ),
            st.none(),
        ),
        st.tuples(st.just("POST"), st.just(f"{V1}/responses/RESPONSE/cancel"), st.none()),
        st.tuples(
            st.just("POST"),
            st.just(f"{V1}/chat/completions"),
            st.fixed_dictionaries(
                {"model": st.just("gpt-4o"), "messages": st.just([USER]), "store": st.booleans()},
                optional={"metadata": st.just({"a": "b"}), "max_tokens": st.just(2)},
            ),
        ),
        st.tuples(
            st.just("POST"),
            st.sampled_from((f"{V1}/webhook_endpoints", f"{V1}/webhook_endpoints/HOOK")),
            st.just(
                {"name": "a", "url": "http://127.0.0.1:9/", "event_types": ["response.failed"]}
            ),
        ),
        st.tuples(
            st.sampled_from(("GET", "DELETE")),
            st.sampled_from((f"{V1}/webhook_endpoints", f"{V1}/webhook_endpoints/HOOK")),
            st.none(),
        ),
        st.tuples(
            st.sampled_from(("GET", "DELETE")),
            st.sampled_from((f"{V1}/chat/completions", f"{V1}/chat/completions/CHAT")),
            st.none(),
        ),
        st.tuples(
            st.just("POST"), st.just(f"{V1}/chat/completions/CHAT"), st.just({"metadata": None})
        ),
        st.tuples(st.just("POST"), st.just(f"{V1}/responses"), response),
        st.tuples(
            st.just("POST"),
            st.sampled_from((f"{V1}/responses/input_tokens", f"{V1}/responses/compact")),
            st.fixed_dictionaries({"model": named["model"], "input": items()}),
        ),
    )


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


@given(st.lists(calls(), min_size=2, max_size=12))
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
