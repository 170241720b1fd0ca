"""Load on a simulator from as many machines as it takes: chat answers, and streams read to their end.

    locust -f examples/locust/locustfile.py --host http://127.0.0.1:8000 --users 20

The key comes from SIMULATOR_API_KEY, the deployment from DEPLOYMENT, the tokens of an answer from
TOKENS. A stream counts as one request that lasts until its last event.
"""
# Not all parameters of Locust's fast client have types.
# pyright: reportUnknownMemberType=false

import os
from typing import Any

from locust import FastHttpUser, constant, task

PATH = f"/openai/deployments/{os.environ.get('DEPLOYMENT', 'gpt-4o')}/chat/completions"
QUERY = "?api-version=2024-10-21"
BODY: dict[str, Any] = {
    "messages": [{"role": "user", "content": "Tell me about the sea."}],
    "max_tokens": int(os.environ.get("TOKENS", "100")),
}


class Client(FastHttpUser):
    wait_time = constant(0)

    def on_start(self) -> None:
        self.headers = {"api-key": os.environ.get("SIMULATOR_API_KEY", "")}

    @task(4)
    def chat(self) -> None:
        self.client.post(PATH + QUERY, json=BODY, headers=self.headers, name="chat")

    @task(1)
    def stream(self) -> None:
        body = {**BODY, "stream": True}
        with self.client.post(
            PATH + QUERY, json=body, headers=self.headers, name="stream", catch_response=True
        ) as answer:
            if answer.status_code == 200 and not (answer.text or "").endswith("data: [DONE]\n\n"):
                answer.failure("the stream ended early")
