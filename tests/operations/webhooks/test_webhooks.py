"""Webhooks as clients of the API make them, and as what they lead to receives them."""

from collections.abc import Iterator
from typing import Any

import httpx2
import openai
import pytest

from tests.conftest import KEY, MakeSimulator, Serve, served
from tests.support.asking import ask
from tests.support.route_clients import client_on, strictly
from tests.support.webhook_receiver import Received, Receiver


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    with served({}) as url:
        yield url


@pytest.fixture(params=["", "dashboard/"])
def client_(host: str, request: pytest.FixtureRequest) -> Iterator[openai.OpenAI]:
    base = f"{host}/openai/v1/{request.param}"
    with openai.OpenAI(base_url=base, api_key=KEY, max_retries=0) as client:
        yield client
    with httpx2.Client(base_url=base, headers={"api-key": KEY}) as http:
        for one in http.get("webhook_endpoints").json()["data"]:
            http.delete(f"webhook_endpoints/{one['id']}")


def test_a_secret_is_rotated_with_and_without_a_day_for_the_old_one(
    client_: openai.OpenAI, receiver: Receiver
) -> None:
    path = f"/rotated-{client_.base_url.path.count('/')}"
    made = make(client_, f"{receiver.url}{path}")
    other = client_.webhooks.rotate_secret(made.id, keep_old_secret_active_for_24_hours=True)
    strictly(other)
    assert (other.id, other.url) == (made.id, made.url)
    client_.webhooks.test(made.id, event_type="response.completed")
    newest = client_.webhooks.rotate_secret(made.id)
    client_.webhooks.test(made.id, event_type="response.completed")
    secrets = [one.signing_secret for one in (made, other, newest)]
    assert len({*secrets}) == 3
    received = receiver.at(path, 2)
    assert [[verified(client_, one, secret) for secret in secrets] for one in received] == [
        [True, True, False],
        [False, False, True],
    ]


def verified(client: openai.OpenAI, received: Received, secret: str) -> bool:
    try:
        client.webhooks.verify_signature(received.body, received.headers, secret=secret)
    except openai.InvalidWebhookSignatureError:
        return False
    return True


def test_every_type_of_event_that_is_listed_can_be_tried(
    client_: openai.OpenAI, receiver: Receiver
) -> None:
    types = client_.webhooks.event_types.list()
    strictly(types)
    path = f"/tried-{client_.base_url.path.count('/')}"
    made = make(client_, f"{receiver.url}{path}", *types.data)
    for kind in types.data:
        tried = client_.webhooks.test(made.id, event_type=kind)  # type: ignore[arg-type] - it is listed
        strictly(tried)
        assert (tried.event_type, tried.status_code) == (kind, 204)
    events = [
        client_.webhooks.unwrap(one.body, one.headers, secret=made.signing_secret)
        for one in receiver.at(path, len(types.data))
    ]
    assert [event.type for event in events] == types.data
    client_.webhooks.update(made.id, url="http://127.0.0.1:9/")
    with pytest.raises(openai.BadRequestError, match="did not answer"):
        client_.webhooks.test(made.id, event_type="batch.completed")


@pytest.fixture
def slow_host() -> Iterator[str]:
    with served({"time_to_first_token_mean": 600_000.0}) as url:
        yield url


def make(client: openai.OpenAI, url: str, *kinds: str) -> Any:
    types: Any = kinds or ("response.completed",)
    return client.webhooks.create(name="mine", url=url, event_types=types)


def test_an_endpoint_is_made_listed_got_changed_and_deleted(
    client_: openai.OpenAI, receiver: Receiver
) -> None:
    made = make(client_, receiver.url)
    strictly(made)
    assert made.signing_secret.startswith("whsec_")
    found = client_.webhooks.retrieve(made.id)
    strictly(found)
    assert "signing_secret" not in found.to_dict()
    assert (found.name, found.url, found.event_types) == (
        "mine", receiver.url, ["response.completed"],
    )  # fmt: skip
    other = make(client_, receiver.url)
    listed = client_.webhooks.list(limit=1)
    strictly(listed)
    assert [one.id for one in listed] == [made.id, other.id]
    changed = client_.webhooks.update(made.id, name="yours", event_types=["response.failed"])
    strictly(changed)
    assert (changed.name, changed.event_types) == ("yours", ["response.failed"])
    assert client_.webhooks.retrieve(made.id) == changed
    deleted = client_.webhooks.delete(made.id)
    strictly(deleted)
    assert (deleted.id, deleted.deleted) == (made.id, True)
    for verb in (client_.webhooks.retrieve, client_.webhooks.delete):
        with pytest.raises(openai.NotFoundError):
            verb(made.id)


def test_it_is_answered_as_created(host: str, receiver: Receiver) -> None:
    body = {"name": "a", "url": receiver.url, "event_types": ["response.failed"]}
    with httpx2.Client(base_url=host, headers={"api-key": KEY}) as http:
        answer = http.post("/openai/v1/webhook_endpoints", json=body)
        assert answer.status_code == 201
        http.delete(f"/openai/v1/webhook_endpoints/{answer.json()['id']}")


def test_a_response_in_the_background_is_reported_once(host: str, receiver: Receiver) -> None:
    with client_on("v1", host) as client:
        url = f"{receiver.url}/done"
        endpoint = make(client, url, "response.completed", "response.incomplete")
        other = make(client, f"{receiver.url}/failed", "response.failed")
        made = client.responses.create(model="gpt-4o", input="Hi", background=True)
        for _ in range(3):
            client.responses.retrieve(made.id)
        [received] = receiver.at("/done")
        event: Any = client.webhooks.unwrap(
            received.body, received.headers, secret=endpoint.signing_secret
        )
        strictly(event)
        assert (event.type, event.data.id) == ("response.completed", made.id)
        with pytest.raises(openai.InvalidWebhookSignatureError):
            client.webhooks.unwrap(received.body, received.headers, secret=other.signing_secret)
        # A second one comes after it, so nothing of the first is on its way any more.
        client.responses.create(model="gpt-4o", input="Hi", background=True)
        assert len(receiver.at("/done", 2)) == 2
        for one in (endpoint, other):
            client.webhooks.delete(one.id)
    assert receiver.at("/failed", 0) == []


def test_a_cancelled_response_is_reported_and_no_redirect_is_followed(
    slow_host: str, receiver: Receiver
) -> None:
    with client_on("v1", slow_host) as client:
        make(client, f"{receiver.url}/elsewhere", "response.cancelled")
        make(client, f"{receiver.url}/cancelled", "response.cancelled")
        made = client.responses.create(model="gpt-4o", input="Hi", background=True)
        client.responses.cancel(made.id)
        client.responses.cancel(made.id)
        assert len(receiver.at("/elsewhere")) == len(receiver.at("/cancelled")) == 1
        assert made.id.encode() in receiver.at("/cancelled")[0].body
    assert receiver.at("/redirected", 0) == []


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1",
        "http://0.0.0.0:80",
        "http://[::ffff:10.0.0.1]/",
        "http://[fe80::1]/",
        "http://2852039166/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://0/",
        "http://[::]/",
        "http://[::1]evil/",
        "http://[64:ff9b::a9fe:a9fe]/",
        "http://[2002:a9fe:a9fe::]/",
        "http://169.254.169.254#@127.0.0.1/",
        "http://127.0.0.1\\@169.254.169.254/",
        "http://127.0.0.1%00.example/",
        "https://host.invalid/",
        "http://user:key@127.0.0.1/",
        "ftp://127.0.0.1/",
        "http://127.0.0.1:0/",
        "http://127.0.0.1:99999/",
        "http://[::1/",
        "http://",
        "x",
        "http://127.0.0.1/\nx",
        "http://127.0.0.1/é",
        "http://127.0.0.1/" + "x" * 2_048,
    ],
)
def test_other_places_are_refused(http: httpx2.Client, url: str) -> None:
    body = {"name": "a", "url": url, "event_types": ["response.completed"]}
    answer = http.post("/openai/v1/webhook_endpoints", json=body)
    error = answer.json()["error"]
    assert (answer.status_code, error["param"]) == (400, "url")


@pytest.mark.parametrize(
    ("param", "more"),
    [
        ("name", {"name": None}),
        ("name", {"name": ""}),
        ("url", {"url": 1}),
        ("event_types", {"event_types": []}),
        ("event_types[0]", {"event_types": ["eval.run.failed"]}),
        ("colour", {"colour": 1}),
    ],
)
def test_a_bad_endpoint_is_refused(http: httpx2.Client, param: str, more: dict[str, Any]) -> None:
    body = {"name": "a", "url": "http://127.0.0.1", "event_types": ["response.completed"], **more}
    answer = http.post("/openai/v1/webhook_endpoints", json=body)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


async def test_the_journal_does_not_keep_the_secret(make_simulator: MakeSimulator) -> None:
    simulator = make_simulator(journal_bodies=True)
    body = {"name": "a", "url": "http://127.0.0.1:9/", "event_types": ["response.completed"]}
    made = await ask(simulator, "/openai/v1/webhook_endpoints", body, query="")
    secret = made.json["signing_secret"]
    kept = await ask(simulator, "/++/requests", method="GET", query="")
    identifier = kept.json["requests"][0]["id"]
    entry = await ask(simulator, f"/++/requests/{identifier}", method="GET", query="")
    assert b"signing_secret" in entry.body
    assert secret.encode() not in entry.body
    await simulator.close()


def test_other_addresses_are_allowed_by_a_setting(serve: Serve) -> None:
    body = {"name": "a", "url": "http://127.0.0.1:9/", "event_types": ["response.completed"]}
    url = serve(webhook_allowed_addresses=("10.0.0.0/8",))
    with httpx2.Client(base_url=url, headers={"api-key": KEY}) as http:
        route = "/openai/v1/webhook_endpoints"
        assert http.post(route, json=body).status_code == 400
        assert http.post(route, json={**body, "url": "http://10.1.2.3/"}).status_code == 201
