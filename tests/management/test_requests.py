"""The journal, the verdict and costs, over a socket."""

import contextlib
import csv
import io
import shlex
import subprocess
import sys
from collections.abc import Iterator

import httpx2
import openai
import pytest

from tests.conftest import API_VERSION, KEY, Serve

CHAT = f"/openai/deployments/gpt-4o/chat/completions?api-version={API_VERSION}"
BODY = {"messages": [{"role": "user", "content": "a secret prompt"}], "max_tokens": 3}


@pytest.fixture
def app(serve: Serve) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=serve(), headers={"api-key": KEY}) as client:
        yield client


@pytest.fixture
def stack() -> Iterator[contextlib.ExitStack]:
    with contextlib.ExitStack() as opened:
        yield opened


def newest(app: httpx2.Client, query: str = "") -> list[dict[str, object]]:
    return app.get(f"/++/requests{query}").json()["requests"]


@pytest.mark.parametrize("prefix", ["/++", "/simulator"])
def test_an_entry_shows_what_was_requested_and_answered(app: httpx2.Client, prefix: str) -> None:
    answer = app.post(CHAT, json=BODY)
    (entry,) = app.get(f"{prefix}/requests").json()["requests"]
    assert entry["id"] == answer.headers["apim-request-id"]
    assert (entry["operation"], entry["deployment"], entry["status"]) == (
        "chat_completions",
        "gpt-4o",
        200,
    )
    assert entry["prompt_tokens"] == answer.json()["usage"]["prompt_tokens"]
    assert entry["completion_tokens"] == 3
    assert "secret" not in str(entry)
    assert app.get(f"{prefix}/requests/{entry['id']}").json() == entry


def test_a_stream_has_its_time_to_the_first_token(app: httpx2.Client) -> None:
    app.post(CHAT, json={**BODY, "stream": True}).read()
    (entry,) = newest(app)
    assert 0 <= entry["first_token_ms"] <= entry["duration_ms"]  # type: ignore[operator] (numbers)
    assert "cut" not in entry


def test_a_stream_whose_client_left_is_cut(app: httpx2.Client) -> None:
    long = {**BODY, "max_tokens": 4_000, "stream": True}
    slow = {"latency": {"open_ai_chat_completions": {"mean": 20}}}
    assert app.patch("/++/config", json=slow).status_code == 200
    with app.stream("POST", CHAT, json=long) as answer:
        next(answer.iter_raw())
    for _ in range(100):
        if entries := newest(app):
            break
    assert entries[0]["cut"] is True


def test_pages_filters_and_their_mistakes(app: httpx2.Client) -> None:
    for _ in range(3):
        app.post(CHAT, json=BODY)
    app.post(CHAT, json={"messages": "none"})
    assert [entry["status"] for entry in newest(app, "?status=400")] == [400]
    first = app.get("/++/requests?limit=3").json()
    rest = app.get(f"/++/requests?limit=3&after={first['next']}").json()
    assert (len(first["requests"]), len(rest["requests"]), rest["next"]) == (3, 1, None)
    assert len(newest(app, "?after=")) == 4
    assert newest(app, "?after=none") == newest(app, "?since=2999-01-01T00:00:00Z") == []
    for query in ("?limit=0", "?status=abc", "?since=yesterday", "?sice=1", "?since=nan"):
        refused = app.get(f"/++/requests{query}")
        assert (refused.status_code, refused.json()["error"]["param"]) == (
            400,
            query[1:].partition("=")[0],
        )


def test_a_moment_is_understood_as_it_is_written(app: httpx2.Client) -> None:
    app.post(CHAT, json=BODY)
    for moment in ("2020-01-01", "2020-01-01T00:00:00+02:00", "2020-01-01 00:00", "20200101T0000Z"):
        assert len(newest(app, f"?since={moment}")) == 1


@pytest.mark.parametrize("path", ["requests", "rules", "config"])
def test_what_takes_no_filter_deletes_nothing_for_one(app: httpx2.Client, path: str) -> None:
    app.post(CHAT, json=BODY)
    refused = app.delete(f"/++/{path}?deployment=gpt-4o")
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "deployment")
    assert app.post("/++/reset?what=journal").status_code == 400
    assert len(newest(app)) == 1


def test_a_refusal_has_the_deployment_that_its_body_names(app: httpx2.Client) -> None:
    chat = {**BODY, "model": "gpt-4o", "temperature": 9}
    assert app.post("/openai/v1/chat/completions", json=chat).status_code == 400
    assert [entry["status"] for entry in newest(app, "?deployment=gpt-4o")] == [400]


def test_a_caller_that_is_not_let_in_has_no_body_but_its_length(app: httpx2.Client) -> None:
    for word in ("a", "bb"):
        chat = {"model": "gpt-4o", "messages": [{"role": "user", "content": word}]}
        for _ in range(2):
            app.post("/openai/v1/chat/completions", json=chat, headers={"api-key": "wrong"})
    (finding,) = app.get("/++/verdict").json()["findings"]
    assert (finding["kind"], finding["count"]) == ("retried_non_retryable", 2)


def test_nothing_is_known_of_an_id_that_is_not_there(app: httpx2.Client) -> None:
    assert app.get("/++/requests/none").status_code == 404


def test_the_journal_and_its_judgements_need_the_key(app: httpx2.Client) -> None:
    for path in ("requests", "requests/a", "verdict", "costs"):
        assert httpx2.get(f"{app.base_url}/++/{path}").status_code == 401


def test_what_is_forgotten_is_gone(app: httpx2.Client) -> None:
    app.post(CHAT, json=BODY)
    assert app.delete("/++/requests").json() == {"requests": [], "next": None}
    assert newest(app) == []


def test_bodies_are_kept_where_a_setting_says_so_and_can_be_sent_again(
    serve: Serve, stack: contextlib.ExitStack
) -> None:
    url = serve(journal_bodies=True)
    app = stack.enter_context(httpx2.Client(base_url=url, headers={"api-key": KEY}))
    answer = app.post(CHAT, json=BODY)
    (entry,) = newest(app)
    assert "a secret prompt" in str(entry["request"])
    assert entry["response"] == answer.text
    curl = app.get(f"/++/requests/{entry['id']}?as=curl").text
    words = shlex.split(curl.replace("\\\n", " "))
    assert words[3].endswith(CHAT)
    assert words[-1] == entry["request"]
    script = app.get(f"/++/requests/{entry['id']}?as=python").text
    environment = {"AZURE_OPENAI_API_KEY": KEY}
    again = subprocess.run(  # noqa: S603 (our own script)
        [sys.executable, "-c", script], env=environment, capture_output=True, check=True, text=True
    )
    assert again.stdout.startswith("200 ")


REFUSED_CALLERS = {
    "Bearer a.b.c": "SIMULATOR_ENTRA_TENANT_ID names no tenant",
    "Basic dGhlIGtleQ==": "does not begin with 'Bearer '",
    "the-key-itself": "does not begin with 'Bearer '",
    "": "no usable key in authorization",
}


@pytest.mark.parametrize("authorization", REFUSED_CALLERS)
def test_a_caller_that_is_not_let_in_gets_the_reason(
    app: httpx2.Client, authorization: str
) -> None:
    headers = {"authorization": authorization}
    refused = httpx2.post(f"{app.base_url}{CHAT}", json=BODY, headers=headers)
    hint = refused.headers["x-simulator-hint"]
    assert REFUSED_CALLERS[authorization] in hint
    assert not authorization or authorization.split()[-1] not in hint


HINTS = [
    (CHAT.partition("?")[0], "the query has no api-version, which this route needs"),
    (CHAT.replace(API_VERSION, "2024-10-12"), "the nearest is '2024-10-21'"),
    ("/openai/v1/chat/completions?api-version=2024-10-21", "is not one of the v1 routes: latest"),
    (CHAT.replace("completions?", "completion?"), "no route has the path"),
    (CHAT.replace("gpt-4o", "gtp-4o"), "there is no deployment 'gtp-4o'; the nearest is 'gpt-4o'"),
    (
        CHAT.replace("gpt-4o", "grok-3"),
        "there is no deployment 'grok-3'; a model of another maker is deployed by the deployment file",
    ),
    (CHAT.replace("gpt-4o", "embedding"), "does not do this operation"),
]


@pytest.mark.parametrize(("address", "hint"), HINTS)
def test_a_refusal_says_which_mistake_it_is(
    serve: Serve, stack: contextlib.ExitStack, address: str, hint: str
) -> None:
    url = serve(allow_undefined_deployments=False)
    app = stack.enter_context(httpx2.Client(base_url=url, headers={"api-key": KEY}))
    refused = app.post(address, json=BODY)
    assert hint in refused.headers["x-simulator-hint"]
    assert newest(app)[0]["reason"] == refused.headers["x-simulator-hint"]


def test_a_method_that_a_path_does_not_take_is_the_mistake(
    serve: Serve, stack: contextlib.ExitStack
) -> None:
    app = stack.enter_context(httpx2.Client(base_url=serve(), headers={"api-key": KEY}))
    refused = app.get(CHAT)
    assert refused.headers["x-simulator-hint"] == "the path takes POST, not GET"


def test_an_api_version_may_be_older_than_what_it_is_asked_for(serve: Serve) -> None:
    path = "/openai/deployments/o3-mini/chat/completions?api-version=2024-10-21"
    body = {"messages": BODY["messages"]}
    answer = httpx2.post(serve() + path, headers={"api-key": KEY}, json=body)
    hint = "what is asked for is newer than the api-version '2024-10-21'"
    assert answer.headers["x-simulator-hint"] == hint


def test_hints_can_be_switched_off(serve: Serve) -> None:
    answer = httpx2.post(serve(hints=False) + "/openai/nothing", headers={"api-key": KEY})
    assert "x-simulator-hint" not in answer.headers


def test_a_path_cannot_put_a_line_into_a_header(app: httpx2.Client) -> None:
    answer = app.get("/openai/a%0d%0aevil%3a%201%F0%9F%98%80")
    assert "evil" not in answer.headers
    assert answer.headers["x-simulator-hint"].isprintable()


async def test_the_official_client_with_its_retries_is_clean(serve: Serve) -> None:
    url = serve()
    async with openai.AsyncAzureOpenAI(
        azure_endpoint=url, api_key=KEY, api_version=API_VERSION
    ) as client:
        await client.chat.completions.create(
            model="gpt-4o", messages=[{"role": "user", "content": "Hi"}], max_tokens=3
        )
    verdict = httpx2.get(f"{url}/++/verdict", headers={"api-key": KEY}).json()
    assert verdict == {"verdict": "clean", "requests": 1, "findings": []}


def test_an_operation_that_there_is_not_is_no_filter(app: httpx2.Client) -> None:
    refused = app.get("/++/requests?operation=chat_completion")
    assert refused.status_code == 400
    assert refused.json()["error"]["message"].endswith("did you mean 'chat_completions'?")
    assert app.get("/++/requests?operation=unknown").json() == {"requests": [], "next": None}


def test_a_client_that_tries_a_bad_request_again_is_found_out(app: httpx2.Client) -> None:
    for _ in range(2):
        app.post(CHAT, json={"messages": "none"})
    verdict = app.get("/++/verdict").json()
    assert [finding["kind"] for finding in verdict["findings"]] == ["retried_non_retryable"]
    assert app.get("/++/verdict?format=text").text.startswith("error: 1 request, 1 finding")
    assert app.get("/++/verdict?format=junit").headers["content-type"] == "application/xml"
    assert app.get("/++/verdict?format=pdf").status_code == 400


def test_costs_come_as_json_and_as_csv(app: httpx2.Client) -> None:
    usage = app.post(CHAT, json=BODY).json()["usage"]
    costs = app.get("/++/costs").json()
    (row,) = costs["rows"]
    assert (row["deployment"], row["prompt_tokens"]) == ("gpt-4o", usage["prompt_tokens"])
    assert costs["total"] == row["cost"] > 0
    (line,) = csv.DictReader(io.StringIO(app.get("/++/costs?format=csv").text))
    assert float(line["cost"]) == row["cost"]


def test_the_rule_that_decided_is_named(app: httpx2.Client) -> None:
    rule = {"name": "paris", "when": {"contains": "secret"}, "reply": "Paris."}
    assert app.post("/++/rules", json={"rules": [rule]}).status_code == 200
    app.post(CHAT, json=BODY)
    assert newest(app)[0]["rule"] == "paris"


FAULTS = {"truncate": "truncated_stream_accepted", "error_event": "in_band_error_ignored"}


@pytest.mark.parametrize(("kind", "finding"), FAULTS.items())
def test_a_client_that_takes_a_broken_answer_for_a_whole_one_is_found_out(
    app: httpx2.Client, kind: str, finding: str
) -> None:
    rule = {"fault": {"kind": kind, "after_tokens": 1}, "times": 1}
    assert app.post("/++/rules", json={"rules": [rule]}).status_code == 200
    app.post(CHAT, json={**BODY, "stream": True})
    assert [one["kind"] for one in app.get("/++/verdict").json()["findings"]] == [finding]


def test_a_client_that_asks_again_after_a_broken_answer_is_clean(app: httpx2.Client) -> None:
    rule = {"fault": {"kind": "truncate", "after_tokens": 1}, "times": 1}
    app.post("/++/rules", json={"rules": [rule]})
    for _ in range(2):
        app.post(CHAT, json={**BODY, "stream": True})
    assert app.get("/++/verdict").json()["verdict"] == "clean"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b'{"messages": [', "truncated"),
        (b'{"messages" []}', "expected ':' (byte 12)"),
        (b"[]", "expected an object"),
        (b"\xff", "malformed"),
    ],
)
def test_the_reason_of_a_body_that_is_no_json_says_where(
    app: httpx2.Client, body: bytes, why: str
) -> None:
    refused = app.post(CHAT, content=body, headers={"content-type": "application/json"})
    assert refused.status_code == 400
    assert why in refused.headers["x-simulator-hint"]


def test_the_reason_of_a_bad_request_names_its_parameter(app: httpx2.Client) -> None:
    for members in ({"response_format": {"type": "x"}}, {"temperature": 9}, {"n": "two"}):
        refused = app.post(CHAT, json={**BODY, **members})
        param = refused.json()["error"]["param"]
        assert param.split(".")[0] in members
        assert param in refused.headers["x-simulator-hint"]
        assert newest(app)[0]["reason"] == refused.headers["x-simulator-hint"]
