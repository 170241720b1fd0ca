"""Signing in with a managed identity, against App Service's token endpoint and a server with ACLs."""

import time
import uuid
from collections.abc import Iterator

import jwt
import pytest
import redis
from pytest_httpserver import HTTPServer

from simulator.hosting import own_valkey
from simulator.limits.identity import ManagedIdentity
from simulator.limits.quota import StandardLimits
from simulator.limits.redis_store import RedisStore, connect
from simulator.limits.store import StoreError

OBJECT_ID = str(uuid.uuid4())
LIMITS = StandardLimits(tokens_per_minute=1_000, requests_per_minute=60)


@pytest.fixture(scope="module")
def token() -> str:
    claims = {"oid": OBJECT_ID, "exp": int(time.time()) + 86_400}
    return jwt.encode(claims, "a key of this test alone, long enough", algorithm="HS256")


@pytest.fixture(scope="module")
def guarded_url(token: str) -> Iterator[str]:
    """A server that knows one user: the identity, whose password is its token."""
    with own_valkey.running() as server:
        admin = redis.Redis.from_url(server.connection_url)
        admin.acl_setuser(
            OBJECT_ID, enabled=True, passwords=[f"+{token}"], keys=["*"], categories=["+@all"]
        )
        admin.acl_setuser("default", enabled=False)
        admin.close()
        yield server.connection_url


@pytest.fixture
def identity_endpoint(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> HTTPServer:
    monkeypatch.setenv("IDENTITY_ENDPOINT", httpserver.url_for("/msi/token"))
    monkeypatch.setenv("IDENTITY_HEADER", "secret")
    return httpserver


def issued(token: str) -> dict[str, str]:
    return {
        "access_token": token,
        "expires_on": str(int(time.time()) + 86_400),
        "resource": "https://redis.azure.com/",
        "token_type": "Bearer",
    }


@pytest.mark.parametrize("client_id", [None, "11111111-2222-3333-4444-555555555555"])
async def test_the_identitys_token_opens_the_server(
    identity_endpoint: HTTPServer, guarded_url: str, token: str, client_id: str | None
) -> None:
    query = {"api-version": "2019-08-01", "resource": "https://redis.azure.com/"}
    if client_id is not None:
        query["client_id"] = client_id
    identity_endpoint.expect_request("/msi/token", query_string=query).respond_with_json(
        issued(token)
    )
    store = RedisStore(connect(guarded_url, credentials=ManagedIdentity(client_id)))
    assert (await store.hit(f"gpt-{uuid.uuid4()}", LIMITS, 10)).requests == 1
    await store.close()


async def test_without_a_token_the_store_is_away(
    identity_endpoint: HTTPServer, guarded_url: str
) -> None:
    identity_endpoint.expect_request("/msi/token").respond_with_json({}, status=400)
    store = RedisStore(connect(guarded_url, credentials=ManagedIdentity()))
    with pytest.raises(StoreError):
        await store.hit("gpt", LIMITS, 10)
    await store.close()


async def test_a_server_that_wants_a_user_is_away_without_one(guarded_url: str) -> None:
    store = RedisStore(connect(guarded_url))
    with pytest.raises(StoreError):
        await store.hit("gpt", LIMITS, 10)
    await store.close()
