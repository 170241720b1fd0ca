# pyright: reportMissingImports=false, reportAttributeAccessIssue=false
# Its libraries are in .venv/clients.
"""What people build with LiteLLM's functions for Azure; prints what came of it."""

import json
import os
import runpy
import sys
from typing import Any

import litellm

AZURE: dict[str, Any] = {
    "api_base": os.environ["AZURE_OPENAI_ENDPOINT"],
    "api_key": os.environ["AZURE_OPENAI_API_KEY"],
    "api_version": os.environ["OPENAI_API_VERSION"],
}
MESSAGES = [{"role": "user", "content": "What is Azure?"}]
PARAMETERS = {"type": "object", "properties": {"name": {"type": "string"}}}
TOOL = {"type": "function", "function": {"name": "count", "parameters": PARAMETERS}}


def completion(rule: dict[str, Any] | None = None, **options: Any) -> Any:
    headers = {"x-simulator-rule": json.dumps(rule)} if rule else {}
    return litellm.completion(
        model="azure/gpt-4o", messages=MESSAGES, extra_headers=headers, **AZURE, **options
    )


def streamed() -> list[str]:
    chunks = completion({"reply": "One two three."}, stream=True)
    return [chunk.choices[0].delta.content or "" for chunk in chunks]


def called() -> dict[str, str]:
    answer = completion({"call": {"count": {"name": "Rome"}}}, tools=[TOOL])
    (call,) = answer.choices[0].message.tool_calls
    return {call.function.name: json.loads(call.function.arguments)}


def failure(rule: dict[str, Any]) -> dict[str, Any]:
    try:
        completion(rule)
    except (litellm.RateLimitError, litellm.ContentPolicyViolationError) as error:
        return {"kind": type(error).__name__, "status": error.status_code}
    return {}


runpy.run_path(sys.argv[1])
ANSWER = completion(max_tokens=5)
EMBEDDED = litellm.embedding("azure/text-embedding-3-small", input=["Azure"], **AZURE)
print(
    json.dumps(
        {
            "tokens": ANSWER.usage.completion_tokens,
            "costs": litellm.completion_cost(ANSWER) > 0,
            "size": len(EMBEDDED.data[0]["embedding"]),
            "pieces": streamed(),
            "called": called(),
            "refused": failure({"fault": {"kind": "rate_limit", "retry_after": 0}}),
            "filtered": failure({"filter": {"prompt": {"jailbreak": True}}}),
        }
    )
)
