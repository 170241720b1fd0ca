"""What rules decide, as LangChain has it: answers of one's choice, and its exceptions for failures."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import openai
import pytest
from langchain_openai import AzureChatOpenAI, ChatOpenAI
from pydantic import BaseModel

from simulator.tokens.tokenizer import RANK_FILES
from tests.conftest import API_VERSION, KEY

Ruled = Callable[[dict[str, Any]], Any]

REFUSALS: list[tuple[dict[str, Any], type[openai.APIStatusError], int]] = [
    ({"fault": {"kind": "rate_limit"}}, openai.RateLimitError, 429),
    ({"fault": {"kind": "ptu_limit"}}, openai.RateLimitError, 429),
    ({"fault": {"kind": "quota"}}, openai.RateLimitError, 429),
    ({"fault": {"kind": "server_error"}}, openai.InternalServerError, 500),
    ({"fault": {"kind": "gateway_error"}}, openai.InternalServerError, 502),
    ({"fault": {"kind": "unavailable"}}, openai.InternalServerError, 503),
    ({"fault": {"kind": "capacity"}}, openai.InternalServerError, 503),
    ({"fault": {"kind": "gateway_timeout"}}, openai.InternalServerError, 504),
    ({"fault": {"kind": "timeout"}}, openai.APIStatusError, 408),
    ({"fault": {"kind": "forbidden_network"}}, openai.PermissionDeniedError, 403),
    ({"fault": {"kind": "suspended"}}, openai.PermissionDeniedError, 403),
]
BLOCKED = {"filter": {"prompt": {"jailbreak": True}}}


class City(BaseModel):
    """A city."""

    name: str
    inhabitants: int


ROME = City(name="Rome", inhabitants=2_750_000)


@pytest.fixture(params=["azure", "v1", "v1 responses"])
def ruled(
    server: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Ruled]:
    """Makes a chat model whose requests carry a rule."""
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(RANK_FILES))
    with httpx2.Client() as connections:

        def make(rule: dict[str, Any]) -> Any:
            common: dict[str, Any] = {
                "api_key": KEY,
                "max_retries": 0,
                "http_client": connections,
                "default_headers": {"x-simulator-rule": json.dumps(rule)},
            }
            if request.param == "azure":
                return AzureChatOpenAI(
                    azure_endpoint=server,
                    api_version=API_VERSION,
                    azure_deployment="gpt-4o",
                    **common,
                )
            return ChatOpenAI(
                base_url=f"{server}/openai/v1/",
                model="gpt-4o",
                use_responses_api="responses" in request.param,
                **common,
            )

        yield make


def test_a_chosen_answer_comes_plain_and_streamed(ruled: Ruled) -> None:
    chat = ruled({"reply": "Paris, of course."})
    assert chat.invoke("The capital of France?").text == "Paris, of course."
    parts = [chunk.text for chunk in chat.stream("The capital of France?")]
    assert "".join(parts) == "Paris, of course."
    assert len([part for part in parts if part]) > 1


# The openai package's own event for a parsed text is of another type than its model says.
@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings:UserWarning")
@pytest.mark.parametrize(
    ("method", "rule"),
    [
        ("json_schema", {"reply": ROME.model_dump()}),
        ("json_mode", {"reply": ROME.model_dump()}),
        ("function_calling", {"call": {"City": ROME.model_dump()}}),
    ],
)
def test_a_chosen_answer_is_parsed(ruled: Ruled, method: str, rule: dict[str, Any]) -> None:
    structured = ruled(rule).with_structured_output(City, method=method)
    assert structured.invoke("Describe Rome, as json") == ROME
    assert list(structured.stream("Describe Rome, as json"))[-1] == ROME


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(("rule", "raises", "status"), REFUSALS, ids=str)
def test_a_refusal_is_its_exception(
    ruled: Ruled,
    rule: dict[str, Any],
    raises: type[openai.APIStatusError],
    status: int,
    streamed: bool,
) -> None:
    chat = ruled(rule)
    with pytest.raises(raises) as raised:
        list(chat.stream("Hello")) if streamed else chat.invoke("Hello")
    assert raised.value.status_code == status


def test_a_blocked_prompt_is_its_exception(ruled: Ruled) -> None:
    with pytest.raises(openai.BadRequestError) as raised:
        ruled(BLOCKED).invoke("Hello")
    assert (raised.value.status_code, raised.value.code) == (400, "content_filter")


def test_a_blocked_prompt_of_a_stream_is_its_exception(ruled: Ruled) -> None:
    # A stream of Responses has begun when the prompt is blocked: it ends with `response.failed`,
    # of which LangChain makes a ValueError.
    with pytest.raises((openai.BadRequestError, ValueError)) as raised:
        list(ruled(BLOCKED).stream("Hello"))
    blocked = isinstance(raised.value, openai.BadRequestError)
    assert blocked or str(raised.value).endswith("failed.")


def test_a_stream_that_is_cut_off_raises_after_its_first_parts(ruled: Ruled) -> None:
    rule = {"fault": {"kind": "disconnect", "after_tokens": 5}}
    came: list[str] = []
    with pytest.raises((openai.APIConnectionError, httpx2.RemoteProtocolError)):
        came.extend(chunk.text for chunk in ruled(rule).stream("Hello"))
    assert "".join(came)


def test_a_reset_connection_is_its_exception(ruled: Ruled) -> None:
    with pytest.raises(openai.APIConnectionError):
        ruled({"fault": {"kind": "reset"}}).invoke("Hello")
