"""The mode that makes answers up: what it adds to the operation's answer."""

import time

import openai

from tests.conftest import API_VERSION, KEY, MakeSimulator, Serve
from tests.support.asking import ask, route

BODY = {"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 5}
CHAT = route("chat/completions", "gpt-4o")


async def test_a_models_answer_has_the_headers_of_its_deployment(
    make_simulator: MakeSimulator,
) -> None:
    reply = await ask(make_simulator(), CHAT, BODY)
    assert reply.headers["x-ms-deployment-name"] == "gpt-4o"


async def test_a_refusal_has_no_model_behind_it(make_simulator: MakeSimulator) -> None:
    reply = await ask(make_simulator(), CHAT, b"{")
    assert "x-ms-served-model" not in reply.headers


async def test_a_plain_answer_comes_after_the_time_of_its_tokens(
    make_simulator: MakeSimulator,
) -> None:
    simulator = make_simulator(chat_completions_mean=20.0)
    await ask(simulator, CHAT, BODY)
    began = time.monotonic()
    await ask(simulator, CHAT, BODY)
    assert time.monotonic() - began >= 0.1


async def test_embeddings_take_their_time_once(make_simulator: MakeSimulator) -> None:
    simulator = make_simulator(embeddings_mean=60.0)
    began = time.monotonic()
    await ask(simulator, route("embeddings", "embedding"), {"input": ["a", "b", "c"]})
    assert time.monotonic() - began >= 0.06


def test_the_tokens_of_a_stream_arrive_one_by_one(serve: Serve) -> None:
    url = serve(time_to_first_token_mean=100.0, inter_token_mean=40.0)
    with openai.AzureOpenAI(azure_endpoint=url, api_key=KEY, api_version=API_VERSION) as client:
        began = time.monotonic()
        stream = client.chat.completions.create(
            model="gpt-4o", messages=[{"role": "user", "content": "Hi"}], max_tokens=5, stream=True
        )
        arrived = [
            time.monotonic() - began
            for chunk in stream
            if chunk.choices and chunk.choices[0].delta.content
        ]
    assert len(arrived) == 5
    for position, moment in enumerate(arrived):
        assert moment >= 0.1 + position * 0.04
