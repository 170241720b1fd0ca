import asyncio
import json
import weakref
from uuid import UUID

import pytest
from msgspec.structs import replace

from simulator.errors import RecordingBroken, RecordingNotFound, Unavailable
from simulator.latency import Slowdown
from simulator.messages import Answer, Chunk
from simulator.modes.playback import Playback
from simulator.recordings.document import document_of, line
from simulator.recordings.exchange import Exchange, Piece
from simulator.recordings.fingerprint import Matching, legacy_fingerprint
from simulator.recordings.names import legacy_name
from simulator.recordings.spool import Spool
from simulator.storage.container import StorageError
from tests.modes.calls import asking, body_of
from tests.modes.worlds import World
from tests.storage.containers import Broken
from tests.support import fake_upstream as fake

EXCHANGE = Exchange(
    request=asking("chat").request,
    status=200,
    headers={"content-type": "text/event-stream"},
    pieces=(Piece(b"data: 1\n\n", 400), Piece(b"data: [DONE]\n\n", 1000)),
    duration_ms=1000,
    streamed=True,
)


@pytest.mark.parametrize(
    ("speed", "moments"), [(1, [0.4, 1.0]), (2, [0.2, 0.5]), (0.5, [0.8, 2.0]), (0, [0, 0])]
)
def test_pieces_are_due_at_their_recorded_moments_by_the_speed(speed, moments):
    answer = Playback(speed).answer(EXCHANGE, EXCHANGE.request)
    assert isinstance(answer.chunks, tuple)
    assert [chunk.due for chunk in answer.chunks] == pytest.approx(moments)
    assert answer.streamed


def test_events_of_one_moment_are_one_chunk_where_nothing_looks_at_them_apart():
    played = Playback(0)
    together = played.answer(EXCHANGE, EXCHANGE.request, together=True)
    assert together.chunks == (Chunk(EXCHANGE.body),)
    for answer in (
        played.answer(EXCHANGE, EXCHANGE.request),
        played.answer(EXCHANGE, EXCHANGE.request, Slowdown(), together=True),
        Playback().answer(EXCHANGE, EXCHANGE.request, together=True),
    ):
        assert isinstance(answer.chunks, tuple)
        assert [chunk.data for chunk in answer.chunks] == [data for data, _ in EXCHANGE.pieces]


def test_addresses_in_a_played_answer_are_those_of_each_request():
    recorded, played = replace(EXCHANGE, headers={"location": "/openai/files/1"}), Playback()
    for host in ("a.example", "b.example"):
        asked = replace(EXCHANGE.request, headers={"host": host})
        location = played.answer(recorded, asked).headers["location"]
        assert location.endswith(f"//{host}/openai/files/1")


def test_what_was_made_of_an_exchange_is_held_as_long_as_the_exchange():
    played, exchange = Playback(), replace(EXCHANGE)
    first = played.answer(exchange, exchange.request)
    assert played.answer(exchange, exchange.request) is first
    held = weakref.ref(exchange)
    del exchange
    assert held() is None
    assert not played._played  # or equal bytes of all that was ever played would stay


def test_a_played_answer_says_so_and_has_its_content_type():
    answer = Playback().answer(EXCHANGE, EXCHANGE.request)
    assert answer.headers["x-recording"] == "hit"
    assert answer.content_type == "text/event-stream"


def test_a_played_answer_has_its_recorded_request_id_or_one_that_stays():
    recorded = replace(EXCHANGE, headers={"x-request-id": "b4aa3fb0"})
    assert Playback().answer(recorded, EXCHANGE.request).headers["x-request-id"] == "b4aa3fb0"
    first, again = (Playback().answer(EXCHANGE, EXCHANGE.request).headers for _ in range(2))
    assert UUID(first["x-request-id"])
    assert again == first
    other = Playback().answer(replace(EXCHANGE, key="b8b65a6889"), EXCHANGE.request).headers
    assert other["x-request-id"] != first["x-request-id"]


async def test_key_order_spacing_and_api_version_do_not_matter(quick):
    await quick.record().answer(asking("chat", b'{"a": 1, "b": [1, 2]}'))
    answer = await quick.replay().answer(
        asking("chat", b'{"b":[1,2],"a":1}', query="api-version=9")
    )
    assert await body_of(answer) == fake.CHAT


async def test_the_api_version_matters_if_the_rules_say_so(quick):
    matching = Matching(api_version=True)
    await quick.record(matching).answer(asking("chat", query="api-version=1"))
    assert (
        await quick.replay(matching).answer(asking("chat", query="api-version=1"))
    ).status == 200
    with pytest.raises(
        RecordingNotFound, match="query: asked api-version=2, recorded api-version=1"
    ):
        await quick.replay(matching).answer(asking("chat", query="api-version=2"))


async def test_a_miss_says_what_was_looked_for_and_what_differs(quick):
    await quick.record().answer(asking("chat", {"seed": 1, "user": "me", "n": 2}))
    await quick.record().answer(asking("chat", {"seed": 9, "user": "you", "n": 7}))
    with pytest.raises(RecordingNotFound) as raised:
        await quick.replay().answer(asking("chat", {"seed": 1, "user": "you", "n": 2}))
    message = raised.value.message
    assert "POST /openai/deployments/gpt-4o/chat/completions" not in message
    assert "Nothing is recorded for POST /openai/deployments/gpt-4o/chat" in message
    assert 'what differs is user: asked "you", recorded "me".' in message
    assert raised.value.status == 404
    assert json.loads(raised.value.body())["error"]["code"] == "RecordingNotFound"


async def test_a_miss_on_a_route_without_recordings_says_so(quick):
    with pytest.raises(RecordingNotFound, match="There is no recording of this route at all"):
        await quick.replay().answer(asking("chat"))


async def test_a_recording_made_under_other_rules_answers_a_request_that_it_fits(quick):
    await quick.record().answer(asking("chat", {"seed": 1, "n": 2}))
    replay = quick.replay(Matching(ignored=frozenset({"seed"})))
    assert await body_of(await replay.answer(asking("chat", {"seed": 5, "n": 2}))) == fake.CHAT


class Other:
    """A mode that answers what is not recorded."""

    strict = False

    async def answer(self, call):
        return Answer.plain(b"other", headers={"for": call.request.path})


async def test_what_is_not_recorded_goes_to_the_other_mode(quick):
    answer = await quick.replay(on_miss=Other()).answer(asking("chat"))
    assert await body_of(answer) == b"other"


async def test_a_miss_that_is_forwarded_is_recorded(quick):
    replay = quick.replay(on_miss=quick.record())
    await replay.answer(asking("chat"))
    assert len(await quick.recordings()) == 1


async def edited(world, behaviour, change):
    (name,) = await world.recordings()
    stored = (await world.container.get(name)).data
    await world.container.put(name, change(stored))
    return name


async def test_an_edit_by_hand_shows_within_thirty_seconds(quick):
    await quick.record().answer(asking("chat"))
    replay = quick.replay()
    await replay.answer(asking("chat"))
    await edited(quick, "chat", lambda stored: stored.replace(b'"Hi"', b'"Ahoy"'))
    quick.clock.now += 30
    assert b'"Ahoy"' in await body_of(await replay.answer(asking("chat")))


async def test_within_its_time_a_recording_is_served_from_memory(quick):
    await quick.record().answer(asking("chat"))
    replay = quick.replay()
    await replay.answer(asking("chat"))
    await edited(quick, "chat", lambda stored: stored[:1])
    quick.clock.now += 29
    assert await body_of(await replay.answer(asking("chat"))) == fake.CHAT


async def test_a_broken_recording_is_an_error_and_others_still_replay(quick):
    await quick.record().answer(asking("chat"))
    name = await edited(quick, "chat", lambda stored: stored[:-20])
    await quick.record().answer(asking("chunked"))
    replay = quick.replay()
    with pytest.raises(RecordingBroken, match=name) as raised:
        await replay.answer(asking("chat"))
    assert raised.value.status == 500
    assert (await replay.answer(asking("chunked"))).status == 200


async def test_a_mended_recording_replays_at_once(quick):
    await quick.record().answer(asking("chat"))
    (name,) = await quick.recordings()
    good = (await quick.container.get(name)).data
    await quick.container.put(name, b"{")
    replay = quick.replay()
    with pytest.raises(RecordingBroken):
        await replay.answer(asking("chat"))
    await quick.container.put(name, good)
    assert (await replay.answer(asking("chat"))).status == 200


async def test_a_broken_recording_is_nobodys_nearest(quick):
    await quick.record().answer(asking("chat"))
    await edited(quick, "chat", lambda stored: stored[:1])
    with pytest.raises(RecordingNotFound, match="no recording of this route"):
        await quick.replay().answer(asking("chat", {"other": 1}))


async def test_an_imported_exchange_without_its_body_is_found_by_md5(quick):
    call = asking("chat", b'{"as": "it was sent"}')
    name = legacy_name(legacy_fingerprint(call.request))
    await quick.library().store.keep(name, EXCHANGE)
    assert await body_of(await quick.replay().answer(call)) == EXCHANGE.body


async def test_the_first_miss_promotes_what_is_spooled(quick):
    call = asking("chat")
    library = quick.library()
    place = await library.place(call.request)
    spool = Spool(quick.container, "gone", lambda: 1)
    await spool.add(line(place.name, document_of(EXCHANGE)))
    assert await body_of(await quick.replay().answer(call)) == EXCHANGE.body


async def test_a_miss_waits_for_a_long_promotion_for_a_bounded_time(quick, monkeypatch):
    place = await quick.library().place(asking("chat").request)
    await Spool(quick.container, "gone", lambda: 1).add(line(place.name, document_of(EXCHANGE)))
    replay, opened = quick.replay(), asyncio.Event()

    async def slow():
        await opened.wait()
        return await quick.promote()

    replay._promote = slow
    monkeypatch.setattr("simulator.modes.replay.PROMOTE_WAIT", 0.0)
    with pytest.raises(Unavailable, match="being given their names") as refused:
        await replay.answer(asking("chat"))
    assert refused.value.headers == {"retry-after": "1"}
    monkeypatch.setattr("simulator.modes.replay.PROMOTE_WAIT", 30.0)
    opened.set()
    quick.clock.now += 2
    assert await body_of(await replay.answer(asking("chat"))) == EXCHANGE.body


async def test_a_hit_does_no_promotion(quick):
    await quick.record().answer(asking("chat"))
    await Spool(quick.container, "left", lambda: 1).add(b"x\n")
    await quick.replay().answer(asking("chat"))
    assert len(await quick.names(".spool/")) == 1


async def test_a_store_that_only_lets_us_read_still_replays(quick):
    replay = quick.replay()

    async def refuse():
        raise StorageError("AuthorizationPermissionMismatch")

    replay._promote = refuse
    with pytest.raises(RecordingNotFound):
        await replay.answer(asking("chat"))


async def test_a_store_that_is_away_is_a_503_that_says_so(served):
    away = World(Broken(), served)
    with pytest.raises(Unavailable, match="the store is away") as raised:
        await away.replay().answer(asking("chat"))
    assert raised.value.status == 503
    await away.close()


async def test_an_answer_in_place_of_a_missing_recording_says_so(quick):
    class Generated:
        strict = True

        async def answer(self, call):
            return Answer.plain(b"made up")

    answer = await quick.replay(on_miss=Generated()).answer(asking("chat"))
    assert answer.headers == {"x-recording": "missed"}


async def test_a_missing_recording_that_is_made_meanwhile_says_so(quick):
    answer = await quick.replay(on_miss=quick.record()).answer(asking("chat"))
    assert answer.headers["x-recording"] == "stored"


@pytest.mark.parametrize("recorded", [False, True])
async def test_an_error_for_a_missing_recording_says_so_in_its_headers(quick, recorded):
    if recorded:
        await quick.record().answer(asking("chat", {"another": "body"}))
    with pytest.raises(RecordingNotFound) as missed:
        await quick.replay().answer(asking("chat"))
    assert missed.value.answer().headers == {"x-recording": "missed"}


async def test_a_passing_fault_at_the_first_miss_does_not_end_promotion(quick):
    replay, promote = quick.replay(), quick.promote

    async def fail():
        raise StorageError("a passing fault")

    replay._promote = fail
    with pytest.raises(RecordingNotFound):
        await replay.answer(asking("chat"))
    replay._promote = promote
    place = await quick.library().place(asking("chat").request)
    await Spool(quick.container, "gone", lambda: 1).add(line(place.name, document_of(EXCHANGE)))
    quick.clock.now += 2
    assert await body_of(await replay.answer(asking("chat"))) == EXCHANGE.body


async def test_a_neighbour_that_cannot_be_read_leaves_a_miss_a_404(quick):
    await quick.record().answer(asking("chat", {"its": "archived"}))
    archived = (await quick.recordings())[0]
    get = quick.container.get

    async def refuse(name):
        if name == archived:
            raise StorageError("HttpResponseError: BlobArchived")
        return await get(name)

    quick.container.get = refuse
    with pytest.raises(RecordingNotFound):
        await quick.replay().answer(asking("chat"))
