import asyncio
import contextlib
import threading

import pytest
from msgspec import structs

from simulator.concurrency import OFF_LOOP_BYTES
from simulator.errors import (
    RecordingBroken,
    RecordingNotFound,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from simulator.messages import LateFacts, Usage
from simulator.modes import record, stream_tee
from simulator.operations.base import BareOperation
from simulator.recordings import library
from simulator.recordings.fingerprint import Matching
from simulator.recordings.names import recording_name
from simulator.recordings.usage import usage_of
from simulator.storage.memory import MemoryContainer
from simulator.upstream import client
from simulator.upstream.client import Upstream
from simulator.upstream.credentials import ApiKey
from simulator.upstream.forwarding_policy import ForwardingPolicy, NotForwarded
from simulator.upstream.router import Router
from tests.modes.calls import CALLERS_KEY, NO_RESOURCES, asking, body_of
from tests.modes.worlds import UPSTREAMS_KEY, World
from tests.storage.containers import Broken
from tests.support import fake_upstream as fake
from tests.support.azurite import free_port
from tests.support.clock import Clock


async def test_a_plain_answer_says_that_it_is_stored_and_what_it_used(quick):
    answer = await quick.record().answer(asking("chat"))
    assert answer.headers["x-recording"] == "stored"
    assert answer.usage == Usage(prompt=9, completion=2)
    assert not answer.streamed


@pytest.mark.parametrize("streamed", [False, True])
async def test_the_usage_in_a_large_answer_is_looked_for_on_a_thread(quick, monkeypatch, streamed):
    usage = b'"usage": {"prompt_tokens": 9, "completion_tokens": 2}}'
    threads = []

    async def large(writer, asked):
        if streamed:
            await writer.head(200, content_type="text/event-stream", transfer_encoding="chunked")
            await writer.chunk(b"data: {" + usage + b"\n\n" + b": more\n" * OFF_LOOP_BYTES)
            await writer.chunk(b"\n")
            await writer.chunk(b"data: [DONE]\n\n")
            await writer.chunk(b"")
        else:
            text = b"x" * OFF_LOOP_BYTES
            await writer.whole(
                b'{"text": "' + text + b'", ' + usage, content_type="application/json"
            )

    def noted(pieces, *, streamed):
        threads.append(threading.get_ident())
        return usage_of(pieces, streamed=streamed)

    quick.served.behaviours["large"] = large
    monkeypatch.setattr(record, "usage_of", noted)
    answer = await quick.record().answer(asking("large"))
    await body_of(answer)
    found = answer.ending.usage if streamed else answer.usage
    assert found == Usage(prompt=9, completion=2)
    assert len(threads) == 1
    assert threads[0] != threading.get_ident()


async def test_a_second_request_is_answered_from_the_recording(quick):
    record = quick.record()
    await record.answer(asking("chat"))
    answer = await record.answer(asking("chat"))
    assert answer.headers["x-recording"] == "hit"
    assert len(quick.served.asked) == 1


async def test_another_instance_asks_the_store_once_its_miss_is_old(quick):
    record, other = quick.record(), quick.record()
    await body_of(await other.answer(asking("limited")))
    await record.answer(asking("chat"))
    assert (await other.answer(asking("chat"))).headers["x-recording"] == "hit"


@pytest.mark.parametrize(("behaviour", "status"), [("limited", 429), ("broken", 500)])
async def test_an_upstream_error_is_unchanged(quick, behaviour, status):
    answer = await quick.record().answer(asking(behaviour))
    assert answer.status == status
    assert "x-recording" not in answer.headers
    if behaviour == "limited":
        assert await body_of(answer) == fake.LIMITED
        assert answer.headers["retry-after"] == "2"
        assert answer.headers["x-ratelimit-remaining-requests"] == "0"


async def test_refused_requests_at_once_do_not_wait_for_one_another(quick):
    barrier = asyncio.Barrier(19)

    async def together(writer, asked):
        if len(quick.served.asked) > 1:
            await asyncio.wait_for(barrier.wait(), 20)
        await fake.limited(writer, asked)

    quick.served.behaviours["together"] = together
    record = quick.record()
    answers = await asyncio.gather(*(record.answer(asking("together")) for _ in range(20)))
    assert {answer.status for answer in answers} == {429}


async def test_the_callers_key_stays_here_and_the_upstreams_stays_there(quick):
    answer = await quick.record().answer(asking("chat", authorization=f"Bearer {CALLERS_KEY}"))
    assert CALLERS_KEY not in str(quick.served.asked)
    assert quick.served.asked[0].headers["api-key"] == UPSTREAMS_KEY
    assert UPSTREAMS_KEY not in str(answer)


async def test_an_address_of_the_upstream_leads_back_to_the_simulator(quick):
    answer = await quick.record().answer(asking("created", **{"x-forwarded-proto": "https"}))
    assert answer.headers["operation-location"] == "https://sim:8000/results/1?a=b"
    replayed = await quick.replay().answer(asking("created", host="other"))
    assert replayed.headers["operation-location"] == "http://other/results/1?a=b"


async def test_events_pass_when_they_come_and_are_kept_with_their_moments(quick):
    sent = asyncio.Semaphore(1)

    async def event_by_event(writer, asked):
        await writer.head(200, content_type="text/event-stream", transfer_encoding="chunked")
        for event in fake.EVENTS:
            await sent.acquire()
            await writer.chunk(event)
        await writer.chunk(b"")

    quick.served.behaviours["event_by_event"] = event_by_event
    clock = Clock()
    answer = await quick.record(clock=clock).answer(asking("event_by_event"))
    passed = []
    # The upstream sends an event when the one before it has passed, a quarter of a second later.
    async for chunk in answer.chunks:
        passed.append(chunk)
        clock.now += 0.25
        sent.release()
    assert [chunk.data for chunk in passed] == list(fake.EVENTS)
    assert [chunk.due for chunk in passed] == [0.0, 0.25, 0.5, 0.75]
    replayed = await quick.replay().answer(asking("event_by_event"))
    assert [chunk.due for chunk in replayed.chunks] == pytest.approx([0.0, 0.25, 0.5, 0.75])


async def test_the_last_event_waits_until_the_exchange_is_stored(quick):
    gate = quick.served.behaviours["gated"] = Gate()
    answer = await quick.record().answer(asking("gated"))
    passed = [(await anext(answer.chunks)).data]
    before = len(await quick.recordings())
    gate.opened.set()
    async for chunk in answer.chunks:
        passed.append(chunk.data)
        if chunk.data == fake.EVENTS[-1]:
            assert (before, len(await quick.recordings())) == (0, 1)
    assert tuple(passed) == fake.EVENTS


@pytest.mark.parametrize("more", [b"data: after the end\n\n", b"data: cut off"])
async def test_what_comes_after_the_last_event_is_passed_on_and_kept(quick, more):
    async def talkative(writer, asked):
        await writer.head(200, content_type="text/event-stream", transfer_encoding="chunked")
        await writer.chunk(fake.STREAM + more)
        await writer.chunk(b"")

    quick.served.behaviours["talkative"] = talkative
    assert await body_of(await quick.record().answer(asking("talkative"))) == fake.STREAM + more
    replayed = await quick.replay().answer(asking("talkative"))
    assert await body_of(replayed) == fake.STREAM + more


@pytest.mark.parametrize(
    ("behaviour", "fault"),
    [
        ("stream", None),
        ("odd_stream", None),
        ("cut_stream", "broken"),
        ("cut_open_stream", "broken"),
        ("faulty_stream", "error"),
    ],
)
async def test_what_was_wrong_with_a_stream_is_known_at_its_end(quick, behaviour, fault) -> None:
    answer = await quick.record().answer(asking(behaviour))
    with contextlib.suppress(UpstreamUnavailable):
        await body_of(answer)
    assert answer.ending.fault == fault


@pytest.mark.parametrize("behaviour", ["cut_stream", "faulty_stream", "cut_open_stream"])
async def test_a_stream_that_is_not_whole_is_not_recorded(quick, behaviour):
    answer = await quick.record().answer(asking(behaviour))
    try:
        received = await body_of(answer)
    except UpstreamUnavailable:
        received = fake.EVENTS[0]
    assert received.startswith(fake.EVENTS[0])
    assert await quick.names() == []


async def test_a_body_that_is_cut_off_is_an_error_and_not_recorded(quick):
    with pytest.raises(UpstreamUnavailable):
        await quick.record().answer(asking("cut_body"))
    assert await quick.names() == []


async def test_a_stream_of_too_many_events_ends_and_is_not_recorded(quick, monkeypatch):
    monkeypatch.setattr(stream_tee, "MOST_EVENTS", 100)

    async def crowded(writer, asked):
        await writer.head(200, content_type="text/event-stream", transfer_encoding="chunked")
        await writer.chunk(b":\n\n" * 101)

    quick.served.behaviours["crowded"] = crowded
    answer = await quick.record().answer(asking("crowded"))
    with pytest.raises(UpstreamUnavailable, match="more than 100 events"):
        await body_of(answer)
    assert await quick.names() == []


async def test_others_are_not_held_up_by_many_events_at_once(quick):
    async def many(writer, asked):
        await writer.head(200, content_type="text/event-stream", transfer_encoding="chunked")
        await writer.chunk(b"data: 1\n\n" * 5_000)
        await writer.chunk(b"")

    quick.served.behaviours["many"] = many
    turns = 0

    async def neighbour():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    answer = await quick.record().answer(asking("many"))
    beside = asyncio.create_task(neighbour())
    assert await body_of(answer) == b"data: 1\n\n" * 5_000
    beside.cancel()
    assert turns > 5_000 // 64


async def test_a_client_that_leaves_closes_the_upstream_and_records_nothing(quick):
    quick.served.behaviours["endless"] = fake.endless
    answer = await quick.record().answer(asking("endless"))
    await anext(answer.chunks)
    await answer.chunks.aclose()
    await asyncio.wait_for(quick.served.hung_up.wait(), 5)
    assert await quick.names() == []


async def test_a_client_that_leaves_before_the_first_event_closes_the_upstream(quick):
    quick.served.behaviours["endless"] = fake.endless
    answer = await quick.record().answer(asking("endless"))
    await answer.chunks.aclose()
    await asyncio.wait_for(quick.served.hung_up.wait(), 5)


async def test_an_exchange_that_nobody_asks_for_any_more_ends_with_its_request(quick):
    came = asyncio.Event()

    async def endless(writer, asked):
        came.set()
        while True:
            await writer.send(b"")
            await asyncio.sleep(0.01)

    quick.served.behaviours["endless"] = endless
    record = quick.record()
    first = asyncio.create_task(record.answer(asking("endless")))
    await came.wait()
    second = asyncio.create_task(record.answer(asking("endless")))
    await asyncio.sleep(0.01)
    came.clear()
    first.cancel()
    await asyncio.wait_for(came.wait(), 5)
    second.cancel()
    await asyncio.wait({first, second})
    assert first.cancelled()
    assert second.cancelled()


async def test_an_answer_that_has_arrived_is_stored_although_its_client_has_left(served):
    async def slow_put(name, data):
        arrived.set()
        await going_on.wait()
        put = await MemoryContainer.put_new(container, name, data)
        stored.set()
        return put

    arrived, going_on, stored = asyncio.Event(), asyncio.Event(), asyncio.Event()
    container = MemoryContainer()
    container.put_new = slow_put
    world = World(container, served)
    asked = asyncio.create_task(world.record().answer(asking("chat")))
    await arrived.wait()
    asked.cancel()
    await asyncio.wait({asked})
    going_on.set()
    await asyncio.wait_for(stored.wait(), 5)
    await world.close()


class Gate:
    """A stream of the upstream that goes on when a test says so."""

    def __init__(self):
        self.opened = asyncio.Event()

    async def __call__(self, writer, asked):
        await writer.head(200, content_type="text/event-stream", transfer_encoding="chunked")
        await writer.chunk(fake.EVENTS[0])
        await self.opened.wait()
        for event in fake.EVENTS[1:]:
            await writer.chunk(event)
        await writer.chunk(b"")


async def test_who_waited_for_a_client_that_left_asks_the_upstream(quick):
    gate = quick.served.behaviours["gated"] = Gate()
    record = quick.record()
    first = await record.answer(asking("gated"))
    waiting = asyncio.ensure_future(record.answer(asking("gated")))
    await anext(first.chunks)
    await asyncio.sleep(0.01)
    await first.chunks.aclose()
    gate.opened.set()
    assert await body_of(await waiting) == fake.STREAM
    assert len(quick.served.asked) == 2


async def test_a_request_waits_for_an_equal_one_no_longer_than_the_bound(quick):
    gate = quick.served.behaviours["gated"] = Gate()
    record = quick.record(equal_request_wait=0.0)
    first = await record.answer(asking("gated"))
    second = await record.answer(asking("gated"))
    gate.opened.set()
    assert await body_of(first) == await body_of(second) == fake.STREAM
    assert len(quick.served.asked) == 2


async def test_a_client_that_reads_nothing_does_not_hold_up_equal_requests(quick):
    record = quick.record()
    idle = await record.answer(asking("stream"))
    equal = await asyncio.wait_for(record.answer(asking("stream")), 10)
    assert equal.headers["x-recording"] == "hit"
    assert await body_of(idle) == fake.STREAM


@pytest.mark.parametrize("status", [202, 204, 206])
async def test_another_success_than_200_and_201_is_not_recorded(quick, status):
    async def other(writer, asked):
        await writer.head(status, content_length="0")

    quick.served.behaviours["other"] = other
    answer = await quick.record().answer(asking("other"))
    assert (answer.status, "x-recording" in answer.headers) == (status, False)
    assert await quick.names() == []


@pytest.mark.parametrize("body", [b"", b": a comment\n\n"])
async def test_a_stream_without_an_event_is_not_recorded(quick, body):
    async def empty(writer, asked):
        await writer.head(200, content_type="text/event-stream", transfer_encoding="chunked")
        if body:
            await writer.chunk(body)
        await writer.chunk(b"")

    quick.served.behaviours["empty"] = empty
    assert await body_of(await quick.record().answer(asking("empty"))) == body
    assert await quick.names() == []


async def test_two_thousand_different_requests_make_two_thousand_recordings(quick):
    record = quick.record()
    calls = (asking("chat", {"number": number}) for number in range(2_000))
    await asyncio.gather(*(record.answer(call) for call in calls))
    assert len(await quick.recordings()) == 2_000


async def test_fields_that_do_not_count_make_no_second_recording(quick):
    record = quick.record(Matching(ignored=frozenset({"user", "seed"})))
    await record.answer(asking("chat", {"messages": [], "user": "a", "seed": 1}))
    answer = await record.answer(asking("chat", {"seed": 2, "messages": []}))
    assert answer.headers["x-recording"] == "hit"


@pytest.fixture
async def away(served):
    """A world whose store is away."""
    made = World(Broken(), served)
    yield made
    await made.close()


async def test_without_its_store_the_answer_comes_and_is_marked_and_counted(away):
    answer = await away.record().answer(asking("chat"))
    assert await body_of(answer) == fake.CHAT
    assert answer.headers["x-recording"] == "failed"
    assert away.failures == 1


async def test_without_its_store_a_stream_comes_whole_and_is_marked_and_counted(away):
    answer = await away.record().answer(asking("stream"))
    assert answer.headers["x-recording"] == "failed"
    assert await body_of(answer) == fake.STREAM
    assert away.failures == 1


async def test_when_the_store_is_back_recording_goes_on(away):
    record = away.record()
    await record.answer(asking("chat"))
    away.container.away = False
    answer = await record.answer(asking("chat"))
    assert answer.headers["x-recording"] == "stored"
    assert len(await away.recordings()) == 1


async def test_without_its_store_the_spool_says_so_too_and_recovers(served):
    away = World(Broken(), served, spooled=True)
    record = away.record()
    answers = await asyncio.gather(*(record.answer(asking("chat", {"n": n})) for n in range(5)))
    assert {answer.headers["x-recording"] for answer in answers} == {"failed"}
    away.container.away = False
    assert (await record.answer(asking("chat"))).headers["x-recording"] == "stored"
    await away.close()


async def test_a_broken_recording_is_an_error_that_names_it_and_is_not_overwritten(quick):
    call = asking("chat")
    library = quick.library()
    name = recording_name(call.request, (await library.place(call.request)).key)
    await quick.container.put(name, b"{")
    with pytest.raises(RecordingBroken, match=name):
        await quick.record().answer(call)
    assert (await quick.container.get(name)).data == b"{"
    assert quick.served.asked == []


async def test_an_upstream_that_is_away_is_named(quick):
    port = free_port()
    with pytest.raises(UpstreamUnavailable, match=str(port)):
        await quick.record(endpoint=f"http://127.0.0.1:{port}").answer(asking("chat"))


async def test_a_silent_upstream_is_a_timeout(quick):
    record = quick.record()
    upstream = Upstream(quick.served.endpoint, ApiKey("k"), timeout=0.1)
    record._forwarding = Router(upstream)
    with pytest.raises(UpstreamTimeout):
        await record.answer(asking("silent"))
    await upstream.close()


async def test_after_an_upstream_error_the_next_request_is_forwarded_again(quick):
    record = quick.record()
    await record.answer(asking("broken"))
    await record.answer(asking("broken"))
    assert len(quick.served.asked) == 2


@pytest.mark.parametrize("path", ["/formrecognizer/models/a:analyze", "/openai/v1/new/thing", "/"])
async def test_a_route_that_no_operation_has_is_recorded_too(quick, path):
    policy = ForwardingPolicy(("/",), frozenset({"PUT"}))
    await quick.record(policy=policy).answer(asking(path, method="PUT"))
    replayed = await quick.replay().answer(asking(path, method="PUT"))
    assert replayed.status == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/"), ("POST", "/formrecognizer/x"), ("POST", "/openaiX/y"), ("PUT", "/openai/x"),
     ("DELETE", "/openai/v1/x"), ("HEAD", "/openai/x")],
)  # fmt: skip
async def test_an_unknown_route_outside_the_policy_is_not_forwarded(quick, method, path):
    with pytest.raises(NotForwarded) as refused:
        await quick.record().answer(asking(path, method=method))
    assert (refused.value.status, quick.served.asked) == (404, [])


async def test_a_known_route_is_forwarded_whatever_its_method(quick):
    call = asking("/openai/v1/responses/resp_1", method="DELETE")
    known = structs.replace(call, operation=Known(NO_RESOURCES))
    await quick.record().answer(known)
    assert quick.served.asked[0].method == "DELETE"


class Known(BareOperation):
    """An operation of the route."""

    async def generate(self, call, tempo):
        raise NotImplementedError


@pytest.mark.parametrize(
    "name", ["x-ms-spillover-deployment", "x-policy-id", "openai-beta", "x-tenant"]
)
async def test_a_header_that_may_change_an_answer_makes_it_another_request(quick, name):
    matching = Matching(headers=frozenset({"x-tenant"}))
    policy = ForwardingPolicy(headers=frozenset({"x-tenant"}))
    record = quick.record(matching, policy=policy)
    await record.answer(asking("chat", **{name: "planted"}))
    answer = await record.answer(asking("chat"))
    assert answer.headers["x-recording"] == "stored"
    assert [asked.headers.get(name) for asked in quick.served.asked] == ["planted", None]
    with pytest.raises(RecordingNotFound):
        await quick.replay(matching).answer(asking("chat", **{name: "another"}))
    again = await quick.replay(matching).answer(asking("chat", **{name: "planted"}))
    assert again.headers["x-recording"] == "hit"


async def test_a_recording_made_with_a_header_does_not_answer_a_request_without(quick):
    matching = Matching(headers=frozenset({"x-tenant"}))
    record = quick.record(matching, policy=ForwardingPolicy(headers=frozenset({"x-tenant"})))
    await record.answer(asking("chat", **{"x-tenant": "secret-of-a-tenant"}))
    with pytest.raises(RecordingNotFound):
        await quick.replay(matching).answer(asking("chat"))
    assert b"secret-of-a-tenant" not in await quick.stored_bytes()


async def test_headers_that_nobody_knows_stay_here(quick):
    unknown = {"x-injected": "1", "x-forwarded-host": "evil", "traceparent": "00-1", "range": "0-1"}
    await quick.record().answer(asking("chat", **unknown))
    assert unknown.keys().isdisjoint(quick.served.asked[0].headers)


async def test_a_multipart_upload_is_found_again_whatever_its_boundary(quick):
    def upload(boundary):
        body = f'--{boundary}\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--{boundary}--\r\n'
        kind = {"content-type": f"multipart/form-data; boundary={boundary}"}
        return asking("audio", body.encode(), **kind)

    await quick.record().answer(upload("one-boundary"))
    assert (await quick.replay().answer(upload("other"))).status == 200


async def test_a_stream_says_at_its_end_that_it_is_stored_and_what_it_used(quick):
    answer = await quick.record().answer(asking("stream"))
    before = (answer.ending.usage, answer.ending.recording)
    await body_of(answer)
    assert (before, answer.ending) == ((None, None), LateFacts(Usage(9, 2), "stored"))


async def test_a_stream_that_is_not_stored_says_so_at_its_end(away):
    answer = await away.record().answer(asking("stream"))
    await body_of(answer)
    assert answer.ending.recording == "failed"


@pytest.mark.parametrize(("body", "recorded"), [(b'{"half": ', 0), (b'{"whole": 1}', 1)])
async def test_json_that_ends_with_its_connection_is_recorded_if_it_is_whole(quick, body, recorded):
    async def until_closed(writer, asked):
        await writer.head(200, content_type="application/json")
        await writer.send(body)
        raise ConnectionError

    quick.served.behaviours["until_closed"] = until_closed
    assert await body_of(await quick.record().answer(asking("until_closed"))) == body
    assert len(await quick.recordings()) == recorded


SECRET = {"tools": [{"type": "mcp", "authorization": "secret-of-the-caller"}], "seed": 1}


async def test_a_secret_in_a_body_goes_to_the_upstream_and_not_to_the_store(quick):
    record = quick.record()
    assert (await record.answer(asking("echo", SECRET))).headers["x-recording"] == "stored"
    assert b"secret-of-the-caller" in quick.served.asked[0].body
    assert b"secret-of-the-caller" not in await quick.stored_bytes()
    assert (await record.answer(asking("echo", SECRET))).headers["x-recording"] == "hit"
    matching = Matching(ignored=frozenset({"seed"}))
    near = await quick.replay(matching).answer(asking("echo", SECRET | {"seed": 2}))
    assert near.headers["x-recording"] == "hit"


async def test_an_answer_that_is_too_large_to_be_recorded_is_passed_on(quick, monkeypatch):
    monkeypatch.setattr(library, "MOST_RECORDED", 1_000)
    quick.served.behaviours["zeros"] = lambda writer, _: writer.whole(b"\0" * 300)
    answer = await quick.record().answer(asking("zeros"))
    assert (await body_of(answer), answer.headers["x-recording"]) == (b"\0" * 300, "failed")
    assert (await quick.names(), quick.failures) == ([], 1)


async def test_an_answer_of_the_upstream_has_a_bound(quick, monkeypatch):
    monkeypatch.setattr(client, "MOST_BYTES", 100)
    with pytest.raises(UpstreamUnavailable, match="more than 100 bytes"):
        await quick.record().answer(asking("binary"))
