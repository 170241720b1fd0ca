"""The bodies of answers against Microsoft's OpenAPI documents."""

import asyncio
import json
from collections.abc import Mapping

import pytest

from simulator.app import Simulator
from simulator.assembly.operations import OPERATIONS
from simulator.errors import (
    ApiError,
    DeploymentNotFound,
    OperationNotSupported,
    RateLimited,
    RecordingNotFound,
    RequestTooLarge,
    ResourceNotFound,
    ServerError,
    Unavailable,
    UpstreamTimeout,
    UpstreamUnavailable,
    VersionNotSupported,
)
from simulator.messages import Request
from simulator.operations.routes import Route, RouteTable
from tests.conftest import MakeSimulator
from tests.openapi.amendments import AMENDMENTS, DATED, NEWER, V1, Amendment
from tests.openapi.bodies import flaw_of, media_of, reply_to
from tests.openapi.documents import document
from tests.openapi.samples import DEPLOYMENTS, SAMPLES, UNDOCUMENTED, Sample
from tests.support.asking import Reply

Replies = Mapping[Sample, Reply]


async def answered(simulator: Simulator, sample: Sample, kept: str) -> Reply:
    asked = sample.request(kept)
    query, headers = asked.url.query.decode(), dict(asked.headers)
    request = Request(asked.method, asked.url.path, query, headers, asked.read())
    return await reply_to(simulator, request)


@pytest.fixture(scope="module")
def replies(make_simulator: MakeSimulator) -> Replies:
    async def all_of_them() -> Replies:
        simulator, made, kept = make_simulator(), dict[Sample, Reply](), ""
        for sample in SAMPLES:
            made[sample] = reply = await answered(simulator, sample, kept)
            if b'"object": "response",' in reply.body[:100]:
                kept = reply.json["id"]
        return made

    return asyncio.run(all_of_them())


def flaw(sample: Sample, reply: Reply, left_out: Amendment | None = None) -> str | None:
    """What is wrong with the reply, if anything."""
    validator = document(sample.document, left_out).validator(
        sample.method, sample.place, reply.status, media_of(reply)
    )
    assert validator is not None
    return flaw_of(reply, validator)


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_a_body_is_as_the_document_says(replies: Replies, sample: Sample) -> None:
    reply = replies[sample]
    assert reply.status == sample.status, reply.body
    assert flaw(sample, reply) is None


@pytest.mark.parametrize("amendment", AMENDMENTS, ids=lambda amendment: amendment.places[0])
def test_no_amendment_is_made_in_vain(replies: Replies, amendment: Amendment) -> None:
    for name in amendment.documents:
        assert any(
            flaw(sample, reply, amendment)
            for sample, reply in replies.items()
            if sample.document == name
        )


def test_every_route_of_the_api_is_asked_or_said_to_be_undocumented() -> None:
    routes = {route for operation in OPERATIONS for route in operation.routes}
    table = RouteTable((route, route) for route in routes)
    asked: set[Route] = set()
    for sample in SAMPLES:
        request = sample.request("kept")
        match = table.find(request.method, request.url.path)
        assert match is not None
        asked.add(match.target)
    left = {route.template for route in routes - asked if route.template.startswith("openai/")}
    assert {name for name in left if not name.endswith(tuple(UNDOCUMENTED))} == set()


@pytest.mark.parametrize("name", [DATED, NEWER, V1])
@pytest.mark.parametrize(
    "error",
    [
        DeploymentNotFound(),
        OperationNotSupported("chatCompletion", "whisper"),
        RateLimited("Wait.", retry_after=1.5),
        RateLimited("Wait.", retry_after=1.5, classic=True),
        RecordingNotFound("Nothing is recorded."),
        RequestTooLarge("Too large."),
        ResourceNotFound(),
        ServerError("0"),
        Unavailable("No key."),
        UpstreamTimeout(),
        UpstreamUnavailable("Away."),
        VersionNotSupported("API version not supported"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_is_as_the_document_says(error: ApiError, name: str) -> None:
    place = "/chat/completions" if name == V1 else f"{DEPLOYMENTS}/chat/completions"
    validator = document(name).validator("POST", place, error.status, "application/json")
    assert validator is not None
    body = json.loads(error.body())
    validator.validate(body)
    assert body.keys() == {"error"}
    assert {"code", "message"} <= body["error"].keys()
