import asyncio
import gzip
import threading
from urllib.parse import urlsplit

import pytest

from simulator.errors import Unavailable, UpstreamTimeout, UpstreamUnavailable
from simulator.messages import Request
from simulator.upstream.client import Upstream
from simulator.upstream.credentials import ApiKey
from simulator.upstream.interim import MOST_INTERIM
from tests.support import fake_upstream as fake
from tests.support.azurite import free_port

PATH = "/openai/deployments/gpt-4o/"
JSON = {"content-type": "application/json", "api-key": "callers-key", "host": "localhost:8000"}


def asking(behaviour, body=b"{}", **fields):
    return Request("POST", f"{PATH}{behaviour}", "api-version=2024-10-21", JSON, body, **fields)


@pytest.fixture
async def served():
    async with fake.running_upstream() as running:
        yield running


@pytest.fixture
async def upstream(served):
    made = Upstream(served.endpoint, ApiKey("upstreams-key"), timeout=5)
    yield made
    await made.close()


async def whole(answer):
    try:
        return b"".join([piece async for piece in answer.pieces])
    finally:
        answer.close()


async def test_a_request_arrives_as_it_was_sent(upstream, served):
    answer = await upstream.send(asking("echo", b'{"a": "\xc3\xa9"}'))
    await whole(answer)
    asked = served.asked[0]
    assert (asked.method, asked.body) == ("POST", b'{"a": "\xc3\xa9"}')
    assert asked.target == f"{PATH}echo?api-version=2024-10-21"
    assert asked.headers["content-type"] == "application/json"


async def test_a_path_is_escaped_again(upstream, served):
    await whole(await upstream.send(Request("GET", "/a b/ü:analyze/100%")))
    assert served.asked[0].target == "/a%20b/%C3%BC:analyze/100%25"


@pytest.mark.parametrize("method", ["GET", "DELETE", "PATCH", "PUT", "HEAD", "OPTIONS"])
async def test_every_method_is_forwarded(upstream, served, method):
    answer = await upstream.send(Request(method, "/openai/files"))
    answer.close()
    assert served.asked[0].method == method


async def test_the_callers_key_gives_way_to_the_upstreams(upstream, served):
    headers = {**JSON, "authorization": "Bearer callers-key", "cookie": "a=callers-key"}
    keys = ("Api%2DKey", "subscription-key", "code", "sig")
    query = "&".join(["api-version=1", *(f"{key}=callers-key" for key in keys)])
    await whole(await upstream.send(Request("POST", f"{PATH}echo", query, headers, b"{}")))
    asked = served.asked[0]
    assert asked.headers["api-key"] == "upstreams-key"
    assert asked.target.endswith("?api-version=1")
    assert "callers-key" not in str(asked)


@pytest.mark.parametrize("behaviour", ["chat", "chunked", "zipped"])
async def test_a_body_comes_out_decoded_however_it_is_sent(upstream, behaviour):
    answer = await upstream.send(asking(behaviour))
    assert await whole(answer) == fake.CHAT
    assert answer.framed
    assert {"content-encoding", "content-length", "transfer-encoding"}.isdisjoint(answer.headers)


async def test_a_body_in_an_unknown_encoding_stays_as_it_is_and_says_so(upstream):
    answer = await upstream.send(asking("unknown_encoding"))
    assert await whole(answer) == fake.BINARY
    assert answer.headers["content-encoding"] == "x-ours"


INTERIM = b"HTTP/1.1 103 Early Hints\r\n\r\n"


@pytest.mark.parametrize("number", [1, MOST_INTERIM])
async def test_interim_answers_are_passed_over(upstream, served, number):
    async def hinted(writer, asked):
        await writer.send(INTERIM * number)
        await fake.chat(writer, asked)

    served.behaviours["hinted"] = hinted
    for _ in range(2):  # on one connection, whose count begins anew
        assert await whole(await upstream.send(asking("hinted"))) == fake.CHAT


@pytest.mark.parametrize("number", [MOST_INTERIM + 1, 50_000])
async def test_a_flood_of_interim_answers_is_an_error(upstream, served, number):
    async def flood(writer, asked):
        await writer.send(INTERIM * number)
        await fake.chat(writer, asked)

    served.behaviours["flood"] = flood
    with pytest.raises(UpstreamUnavailable, match=f"more than {MOST_INTERIM} interim answers"):
        await upstream.send(asking("flood"))
    assert await whole(await upstream.send(asking("chat"))) == fake.CHAT


@pytest.mark.parametrize("streamed", [False, True])
async def test_others_have_their_turn_while_an_answer_is_unpacked(upstream, served, streamed):
    kind = "text/event-stream" if streamed else "application/json"
    packed = gzip.compress(bytes(32 * 2**20))

    async def bomb(writer, asked):
        await writer.whole(packed, content_encoding="gzip", content_type=kind)

    async def count():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    served.behaviours["bomb"] = bomb
    turns, counting = 0, asyncio.create_task(count())
    answer = await upstream.send(asking("bomb"))
    before = turns if streamed else 0
    assert len(await whole(answer)) == 32 * 2**20
    counting.cancel()
    assert turns - before > 30


async def test_others_have_their_turn_between_tiny_chunks(upstream, served):
    async def drip(writer, asked):
        await writer.head(200, content_type="application/json", transfer_encoding="chunked")
        await writer.send(b"1\r\n \r\n" * 500_000 + b"0\r\n\r\n")

    async def count():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    served.behaviours["drip"] = drip
    turns, counting = 0, asyncio.create_task(count())
    assert len(await whole(await upstream.send(asking("drip")))) == 500_000
    counting.cancel()
    assert turns > 30


async def test_an_error_comes_with_its_headers(upstream):
    answer = await upstream.send(asking("limited"))
    assert answer.status == 429
    assert await whole(answer) == fake.LIMITED
    assert answer.headers["retry-after"] == "2"
    assert answer.headers["x-ratelimit-remaining-requests"] == "0"


async def test_a_redirect_is_not_followed(upstream, served):
    answer = await upstream.send(asking("redirect"))
    await whole(answer)
    assert answer.status == 302
    assert len(served.asked) == 1


async def test_a_cookie_is_neither_passed_on_nor_sent_again(upstream, served):
    answer = await upstream.send(asking("cookies"))
    await whole(answer)
    await whole(await upstream.send(asking("chat")))
    assert {"set-cookie", "x-hop", "connection"}.isdisjoint(answer.headers)
    assert "cookie" not in served.asked[1].headers


async def test_events_arrive_one_by_one(upstream, served):
    arrived = asyncio.Semaphore(1)

    async def event_by_event(writer, asked):
        await writer.head(200, content_type="text/event-stream", transfer_encoding="chunked")
        for event in fake.EVENTS:
            await asyncio.wait_for(arrived.acquire(), 30)
            await writer.chunk(event)
        await writer.chunk(b"")

    served.behaviours["event_by_event"] = event_by_event
    answer = await upstream.send(asking("event_by_event"))
    pieces = []
    async for piece in answer.pieces:
        pieces.append(piece)
        arrived.release()
    answer.close()
    assert tuple(pieces) == fake.EVENTS


async def test_ten_requests_are_under_way_at_once(upstream, served):
    all_here = asyncio.Barrier(10)

    async def together(writer, asked):
        await asyncio.wait_for(all_here.wait(), 30)
        await fake.chat(writer, asked)

    served.behaviours["together"] = together
    answers = await asyncio.gather(*(upstream.send(asking("together")) for _ in range(10)))
    bodies = await asyncio.gather(*(whole(answer) for answer in answers))
    assert [answer.status for answer in answers] == [200] * len(bodies) == [200] * 10


async def test_connections_are_used_again(served):
    upstream = Upstream(served.endpoint, ApiKey("k"), connections=1)
    for _ in range(3):
        await whole(await upstream.send(asking("chat")))
    await upstream.close()
    assert served.connections == 1


@pytest.mark.parametrize("behaviour", ["cut_body", "cut_stream"])
async def test_a_body_that_is_cut_off_is_an_error(upstream, behaviour):
    with pytest.raises(UpstreamUnavailable, match=r"127\.0\.0\.1"):
        await whole(await upstream.send(asking(behaviour)))


async def test_a_body_that_ends_with_its_connection_is_not_framed(upstream):
    answer = await upstream.send(asking("open_stream"))
    assert await whole(answer) == fake.STREAM
    assert not answer.framed


async def test_an_upstream_that_refuses_the_connection_is_named(served):
    port = free_port()
    upstream = Upstream(f"http://127.0.0.1:{port}", ApiKey("k"))
    with pytest.raises(UpstreamUnavailable, match=f"127.0.0.1:{port}.*refused") as raised:
        await upstream.send(asking("chat"))
    assert "object at" not in raised.value.message
    await upstream.close()


async def test_an_unknown_host_is_named():
    upstream = Upstream("http://no-such-host.invalid", ApiKey("k"))
    with pytest.raises(
        UpstreamUnavailable, match=r"no-such-host\.invalid could not be reached: \S"
    ):
        await upstream.send(asking("chat"))
    await upstream.close()


async def test_a_silent_upstream_is_a_timeout_before_the_head(served):
    upstream = Upstream(served.endpoint, ApiKey("k"), timeout=0.1)
    with pytest.raises(UpstreamTimeout, match=r"sent nothing for 0\.1 s"):
        await upstream.send(asking("silent"))
    await upstream.close()


async def test_a_silent_upstream_is_a_timeout_within_the_body(served):
    async def stall(writer, asked):
        await writer.head(200, content_type="text/event-stream", transfer_encoding="chunked")
        await writer.chunk(fake.EVENTS[0])
        await fake.silent(writer, asked)

    served.behaviours["stall"] = stall
    upstream = Upstream(served.endpoint, ApiKey("k"), timeout=0.1)
    answer = await upstream.send(asking("stall"))
    with pytest.raises(UpstreamTimeout):
        await whole(answer)
    await upstream.close()


async def test_an_upstream_that_drips_for_ever_is_ended_in_the_head_and_in_the_body(served):
    async def dripping_head(writer, asked):
        await writer.send(b"HTTP/1.1 200 OK\r\nx-a: ")
        while True:
            await writer.send(b"a")
            await asyncio.sleep(0.01)

    async def dripping_body(writer, asked):
        await writer.head(200, content_type="application/json", content_length="1000000")
        while True:
            await writer.send(b" ")
            await asyncio.sleep(0.01)

    served.behaviours |= {"head": dripping_head, "body": dripping_body, "endless": fake.endless}
    upstream = Upstream(served.endpoint, ApiKey("k"), timeout=60, total=0.3, connections=1)
    for path in ("head", "body"):
        with pytest.raises(UpstreamTimeout, match=r"took more than 0\.3 s"):
            await upstream.send(asking(path))
    answer = await upstream.send(asking("endless"))
    with pytest.raises(UpstreamTimeout, match=r"took more than 0\.3 s"):
        await whole(answer)
    answer.close()
    assert (await upstream.send(asking("chat"))).status == 200, "the only turn is free again"
    await upstream.close()


async def test_a_sign_in_that_hangs_holds_one_thread_and_no_request(served):
    go_on, signing_in = threading.Event(), 0

    class Hanging:
        def headers(self):
            nonlocal signing_in
            signing_in += 1
            assert go_on.wait(60)
            return {"authorization": "Bearer late"}

    upstream = Upstream(served.endpoint, Hanging(), sign_in=0.1)
    asked = [upstream.send(asking("chat")) for _ in range(20)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert {str(one) for one in answers} == {
        f"There is no token for {urlsplit(served.endpoint).netloc} after 0.1 s."
    }
    assert signing_in == 1
    go_on.set()
    assert (await upstream.send(asking("chat"))).status == 200
    await upstream.close()


async def test_closing_hangs_up_on_an_upstream_that_is_still_sending(upstream, served):
    served.behaviours["endless"] = fake.endless
    answer = await upstream.send(asking("endless"))
    await anext(answer.pieces)
    answer.close()
    answer.close()
    await asyncio.wait_for(served.hung_up.wait(), 5)


async def test_closing_wakes_a_thread_that_waits_for_bytes(upstream, served):
    async def stall(writer, asked):
        await writer.head(200, content_type="text/event-stream", transfer_encoding="chunked")
        await fake.silent(writer, asked)

    served.behaviours["stall"] = stall
    answer = await upstream.send(asking("stall"))
    reading = asyncio.ensure_future(anext(answer.pieces, b""))
    await asyncio.sleep(0.05)
    answer.close()
    with pytest.raises(UpstreamUnavailable):
        await asyncio.wait_for(reading, 2)


async def test_a_caller_that_leaves_before_the_head_leaves_no_connection_behind(upstream, served):
    async def late(writer, asked):
        await asyncio.sleep(0.1)
        await fake.endless(writer, asked)

    served.behaviours["late"] = late
    sending = asyncio.ensure_future(upstream.send(asking("late")))
    await asyncio.sleep(0.05)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    await asyncio.wait_for(served.hung_up.wait(), 5)


async def test_a_netrc_file_does_not_replace_the_credentials(served, tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login a password b")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    upstream = Upstream(served.endpoint, ApiKey("k"))
    await whole(await upstream.send(asking("chat")))
    await upstream.close()
    assert "authorization" not in served.asked[0].headers


async def test_a_proxy_of_the_environment_is_used(served, monkeypatch):
    monkeypatch.setenv("http_proxy", served.endpoint)
    upstream = Upstream("http://mysvc.openai.azure.com", ApiKey("k"))
    await whole(await upstream.send(asking("chat")))
    await upstream.close()
    assert served.asked[0].target.startswith("http://mysvc.openai.azure.com/openai/")


async def test_the_key_is_in_no_text_about_the_upstream():
    assert "secret" not in repr(ApiKey("secret"))


async def stall(writer, asked):
    await writer.head(200, content_type="text/event-stream", transfer_encoding="chunked")
    await fake.silent(writer, asked)


async def test_streams_that_are_silent_do_not_hold_up_others(served):
    served.behaviours["stall"] = stall
    upstream = Upstream(served.endpoint, ApiKey("k"), timeout=60)
    streams = await asyncio.gather(*(upstream.send(asking("stall")) for _ in range(200)))
    assert await asyncio.wait_for(whole(await upstream.send(asking("chat"))), 5) == fake.CHAT
    for stream in streams:
        stream.close()
    await upstream.close()


async def test_a_turn_is_waited_for_a_while_and_then_a_503(served):
    served.behaviours["stall"] = stall
    upstream = Upstream(served.endpoint, ApiKey("k"), connections=1, longest_wait=0.05)
    stream = await upstream.send(asking("stall"))
    with pytest.raises(Unavailable) as refused:
        await upstream.send(asking("chat"))
    assert refused.value.headers["retry-after"] == "1"
    stream.close()
    await whole(await upstream.send(asking("chat")))
    await upstream.close()


async def test_a_caller_that_leaves_frees_its_turn(served):
    upstream = Upstream(served.endpoint, ApiKey("k"), connections=1, longest_wait=1)
    sending = asyncio.ensure_future(upstream.send(asking("silent")))
    await asyncio.sleep(0.05)
    sending.cancel()
    assert await whole(await upstream.send(asking("chat"))) == fake.CHAT
    await upstream.close()


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_a_kept_connection_that_the_upstream_has_closed_is_replaced_once(served, method):
    upstream, dropped = Upstream(served.endpoint, ApiKey("k")), []

    async def drop(writer, asked):
        if not dropped:
            dropped.append(asked)
            raise ConnectionError
        await fake.chat(writer, asked)

    served.behaviours["drop"] = drop
    await whole(await upstream.send(asking("chat")))
    answer = await upstream.send(Request(method, f"{PATH}drop", "", JSON, b"{}"))
    assert await whole(answer) == fake.CHAT
    assert len(dropped) == 1
    await upstream.close()


async def test_a_new_connection_that_is_closed_is_not_tried_again(upstream, served):
    async def drop(writer, asked):
        raise ConnectionError

    served.behaviours["drop"] = drop
    with pytest.raises(UpstreamUnavailable):
        await upstream.send(asking("drop"))
    assert len(served.asked) == 1


async def test_the_key_is_masked_in_whatever_comes_back(upstream, served):
    async def repeat(writer, asked):
        key = asked.headers["api-key"].encode()
        await writer.whole(b'{"wrong": "' + key + b'"}', 401, x_asked=key.decode())

    async def drip(writer, asked):
        await writer.head(200, content_type="text/event-stream", transfer_encoding="chunked")
        for piece in (b"data: upstre", b"ams-", b"key upstreams\n\n", b"upst"):
            await writer.chunk(piece)
            await asyncio.sleep(0.01)
        await writer.chunk(b"")

    served.behaviours |= {"repeat": repeat, "drip": drip}
    answer = await upstream.send(asking("repeat"))
    assert await whole(answer) == b'{"wrong": "***"}'
    assert answer.headers["x-asked"] == "***"
    assert await whole(await upstream.send(asking("drip"))) == b"data: *** upstreams\n\nupst"


async def test_a_status_that_http_does_not_have_is_no_answer(upstream, served):
    async def odd(writer, asked):
        await writer.whole(b"{}", 999)

    served.behaviours["odd"] = odd
    with pytest.raises(UpstreamUnavailable, match="999, no status of HTTP"):
        await upstream.send(asking("odd"))
