"""Batches as clients of the API use them."""

import json
from collections.abc import Iterator

import openai
import pytest
from openai.types.chat import ChatCompletion

from tests.conftest import served
from tests.operations.batches.instance import jsonl, line, lines
from tests.support.route_clients import ROUTES, client_on, strictly


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served({"batch_speed": 0.0}) as url:
        yield url


@pytest.fixture(params=ROUTES)
def client(request: pytest.FixtureRequest, url: str) -> Iterator[openai.OpenAI]:
    with client_on(request.param, url) as client:
        yield client


def upload(client: openai.OpenAI, content: bytes) -> str:
    return client.files.create(file=("lines.jsonl", content), purpose="batch").id


def created(client: openai.OpenAI, content: bytes) -> openai.types.Batch:
    return client.batches.create(
        input_file_id=upload(client, content),
        endpoint="/v1/chat/completions",
        completion_window="24h",
        metadata={"job": "nightly"},
    )


def test_a_batch_goes_from_a_file_to_its_output(client: openai.OpenAI) -> None:
    wrong = line("wrong", model="gpt-4o", body={"temperature": 9})
    made = created(client, jsonl([*lines(3, model="gpt-4o"), wrong]))
    strictly(made)
    assert (made.status, made.metadata) == ("validating", {"job": "nightly"})
    done = client.batches.retrieve(made.id)
    strictly(done)
    assert done.status == "completed"
    assert done.request_counts is not None
    assert done.request_counts.to_dict() == {"total": 4, "completed": 3, "failed": 1}
    assert done.output_file_id
    assert done.error_file_id
    strictly(client.files.retrieve(done.output_file_id))
    answered = client.files.content(done.output_file_id).text.splitlines()
    for text in answered:
        response = json.loads(text)["response"]
        assert (response["status_code"], len(response["request_id"])) == (200, 36)
        ChatCompletion.model_validate(response["body"], strict=True)
    (failed,) = client.files.content(done.error_file_id).text.splitlines()
    assert json.loads(failed)["response"]["status_code"] == 400
    client.files.delete(done.output_file_id)
    with pytest.raises(openai.NotFoundError):
        client.files.content(done.output_file_id)


def test_a_failed_batch_lists_its_errors(client: openai.OpenAI) -> None:
    failed = client.batches.retrieve(created(client, b"{").id)
    strictly(failed)
    assert failed.status == "failed"
    assert failed.errors is not None
    assert [error.code for error in failed.errors.data or []] == ["invalid_json_line"]


def test_batches_are_listed_page_by_page_the_newest_first(client: openai.OpenAI) -> None:
    made = [created(client, jsonl(lines(1, model="gpt-4o"))).id for _ in range(5)]
    page = client.batches.list(limit=2)
    strictly(page)
    assert [batch.id for batch in page.data] == made[:2:-1]
    everything = [batch.id for batch in client.batches.list(limit=2)]
    assert everything[:5] == made[::-1]
    assert len(set(everything)) == len(everything)


@pytest.mark.parametrize("limit", [0, 101])
def test_a_bad_page_is_refused(client: openai.OpenAI, limit: int) -> None:
    with pytest.raises(openai.BadRequestError) as refusal:
        client.batches.list(limit=limit)
    assert refusal.value.param == "limit"


def test_what_is_complete_cannot_be_cancelled(client: openai.OpenAI) -> None:
    made = created(client, jsonl(lines(1, model="gpt-4o")))
    with pytest.raises(openai.ConflictError):
        client.batches.cancel(made.id)
