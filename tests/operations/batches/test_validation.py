"""What of a request is refused with a 400, and what of a file's content fails its batch."""

from pathlib import Path
from typing import Any

import pytest

from tests.operations.batches.instance import Instance, jsonl, line, lines
from tests.support.asking import ask

CREATE = {"endpoint": "/v1/chat/completions", "completion_window": "24h"}


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    return Instance(tmp_path)


async def failed(instance: Instance, content: bytes, **more: Any) -> list[tuple[Any, Any]]:
    """The code and the line of each error of a batch of that content."""
    made = await instance.create(content, **more)
    assert (made["status"], made["errors"]) == ("validating", None)
    batch = await instance.get(made, after=10)
    assert (batch["status"], batch["failed_at"]) == ("failed", instance.now)
    assert batch["output_file_id"] is batch["error_file_id"] is None
    assert batch["errors"]["object"] == "list"
    assert all(one["message"] for one in batch["errors"]["data"])
    return [(one["code"], one["line"]) for one in batch["errors"]["data"]]


GOOD = line("good")


@pytest.mark.parametrize(
    ("content", "errors"),
    [
        (b"", [("empty_file", None)]),
        (b"\n \r\n", [("empty_file", None)]),
        (b"{", [("invalid_json_line", 1)]),
        (jsonl([GOOD]) + b"\n{]\n", [("invalid_json_line", 3)]),
        (b"\xef\xbb\xbf" + jsonl([GOOD]), [("invalid_json_line", 1)]),
        (b'{"custom_id": "\xff"}', [("invalid_json_line", 1)]),
        (b"[" * 100_000, [("invalid_json_line", 1)]),
        (b"[]\n7\nnull", [("invalid_request", 1), ("invalid_request", 2), ("invalid_request", 3)]),
        (b"{}", [("invalid_request", 1)]),
        (jsonl([line("a", method="GET")]), [("invalid_request", 1)]),
        (jsonl([line("a") | {"custom_id": 7}]), [("invalid_request", 1)]),
        (jsonl([line("a") | {"body": "text"}]), [("invalid_request", 1)]),
        (jsonl([line("a") | {"body": {}}]), [("invalid_request", 1)]),
        (jsonl([line("a", url="/v1/embeddings")]), [("url_mismatch", 1)]),
        (jsonl([line("a", url="/v1/responses")]), [("url_mismatch", 1)]),
        (jsonl([line("a"), line("b"), line("a")]), [("duplicate_custom_id", 3)]),
        (jsonl([line("a", model="nobody")]), [("model_not_found", 1)]),
        (jsonl([line("a", model="live")]), [("invalid_request", 1)]),
        (jsonl([line("a"), line("b", model="zone")]), [("model_mismatch", 2)]),
        (
            jsonl(lines(3, url="/x")),
            [("url_mismatch", 1), ("url_mismatch", 2), ("url_mismatch", 3)],
        ),
    ],
)
async def test_what_the_content_is_at_fault_for_fails_the_batch(
    instance: Instance, content: bytes, errors: list[tuple[Any, Any]]
) -> None:
    assert await failed(instance, content) == errors


async def test_the_lines_of_a_file_are_bounded(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.operations.batches.validation.MOST_LINES", 3)
    assert await failed(instance, jsonl(lines(4))) == [("too_many_tasks", None)]
    made = await instance.create(jsonl(lines(3)))
    assert (await instance.get(made, after=200))["status"] == "completed"


async def test_the_number_of_listed_errors_is_bounded(instance: Instance) -> None:
    assert len(await failed(instance, b"{\n" * 1_000)) == 100


@pytest.mark.parametrize(
    ("endpoint", "url", "status"),
    [
        ("/chat/completions", "/chat/completions", "completed"),
        ("/chat/completions", "/v1/responses", "completed"),
        ("/chat/responses", "/v1/responses", "completed"),
        ("/v1/responses", "/v1/responses", "completed"),
        ("/v1/responses", "/v1/chat/completions", "failed"),
        ("/v1/chat/completions", "/chat/completions", "completed"),
    ],
)
async def test_either_operation_is_batched(
    instance: Instance, endpoint: str, url: str, status: str
) -> None:
    body = {"model": "night", "input": "Hello"} if "responses" in url else line("a")["body"]
    content = jsonl([{"custom_id": "a", "method": "POST", "url": url, "body": body}])
    made = await instance.create(content, endpoint=endpoint)
    done = await instance.get(made, after=100)
    assert (done["status"], done["endpoint"]) == (status, endpoint)
    if status == "completed":
        (answered,) = await instance.output(done)
        expected = "response" if "responses" in url else "chat.completion"
        assert answered["response"]["body"]["object"] == expected


@pytest.mark.parametrize(
    ("param", "change"),
    [
        ("endpoint", {"endpoint": None}),
        ("endpoint", {"endpoint": "/v1/embeddings"}),
        ("endpoint", {"endpoint": 7}),
        ("completion_window", {"completion_window": "1h"}),
        ("completion_window", {"completion_window": None}),
        ("input_file_id", {"input_file_id": None}),
        ("input_file_id", {"input_file_id": "file-00000000000000000000000000000000"}),
        ("input_file_id", {"input_file_id": "../x"}),
        ("metadata", {"metadata": {str(number): "" for number in range(17)}}),
        (f"metadata.{'a' * 65}", {"metadata": {"a" * 65: ""}}),
        ("metadata.a", {"metadata": {"a": "b" * 513}}),
        ("metadata.a", {"metadata": {"a": 7}}),
        (
            "output_expires_after.anchor",
            {"output_expires_after": {"seconds": 1_209_600, "anchor": "now"}},
        ),
        ("output_expires_after.anchor", {"output_expires_after": {"seconds": 1_209_600}}),
        ("input_blob", {"input_blob": "https://a.blob.core.windows.net/b/c.jsonl"}),
        (None, {"colour": "red"}),
    ],
)
async def test_what_the_request_is_at_fault_for_is_refused(
    instance: Instance, param: str | None, change: dict[str, Any]
) -> None:
    whole = CREATE | {"input_file_id": await instance.upload(jsonl(lines(1)))} | change
    body = {name: value for name, value in whole.items() if value is not None}
    reply = await instance.ask("POST", "batches", body)
    assert reply.status == 400
    assert reply.error[1] == param


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
async def test_what_is_no_object_is_refused(instance: Instance, body: bytes) -> None:
    assert (await instance.ask("POST", "batches", body)).status == 400


async def test_a_live_deployment_answers_no_batch_and_one_for_batches_nothing_else(
    instance: Instance,
) -> None:
    chat = {"messages": [{"role": "user", "content": "Hello"}]}
    for model, status in (("live", 200), ("night", 400), ("zone", 400)):
        reply = await instance.ask("POST", "chat/completions", chat | {"model": model})
        assert reply.status == status


async def test_an_unknown_batch_is_not_found(instance: Instance) -> None:
    for identifier in ("batch_00000000-0000-7000-8000-000000000000", "x", "%2e%2e", "a" * 4_000):
        for method, path in (("GET", ""), ("POST", "/cancel")):
            reply = await instance.ask(method, f"batches/{identifier}{path}")
            assert reply.status == 404


async def test_an_api_version_without_batches_is_not_found(instance: Instance) -> None:
    for version, status in (("2024-06-01", 404), ("2024-10-21", 200)):
        query = f"api-version={version}"
        reply = await ask(instance.simulator, "/openai/batches", method="GET", query=query)
        assert reply.status == status


async def test_an_output_lives_three_to_thirty_days(instance: Instance) -> None:
    after = {"seconds": 259_199, "anchor": "created_at"}
    whole = CREATE | {"input_file_id": await instance.upload(jsonl(lines(1)))}
    refused = await instance.ask("POST", "batches", whole | {"output_expires_after": after})
    assert (refused.status, refused.json["error"]["code"]) == (400, "invalidPayload")
    after["seconds"] = 259_200
    made = await instance.create(jsonl(lines(1)), output_expires_after=after)
    done = await instance.get(made, after=100)
    for kind in ("output", "error"):
        file = (await instance.ask("GET", f"files/{done[f'{kind}_file_id']}")).json
        assert file["expires_at"] == file["created_at"] + 259_200


async def test_the_anchor_may_be_beside_the_seconds(instance: Instance) -> None:
    """Microsoft's page on batches."""
    outside = {"output_expires_after": {"seconds": 1_209_600}, "anchor": "created_at"}
    made = await instance.create(jsonl(lines(1)), **outside)
    file_id = (await instance.get(made, after=100))["output_file_id"]
    file = (await instance.ask("GET", f"files/{file_id}")).json
    assert file["expires_at"] == file["created_at"] + 1_209_600
