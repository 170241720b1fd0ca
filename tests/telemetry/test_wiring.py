"""What the parts of a whole simulator tell telemetry."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from simulator.messages import Request
from tests.conftest import API_VERSION, KEY
from tests.support.fake_upstream import STREAM, running_upstream

PREFIX = "aoai_api_simulator_"
CHAT = b'{"messages":[{"role":"user","content":"Hi"}],"max_tokens":3}'


async def ask(simulator, path="/openai/deployments/gpt-4o/chat/completions", method="POST"):
    query = f"api-version={API_VERSION}"
    response = await simulator(Request(method, path, query, {"api-key": KEY}, CHAT))
    if isinstance(response.body, bytes):
        return response.body
    return b"".join([piece async for piece in response.body])


async def counted(simulator, name):
    """The values of a counter, by the values of its labels."""
    text = (await ask(simulator, "/++/metrics", "GET")).decode()
    return {
        tuple(sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == f"{PREFIX}{name}_total"
    }


async def test_decisions_without_the_store_of_the_limits_are_counted(make_simulator) -> None:
    simulator = make_simulator(redis_url="redis://127.0.0.1:1", metrics_prometheus=True)
    await ask(simulator, "/openai/deployments/gpt-35-turbo-10k-token/chat/completions")
    assert await counted(simulator, "limiter_errors") == {(): 1}


@pytest.mark.parametrize("behaviour", ["chat", "stream"])
async def test_recordings_are_counted_when_stored_hit_and_missed(
    make_simulator, tmp_path, behaviour
) -> None:
    settings = {"recording_dir": str(tmp_path), "metrics_prometheus": True}
    path = f"/openai/deployments/gpt-4o/{behaviour}"
    async with running_upstream() as upstream:
        upstreams = {"upstream_endpoint": upstream.endpoint, "upstream_key": "key"}
        recorder = make_simulator(mode="record", **upstreams, **settings)
        await ask(recorder, path)
        await ask(recorder, path)
        await recorder.close()
    player = make_simulator(mode="replay", **settings)
    await ask(player, path)
    await ask(player, "/openai/deployments/gpt-4o/nowhere")
    assert await counted(recorder, "recordings") == {("stored",): 1, ("hit",): 1}
    assert await counted(player, "recordings") == {("hit",): 1, ("missed",): 1}


async def test_a_live_stream_passes_whole_where_it_is_measured(make_simulator, tmp_path) -> None:
    async with running_upstream() as upstream:
        recorder = make_simulator(
            mode="record",
            upstream_endpoint=upstream.endpoint,
            upstream_key="key",
            recording_dir=str(tmp_path),
            metrics_prometheus=True,
        )
        assert await ask(recorder, "/openai/deployments/gpt-4o/stream") == STREAM
        await recorder.close()


async def test_recordings_that_cannot_be_stored_are_counted(make_simulator, tmp_path) -> None:
    blocked = tmp_path / "a-file"
    blocked.write_bytes(b"")
    async with running_upstream() as upstream:
        recorder = make_simulator(
            mode="record",
            upstream_endpoint=upstream.endpoint,
            upstream_key="key",
            recording_dir=str(blocked),
            metrics_prometheus=True,
        )
        await ask(recorder, "/openai/deployments/gpt-4o/chat")
        await recorder.close()
    assert await counted(recorder, "recordings") == {("failed",): 1}
