"""What was recorded is replayed, over folder and blobs, with autosave on and off."""

import asyncio
import json

import pytest

from simulator.errors import RecordingNotFound
from tests.modes.calls import CALLERS_KEY, asking, body_of
from tests.modes.worlds import UPSTREAMS_KEY
from tests.support import fake_upstream as fake

RECORDED = {
    "chat": fake.CHAT,
    "chunked": fake.CHAT,
    "zipped": fake.CHAT,
    "binary": fake.BINARY,
    "unknown_encoding": fake.BINARY,
    "stream": fake.STREAM,
    "odd_stream": fake.STREAM,
    "open_stream": fake.STREAM,
    "created": b"",
}
NOT_RECORDED = ("limited", "broken", "redirect")


@pytest.mark.parametrize("behaviour", RECORDED)
async def test_a_replayed_answer_has_the_bytes_that_the_recorder_got(world, behaviour):
    live = await world.record().answer(asking(behaviour))
    assert await body_of(live) == RECORDED[behaviour]
    replayed = await world.replay().answer(asking(behaviour))
    assert await body_of(replayed) == RECORDED[behaviour]
    assert (replayed.status, replayed.streamed) == (live.status, live.streamed)
    assert replayed.content_type == live.content_type


@pytest.mark.parametrize("behaviour", NOT_RECORDED)
async def test_a_refusal_is_passed_on_and_not_recorded(world, behaviour):
    await body_of(await world.record().answer(asking(behaviour)))
    assert await world.names() == []
    with pytest.raises(RecordingNotFound):
        await world.replay().answer(asking(behaviour))


async def test_a_second_instance_replays_what_the_first_has_recorded(world):
    await world.record().answer(asking("chat"))
    await world.promote()
    answer = await world.record().answer(asking("chat"))
    assert answer.headers["x-recording"] == "hit"
    assert len(world.served.asked) == 1


async def test_two_hundred_equal_requests_at_once_make_one_recording(world):
    record = world.record()
    answers = await asyncio.gather(*(record.answer(asking("chat")) for _ in range(200)))
    assert {await body_of(answer) for answer in answers} == {fake.CHAT}
    await world.promote()
    assert len(await world.recordings()) == 1
    assert len(world.served.asked) == 1


async def test_two_hundred_equal_streams_at_once_make_one_recording(world):
    record = world.record()

    async def ask():
        return await body_of(await record.answer(asking("stream")))

    assert set(await asyncio.gather(*(ask() for _ in range(200)))) == {fake.STREAM}
    await world.promote()
    assert len(await world.recordings()) == 1
    assert len(world.served.asked) == 1


async def test_no_stored_byte_holds_a_key_a_cookie_or_a_token(world):
    secrets = {
        "authorization": "Bearer token-in-a-header",
        "cookie": "session=cookie-of-the-caller",
        "x-custom-secret": "secret-in-a-header",
        "ocp-apim-subscription-key": "subscription-key-value",
    }
    query = "api-version=1&api-key=key-in-query&sig=sig-value&code=code-value&x=harmless"
    record = world.record()
    for behaviour in ("chat", "stream", "cookies", "binary"):
        call = asking(behaviour, query=query, **secrets)
        await body_of(await record.answer(call))
    await world.promote()
    stored = await world.stored_bytes()
    assert stored.count(b"harmless") == 4
    for secret in (
        CALLERS_KEY,
        UPSTREAMS_KEY,
        "token-in-a-header",
        "cookie-of-the-caller",
        "secret-in-a-header",
        "subscription-key-value",
        "key-in-query",
        "sig-value",
        "code-value",
        "biscuit",
    ):
        assert secret.encode() not in stored


async def test_a_large_binary_body_lies_beside_its_recording(world):
    large = bytes(range(256)) * 1024

    async def speech(writer, asked):
        await writer.whole(large, content_type="audio/mpeg")

    world.served.behaviours["speech"] = speech
    await world.record().answer(asking("speech", large))
    replayed = await world.replay().answer(asking("speech", large))
    assert await body_of(replayed) == large
    name, answered, asked = min(await world.recordings(), key=len), ".bin", ".request.bin"
    found = await world.recordings()
    stem = next(one for one in found if one.endswith(".json")).removesuffix(".json")
    assert sorted(found) == sorted([f"{stem}.json", stem + answered, stem + asked])
    assert name.startswith("v1/gpt-4o/speech/")


async def test_what_a_recording_says_is_what_the_format_lays_down(world):
    await body_of(await world.record().answer(asking("stream", query="api-version=2024-10-21")))
    await world.promote()
    (name,) = await world.recordings()
    stored = json.loads((await world.container.get(name)).data)
    assert stored["schema"] == 1
    assert stored["recorded_at"] == "2026-11-22T20:15:03.123Z"
    assert name == f"v1/gpt-4o/stream/{stored['key']['hash']}.json"
    assert stored["request"]["query"] == {"api-version": "2024-10-21"}
    assert stored["request"]["headers"] == {"content-type": "application/json"}
    assert stored["response"]["body"]["sse"][-1] == {"t_ms": 0, "data": "[DONE]"}
    assert stored["usage"] == {"prompt_tokens": 9, "completion_tokens": 2}
