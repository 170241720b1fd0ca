"""Requests that ask again: which may, and how a generator learns their model."""

import json
from typing import Any

import pytest
from msgspec import structs

from simulator.messages import Request
from simulator.recordings.analysis.requests import by_model, can_be_asked, model_of
from simulator.recordings.exchange import Exchange, Piece

CHAT = "/openai/deployments/chat/chat/completions"


def exchange(request: Request, body: bytes = b"{}", **headers: str) -> Exchange:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    streamed = body.startswith((b"data:", b"event:"))
    return Exchange(request, 200, named, (Piece(body, 0),), 0, streamed)


@pytest.mark.parametrize(
    ("method", "path", "body", "can"),
    [
        ("POST", CHAT, {"messages": []}, True),
        ("GET", "/openai/v1/models", None, True),
        ("GET", "/openai/v1/files", None, True),
        ("DELETE", "/openai/v1/files/file-1234", None, False),
        ("GET", "/openai/v1/responses/resp_1", None, False),
        ("GET", "/openai/v1/files/file-1234/content", None, False),
        ("GET", "/openai/files/assistant-1234", None, False),
        ("POST", "/openai/v1/batches/batch_1/cancel", None, False),
        ("GET", "/openai/v1/conversations/conv_1/items", None, False),
        ("POST", "/openai/v1/responses", {"previous_response_id": "resp_0123456789"}, False),
        ("POST", "/openai/v1/responses", {"conversation": {"id": "conv_0123456789"}}, False),
        ("POST", "/openai/v1/batches", {"input_file_id": "file-0123456789"}, False),
        ("POST", CHAT, {"messages": [{"content": "what is a file-0123456789?"}]}, True),
    ],
)
def test_what_is_about_a_stored_item_is_not_asked_again(
    method: str, path: str, body: Any, can: bool
) -> None:
    data = b"" if body is None else json.dumps(body).encode()
    assert can_be_asked(Request(method, path, body=data)) is can


@pytest.mark.parametrize(
    ("recorded", "model"),
    [
        (exchange(Request("POST", CHAT), x_ms_served_model="o4-mini-2025-04-16"), "o4-mini-2025"),
        (exchange(Request("POST", CHAT), b'{"model": "gpt-4.1-2025-04-14"}'), "gpt-4.1-2025"),
        (
            exchange(Request("POST", CHAT), b'data: {"model":""}\n\ndata: {"model":"gpt-4o"}\n\n'),
            "gpt-4o",
        ),
        (exchange(Request("POST", CHAT), b'{"model": "my-deployment"}'), ""),
        (exchange(Request("POST", CHAT), b'{"model": 5}'), ""),
        (exchange(Request("POST", CHAT), b"RIFF", x_ms_served_model="x"), ""),
    ],
)
def test_an_answer_names_its_model(recorded: Exchange, model: str) -> None:
    found = model_of(recorded)
    assert found.startswith(model)
    assert bool(found) is bool(model)


def test_a_deployment_that_nobody_defines_is_called_as_its_model() -> None:
    by_path = exchange(Request("POST", CHAT), x_ms_served_model="o4-mini-2025-04-16")
    assert by_model(by_path, ()).path == CHAT.replace("/chat/", "/o4-mini-2025-04-16/", 1)
    assert by_model(by_path, {"chat"}) == by_path.request
    body = b'{"input":1.50,"model":"chat","text":null}'
    by_body = structs.replace(by_path, request=Request("POST", "/openai/v1/responses", body=body))
    assert by_model(by_body, ()).body == body.replace(b"chat", b"o4-mini-2025-04-16")


@pytest.mark.parametrize(
    "request_",
    [
        Request("GET", "/openai/v1/models"),
        Request("POST", "/openai/v1/images/edits", body=b"--boundary"),
        Request("POST", "/openai/v1/responses", body=b"[]"),
    ],
)
def test_a_request_without_a_deployment_stays_as_it_is(request_: Request) -> None:
    assert by_model(exchange(request_, x_ms_served_model="gpt-4o"), ()) == request_
