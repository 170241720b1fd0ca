# /// script
# dependencies = ["pydantic-ai-slim[openai]"]
# ///
"""Pydantic AI: answers that rules chose, plain, streamed and parsed, an agent driven to its end, and
the exception of each of Azure's failures.

An agent whose output is a model ends when the tool `final_result` is called. Its requests differ, so
the rules that drive it are sent to the simulator beforehand.
"""

import asyncio
import json
import os

from openai import AsyncAzureOpenAI, AsyncOpenAI
from pydantic import BaseModel
from pydantic_ai import Agent, ModelHTTPError, NativeOutput
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.azure import AzureProvider


class City(BaseModel):
    name: str
    inhabitants: int


ROME = City(name="Rome", inhabitants=2_750_000)
TEXT = "Rome is an old city."
DRIVING = [
    {"name": "end", "when": {"tool_result": "count"}, "call": {"final_result": ROME.model_dump()}},
    {"name": "count", "when": {"tool": "count"}, "call": {"count": {"city": "Rome"}}},
]
# The fault of each rule, and the status that comes of it.
REFUSALS = {
    "rate_limit": 429, "ptu_limit": 429, "quota": 429, "capacity": 503, "unavailable": 503,
    "server_error": 500, "gateway_error": 502, "gateway_timeout": 504, "timeout": 408,
    "forbidden_network": 403, "suspended": 403,
}  # fmt: skip


def model(**options: object) -> OpenAIChatModel:
    return OpenAIChatModel(
        "gpt-4o", provider=AzureProvider(openai_client=AsyncAzureOpenAI(**options))
    )


def ruled(rule: dict[str, object]) -> OpenAIChatModel:
    return model(default_headers={"x-simulator-rule": json.dumps(rule)}, max_retries=0)


async def chosen() -> None:
    agent = Agent(ruled({"reply": TEXT}))
    assert (await agent.run("Describe Rome.")).output == TEXT  # noqa: S101 - the script is a check
    async with agent.run_stream("Describe Rome.") as streamed:
        parts = [part async for part in streamed.stream_text(delta=True, debounce_by=None)]
    assert len(parts) > 1  # noqa: S101 - the script is a check
    assert "".join(parts) == TEXT  # noqa: S101 - the script is a check


async def parsed() -> None:
    replied = Agent(ruled({"reply": ROME.model_dump()}), output_type=NativeOutput(City))
    called = Agent(ruled({"call": {"final_result": ROME.model_dump()}}), output_type=City)
    for agent in (replied, called):
        assert (await agent.run("Describe Rome.")).output == ROME  # noqa: S101 - the script is a check
        async with agent.run_stream("Describe Rome.") as streamed:
            assert await streamed.get_output() == ROME  # noqa: S101 - the script is a check


async def driven() -> City:
    counted: list[str] = []

    def count(city: str) -> int:
        """Count a city's inhabitants."""
        counted.append(city)
        return ROME.inhabitants

    simulator = AsyncOpenAI(base_url=os.environ["AZURE_OPENAI_ENDPOINT"])
    await simulator.post("/++/rules", body={"rules": DRIVING}, cast_to=object)
    result = await Agent(model(), output_type=City, tools=[count]).run("How many live in Rome?")
    for rule in DRIVING:
        await simulator.delete(f"/++/rules/{rule['name']}", cast_to=object)
    assert counted == ["Rome"]  # noqa: S101 - the script is a check
    assert result.output == ROME  # noqa: S101 - the script is a check
    return result.output


async def status_of_failure(kind: str) -> int:
    try:
        await Agent(ruled({"fault": {"kind": kind}})).run("Describe Rome.")
    except ModelHTTPError as error:
        return error.status_code
    return 0


async def failed() -> None:
    for kind, status in REFUSALS.items():
        assert await status_of_failure(kind) == status, kind  # noqa: S101 - the script is a check


async def main() -> None:
    await chosen()
    await parsed()
    await failed()
    print(await driven())


asyncio.run(main())
