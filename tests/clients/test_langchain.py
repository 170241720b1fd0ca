"""What people build with LangChain: its classes for Azure, and those for OpenAI on the v1 routes."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, ToolMessage
from langchain_core.output_parsers import PydanticOutputParser
from langchain_core.tools import tool
from langchain_core.vectorstores import InMemoryVectorStore
from langchain_openai import (
    AzureChatOpenAI,
    AzureOpenAIEmbeddings,
    ChatOpenAI,
    OpenAIEmbeddings,
)
from pydantic import BaseModel

from simulator.tokens.tokenizer import RANK_FILES
from tests.conftest import API_VERSION, KEY

pytestmark = pytest.mark.usefixtures("ranks")


@pytest.fixture
def ranks(monkeypatch: pytest.MonkeyPatch) -> None:
    """LangChain counts and encodes with tiktoken, whose files are in the repository."""
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(RANK_FILES))


@pytest.fixture
async def connections() -> AsyncIterator[dict[str, Any]]:
    """LangChain keeps its own connections open for all of the process, and across event loops."""
    with httpx2.Client() as client:
        async with httpx2.AsyncClient() as async_client:
            yield {"http_client": client, "http_async_client": async_client}


@pytest.fixture(params=["azure", "v1", "v1 responses"])
def chat(server: str, request: pytest.FixtureRequest, connections: dict[str, Any]) -> Any:
    common = {"api_key": KEY, "max_retries": 0, **connections}
    if request.param == "azure":
        return AzureChatOpenAI(
            azure_endpoint=server, api_version=API_VERSION, azure_deployment="gpt-4o", **common
        )
    return ChatOpenAI(
        base_url=f"{server}/openai/v1/",
        model="gpt-4o",
        use_responses_api="responses" in request.param,
        **common,
    )


@pytest.fixture(params=["azure", "v1"])
def embeddings(server: str, request: pytest.FixtureRequest, connections: dict[str, Any]) -> Any:
    common = {"api_key": KEY, "model": "text-embedding-3-small", **connections}
    if request.param == "azure":
        return AzureOpenAIEmbeddings(azure_endpoint=server, api_version=API_VERSION, **common)
    return OpenAIEmbeddings(base_url=f"{server}/openai/v1/", **common)


class Recipe(BaseModel):
    """A recipe for a dish."""

    name: str
    ingredients: list[str]


@tool
def get_weather(place: str) -> str:
    """The weather at a place."""
    return f"It rains in {place}."


@tool
def get_time(zone: str) -> str:
    """The time in a zone."""
    return f"It is noon in {zone}."


TOOLS = {"get_weather": get_weather, "get_time": get_time}


def test_an_answer_has_its_usage(chat: Any) -> None:
    answer = chat.invoke("Hello")
    assert answer.text
    usage = answer.usage_metadata
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]


def test_a_streamed_answer_adds_up(chat: Any) -> None:
    chunks = list(chat.stream("Hello"))
    whole = chunks[0]
    for chunk in chunks[1:]:
        whole += chunk
    assert isinstance(whole, AIMessageChunk)
    assert len(chunks) > 10
    assert whole.text


async def test_an_answer_comes_asynchronously(chat: Any) -> None:
    assert (await chat.ainvoke("Hello")).text


@pytest.mark.parametrize("method", ["json_schema", "function_calling", "json_mode"])
def test_a_structured_output_is_an_object(chat: Any, method: str) -> None:
    structured = chat.with_structured_output(
        Recipe if method != "json_mode" else None, method=method
    )
    made = structured.invoke("A recipe for pancakes, as json")
    assert isinstance(made, Recipe if method != "json_mode" else dict)


@pytest.mark.parametrize("streamed", [False, True])
def test_json_mode_follows_the_schema_in_the_prompt(chat: Any, streamed: bool) -> None:
    parser = PydanticOutputParser(pydantic_object=Recipe)
    structured = chat.with_structured_output(Recipe, method="json_mode")
    prompt = f"A recipe for pancakes.\n{parser.get_format_instructions()}"
    made = list(structured.stream(prompt))[-1] if streamed else structured.invoke(prompt)
    assert isinstance(made, Recipe)


def test_an_agent_calls_two_tools_and_then_answers(chat: Any) -> None:
    bound = chat.bind_tools(list(TOOLS.values()))
    messages: list[Any] = [HumanMessage("The weather and the time in Rome?")]
    called: list[str] = []
    for _ in range(5):
        answer = bound.invoke(messages)
        messages.append(answer)
        if not answer.tool_calls:
            break
        for call in answer.tool_calls:
            result = TOOLS[call["name"]].invoke(call)
            assert isinstance(result, ToolMessage)
            messages.append(result)
            called.append(call["name"])
    assert called == ["get_weather", "get_time"]
    assert isinstance(messages[-1], AIMessage)
    assert messages[-1].text


def test_calls_are_streamed(chat: Any) -> None:
    chunks = list(chat.bind_tools([get_weather]).stream("The weather in Rome?"))
    whole = chunks[0]
    for chunk in chunks[1:]:
        whole += chunk
    assert [call["name"] for call in whole.tool_calls] == ["get_weather"]
    assert isinstance(whole.tool_calls[0]["args"]["place"], str)


def test_a_vector_store_finds_the_page_that_is_asked_about(embeddings: Any) -> None:
    # The texts are sent as lists of tokens.
    store = InMemoryVectorStore(embeddings)
    pages = [
        "Cats sleep in the sun and hunt mice at night.",
        "An invoice is paid within thirty days of its date.",
        "The train to Oslo leaves from platform four.",
    ]
    store.add_texts(pages)
    found = store.similarity_search("Which platform does the train leave from?", k=1)
    assert [page.page_content for page in found] == [pages[2]]


async def test_texts_are_embedded_asynchronously(embeddings: Any) -> None:
    vectors = await embeddings.aembed_documents(["one", "two"])
    assert [len(vector) for vector in vectors] == [1536, 1536]
