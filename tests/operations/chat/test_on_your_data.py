"""Chat with `data_sources`, as the real client meets it."""

import copy
from typing import Any

import openai
import pytest

from simulator.catalogue.models import find_model
from simulator.errors import UnknownArguments
from simulator.operations.chat.data_sources import check_data_sources, is_retired
from simulator.operations.chat.messages import UserMessage
from simulator.operations.chat.parameters import ChatParameters
from tests.conftest import MakeSimulator
from tests.support.asking import ask, route

SEARCH: dict[str, Any] = {
    "type": "azure_search",
    "parameters": {
        "endpoint": "https://example.search.windows.net",
        "index_name": "docs",
        "authentication": {"type": "api_key", "key": "x"},
    },
}
VECTORS = {
    "embedding_dependency": {"type": "deployment_name", "deployment_name": "embed"},
    "fields_mapping": {"content_fields": ["text"]},
}
OTHERS: list[dict[str, Any]] = [
    {
        "type": "azure_cosmos_db",
        "parameters": {
            "container_name": "a",
            "database_name": "b",
            "index_name": "c",
            "authentication": {"type": "connection_string", "connection_string": "x"},
            **VECTORS,
        },
    },
    {
        "type": "elasticsearch",
        "parameters": {
            "endpoint": "https://e.example",
            "index_name": "c",
            "authentication": {"type": "encoded_api_key", "encoded_api_key": "x"},
        },
    },
    {
        "type": "pinecone",
        "parameters": {
            "environment": "e",
            "index_name": "c",
            "authentication": {"type": "api_key", "key": "x"},
            **VECTORS,
        },
    },
    {
        "type": "mongo_db",
        "parameters": {
            "endpoint": "https://m.example",
            "database_name": "b",
            "collection_name": "c",
            "app_name": "d",
            "index_name": "e",
            "authentication": {"type": "username_and_password", "username": "u", "password": "p"},
            **VECTORS,
        },
    },
]
QUESTION: Any = [{"role": "user", "content": "What do the documents say?"}]


def source(**parameters: Any) -> dict[str, Any]:
    changed = copy.deepcopy(SEARCH)
    changed["parameters"] |= parameters
    return changed


def test_an_answer_has_its_citations_and_its_intent(client: openai.AzureOpenAI) -> None:
    answer = client.chat.completions.create(
        model="gpt-4o", messages=QUESTION, max_tokens=9, extra_body={"data_sources": [SEARCH]}
    )
    assert answer.object == "extensions.chat.completion"
    message: Any = answer.choices[0].message
    assert message.content
    assert message.end_turn is True
    assert message.context["intent"] == '["What do the documents say?"]'
    citations = message.context["citations"]
    assert len(citations) == 5
    assert set(citations[0]) == {"content", "title", "url", "filepath", "chunk_id"}
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 9


def test_a_stream_begins_with_the_context(client: openai.AzureOpenAI) -> None:
    body = {"data_sources": [source(top_n_documents=2)]}
    events: list[Any] = list(
        client.chat.completions.create(
            model="gpt-4o",
            messages=QUESTION,
            max_tokens=9,
            stream=True,
            stream_options={"include_usage": True},
            extra_body=body,
        )
    )
    first = events[0].choices[0].delta
    assert first.role == "assistant"
    assert len(first.context["citations"]) == 2
    assert first.content is None
    assert all(event.object == "extensions.chat.completion.chunk" for event in events)
    assert "".join(event.choices[0].delta.content or "" for event in events[1:-1])
    assert events[-2].choices[0].finish_reason == "length"
    assert events[-1].usage.completion_tokens == 9


def test_a_conversation_goes_on_with_its_context(client: openai.AzureOpenAI) -> None:
    body = {"data_sources": [SEARCH]}
    first = client.chat.completions.create(
        model="gpt-4o", messages=QUESTION, max_tokens=5, extra_body=body
    )
    message = first.choices[0].message.model_dump(exclude={"end_turn"}, exclude_none=True)
    history: Any = [*QUESTION, message, {"role": "user", "content": "And?"}]
    again = client.chat.completions.create(
        model="gpt-4o",
        messages=history,
        max_tokens=5,
        extra_body=body,
    )
    context: Any = again.choices[0].message
    assert context.context["intent"] == '["And?"]'


@pytest.mark.parametrize("other", OTHERS, ids=lambda other: other["type"])
def test_every_type_of_source_is_taken(client: openai.AzureOpenAI, other: dict[str, Any]) -> None:
    answer = client.chat.completions.create(
        model="gpt-4o", messages=QUESTION, max_tokens=2, extra_body={"data_sources": [other]}
    )
    message: Any = answer.choices[0].message
    assert message.context["citations"]


def test_the_contexts_that_are_included_are_those_named(client: openai.AzureOpenAI) -> None:
    body = {"data_sources": [source(include_contexts=["citations", "all_retrieved_documents"])]}
    answer = client.chat.completions.create(
        model="gpt-4o", messages=QUESTION, max_tokens=2, extra_body=body
    )
    message: Any = answer.choices[0].message
    assert set(message.context) == {"citations", "all_retrieved_documents"}


REQUIRED = "Field required"
PARAMETERS = "/0/azure_search/parameters"
REFUSED: list[tuple[Any, str]] = [
    ([], ": List should have at least 1 item after validation, not 0"),
    ([SEARCH, SEARCH], ": List should have at most 1 item after validation, not 2"),
    ([{"parameters": {}}], "/0: Unable to extract tag using discriminator 'type'"),
    (
        [{"type": "AzureCognitiveSearch", "parameters": {}}],
        "/0: Input tag 'AzureCognitiveSearch' found using 'type' does not match any of the expected tags",
    ),
    ([{"type": "azure_search"}], f"{PARAMETERS}: {REQUIRED}"),
    ([source(endpoint=None)], f"{PARAMETERS}/endpoint: {REQUIRED}"),
    ([source(endpoint="example")], f"{PARAMETERS}/endpoint: Input should be a valid URL"),
    ([source(index_name=5)], f"{PARAMETERS}/index_name: Input should be a valid string"),
    ([source(strictness=6)], f"{PARAMETERS}/strictness: Input should be less than or equal to 5"),
    ([source(strictness="a")], f"{PARAMETERS}/strictness: Input should be a valid integer"),
    ([source(top_n_documents=0)], "/top_n_documents: Input should be greater than or equal to 1"),
    ([source(in_scope="a")], f"{PARAMETERS}/in_scope: Input should be a valid boolean"),
    ([source(query_type="all")], "/query_type: Input should be 'simple', 'semantic', 'vector'"),
    ([source(query_type="vector")], f"{PARAMETERS}/embedding_dependency: {REQUIRED}"),
    ([source(include_contexts=["a"])], "/include_contexts: Input should be 'citations', 'intent'"),
    ([source(authentication={"type": "api_key"})], "/authentication/api_key/key: Field required"),
    ([source(authentication={"type": "none"})], "/authentication: Input tag 'none' found using"),
    ([source(indexName="a")], f"{PARAMETERS}/indexName: Extra inputs are not permitted"),
]


@pytest.mark.parametrize(("sources", "says"), REFUSED)
def test_what_is_wrong_is_said_where_it_is(
    client: openai.AzureOpenAI, sources: Any, says: str
) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.create(
            model="gpt-4o", messages=QUESTION, extra_body={"data_sources": sources}
        )
    error: Any = refused.value.body
    assert "Validation error at #/data_sources" in error["message"]
    assert says in error["message"]
    assert error["code"] == 400
    assert error["requestid"]


def test_log_probabilities_do_not_go_with_it(client: openai.AzureOpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="#/logprobs"):
        client.chat.completions.create(
            model="gpt-4o", messages=QUESTION, logprobs=True, extra_body={"data_sources": [SEARCH]}
        )


@pytest.mark.parametrize("model", ["gpt-4.1", "gpt-5-mini", "o4-mini", "gpt-4o-audio-preview"])
async def test_later_models_do_not_know_it(make_simulator: MakeSimulator, model: str) -> None:
    body = {"messages": QUESTION, "data_sources": [SEARCH]}
    reply = await ask(make_simulator(), route("chat/completions", model), body)
    assert reply.status == 400
    assert reply.error[0] == "Unrecognized request argument supplied: data_sources"


def test_after_its_retirement_no_model_knows_it() -> None:
    parameters = ChatParameters(messages=[UserMessage("Hi")], data_sources=[SEARCH])
    check_data_sources(parameters, find_model("gpt-4o"), served=True)
    with pytest.raises(UnknownArguments, match="data_sources"):
        check_data_sources(parameters, find_model("gpt-4o"), served=False)


def test_it_was_retired_on_a_day_in_october() -> None:
    assert not is_retired(1_791_935_999)
    assert is_retired(1_791_936_000)
