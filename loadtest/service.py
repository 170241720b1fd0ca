"""The service under load: how a chat is asked for, and what it tells of itself beforehand."""

from dataclasses import dataclass
from typing import Any

import requests

from loadtest.bands import Speed
from loadtest.samples import Limits
from loadtest.scenarios import NotTestable

API_VERSION = "2024-10-21"
_TIMEOUT = 60.0


@dataclass(frozen=True, slots=True)
class Chat:
    """One chat request, the same each time."""

    endpoint: str
    key: str
    deployment: str
    prompt: str
    max_tokens: int

    @property
    def path(self) -> str:
        return f"/openai/deployments/{self.deployment}/chat/completions?api-version={API_VERSION}"

    @property
    def headers(self) -> dict[str, str]:
        return {"api-key": self.key}

    @property
    def body(self) -> dict[str, Any]:
        question = {"role": "user", "content": self.prompt}
        return {"messages": [question], "max_tokens": self.max_tokens}

    @property
    def streamed_body(self) -> dict[str, Any]:
        """The same request, streamed, with its usage in the end."""
        return {**self.body, "stream": True, "stream_options": {"include_usage": True}}


def limits_of(chat: Chat) -> Limits:
    """What the answer to a first request tells of the deployment. Raises `NotTestable`."""
    try:
        answer = requests.post(
            chat.endpoint + chat.path, headers=chat.headers, json=chat.body, timeout=_TIMEOUT
        )
    except requests.RequestException as error:
        raise NotTestable(f"{chat.endpoint} cannot be reached ({type(error).__name__})") from None
    if answer.status_code != requests.codes.ok:
        told = " ".join(answer.text.split())[:300]
        raise NotTestable(f"the first request got status {answer.status_code}: {told}")
    return Limits.told_by(answer.headers)


def speed_of(chat: Chat) -> Speed | None:
    """The latency that a simulator is configured for; None of any other service."""
    answer = requests.get(
        f"{chat.endpoint}/++/config", headers=chat.headers, timeout=_TIMEOUT, allow_redirects=False
    )
    if answer.status_code != requests.codes.ok:
        return None
    return speed_in(answer.json()["latency"])


def speed_in(latency: dict[str, dict[str, float | None]]) -> Speed:
    """The profile of chat answers; time to first token and inter-token latency come first."""
    per_token = latency["open_ai_chat_completions"]

    def spread(name: str) -> tuple[float, float]:
        own = latency.get(name, {})
        found = per_token if own.get("mean") is None else own
        return found.get("mean") or 0.0, found.get("std_dev") or 0.0

    return Speed(*spread("open_ai_time_to_first_token"), *spread("open_ai_inter_token"))
