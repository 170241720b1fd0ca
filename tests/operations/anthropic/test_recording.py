"""Claude recorded from an upstream, and replayed: streams, counts and versions."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import pytest
from anthropic import AnthropicFoundry

from tests.conftest import KEY, served

SAID: list[Any] = [{"role": "user", "content": "What is Azure?"}]


@contextlib.contextmanager
def claude_of(**settings: Any) -> Iterator[AnthropicFoundry]:
    with (
        served(settings) as url,
        AnthropicFoundry(base_url=f"{url}/anthropic", api_key=KEY, max_retries=0) as client,
    ):
        yield client


def streamed(client: AnthropicFoundry) -> anthropic.types.Message:
    with client.messages.stream(model="sonnet", max_tokens=12, messages=SAID) as stream:
        return stream.get_final_message()


def test_what_the_upstream_said_is_replayed(host: str, deployments: str, tmp_path: Path) -> None:
    store = {"recording_dir": str(tmp_path), "deployments_path": deployments}
    upstream = {"upstream_endpoint": host, "upstream_key": KEY}
    with claude_of(mode="record", **store, **upstream) as client:
        first, counted = (
            streamed(client),
            client.messages.count_tokens(model="sonnet", messages=SAID),
        )
        address = str(client.base_url).removesuffix("anthropic/")
        entries = httpx2.get(f"{address}++/requests", headers={"api-key": KEY}).json()["requests"]
    assert {entry["operation"] for entry in entries} == {"messages", "messages_count_tokens"}
    [entry] = [entry for entry in entries if entry["operation"] == "messages"]
    assert (entry["prompt_tokens"], entry["completion_tokens"]) == (12, 12)
    with claude_of(mode="replay", **store) as client:
        again = streamed(client)
        assert again.content == first.content
        assert again.id == first.id
        assert client.messages.count_tokens(model="sonnet", messages=SAID) == counted
        older = {"anthropic-version": "2023-06-01"}
        with pytest.raises(anthropic.NotFoundError, match="RecordingNotFound"):
            client.messages.count_tokens(model="sonnet", messages=SAID, extra_headers=older)
