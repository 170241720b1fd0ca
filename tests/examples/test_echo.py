import httpx2
import pytest

from tests.conftest import KEY, Serve


@pytest.fixture
def url(serve: Serve) -> str:
    return serve(extension_path="examples/echo", environment={"ECHO_GREETING": "Grüezi"})


def test_an_echo_answers_on_its_route_and_below(url: str) -> None:
    reply = httpx2.put(f"{url}/echo/a/b?c=d", content="hey", headers={"api-key": KEY})
    assert reply.status_code == 200
    assert reply.json() == {
        "greeting": "Grüezi",
        "method": "PUT",
        "path": "a/b",
        "query": {"c": "d"},
        "body": "hey",
    }


def test_an_echo_has_the_services_headers(url: str) -> None:
    reply = httpx2.get(f"{url}/echo", headers={"api-key": KEY})
    assert reply.json()["path"] == ""
    assert reply.headers["apim-request-id"]


def test_an_echo_refuses_in_the_services_form(url: str) -> None:
    reply = httpx2.post(f"{url}/echo", content=b"\xff", headers={"api-key": KEY})
    assert reply.status_code == 400
    assert reply.json()["error"]["message"] == "An echo is made of UTF-8."


def test_an_echo_asks_for_the_key(url: str) -> None:
    assert httpx2.get(f"{url}/echo").status_code == 401


def test_what_there_is_besides_stays(url: str) -> None:
    assert httpx2.get(f"{url}/nowhere", headers={"api-key": KEY}).status_code == 404
