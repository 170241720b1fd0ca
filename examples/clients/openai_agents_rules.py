# /// script
# dependencies = ["openai-agents"]
# ///
"""OpenAI Agents: answers that rules chose, plain, streamed and parsed, an agent driven to its end, and
the exception of each of Azure's failures.

The requests of an agent's run differ, so the rules that drive it are sent to the simulator beforehand.
"""

import asyncio
import json
import os

from agents import (
    Agent,
    OpenAIChatCompletionsModel,
    OpenAIResponsesModel,
    Runner,
    function_tool,
    set_tracing_disabled,
)
from openai import APIStatusError, AsyncOpenAI
from pydantic import BaseModel


class City(BaseModel):
    name: str
    inhabitants: int


ROME = City(name="Rome", inhabitants=2_750_000)
TEXT = "Rome is an old city."
ASKED = "Describe Rome."
DRIVING = [
    {"name": "end", "when": {"tool_result": "count"}, "call": {"final_answer": ROME.model_dump()}},
    {"name": "count", "when": {"tool": "count"}, "call": {"count": {"city": "Rome"}}},
]
# The fault of each rule, and the status that comes of it.
REFUSALS = {
    "rate_limit": 429, "ptu_limit": 429, "quota": 429, "capacity": 503, "unavailable": 503,
    "server_error": 500, "gateway_error": 502, "gateway_timeout": 504, "timeout": 408,
    "forbidden_network": 403, "suspended": 403,
}  # fmt: skip
counted: list[str] = []


@function_tool
def count(city: str) -> int:
    """Count a city's inhabitants."""
    counted.append(city)
    return ROME.inhabitants


@function_tool
def final_answer(name: str, inhabitants: int) -> str:
    """Give the final answer."""
    return f"{name}: {inhabitants}"


def ruled(rule: dict[str, object]) -> AsyncOpenAI:
    return AsyncOpenAI(default_headers={"x-simulator-rule": json.dumps(rule)}, max_retries=0)


async def chosen(kind: type) -> None:
    agent = Agent(name="guide", model=kind("gpt-4o", ruled({"reply": TEXT})))
    assert (await Runner.run(agent, ASKED)).final_output == TEXT  # noqa: S101 - the script is a check
    streamed = Runner.run_streamed(agent, ASKED)
    kinds = [event.data.type async for event in streamed.stream_events() if hasattr(event, "data")]
    assert kinds.count("response.output_text.delta") > 1  # noqa: S101 - the script is a check
    assert streamed.final_output == TEXT  # noqa: S101 - the script is a check


async def parsed(kind: type) -> None:
    model = kind("gpt-4o", ruled({"reply": ROME.model_dump()}))
    agent = Agent(name="guide", model=model, output_type=City)
    assert (await Runner.run(agent, ASKED)).final_output == ROME  # noqa: S101 - the script is a check


async def driven(kind: type) -> str:
    counted.clear()
    agent = Agent(
        name="guide",
        model=kind("gpt-4o", AsyncOpenAI()),
        tools=[count, final_answer],
        tool_use_behavior={"stop_at_tool_names": ["final_answer"]},
    )
    result = await Runner.run(agent, "How many live in Rome?")
    assert counted == ["Rome"]  # noqa: S101 - the script is a check
    assert result.final_output == "Rome: 2750000"  # noqa: S101 - the script is a check
    return result.final_output


async def status_of_failure(kind: type, fault: str) -> int:
    agent = Agent(name="guide", model=kind("gpt-4o", ruled({"fault": {"kind": fault}})))
    try:
        await Runner.run(agent, ASKED)
    except APIStatusError as error:
        return error.status_code
    return 0


async def failed(kind: type) -> None:
    for fault, status in REFUSALS.items():
        found = await status_of_failure(kind, fault)
        assert found == status, fault  # noqa: S101 - the script is a check


async def main() -> None:
    set_tracing_disabled(disabled=True)
    simulator = AsyncOpenAI(base_url=os.environ["AZURE_OPENAI_ENDPOINT"])
    await simulator.post("/++/rules", body={"rules": DRIVING}, cast_to=object)
    for kind in (OpenAIChatCompletionsModel, OpenAIResponsesModel):
        await chosen(kind)
        await parsed(kind)
        await failed(kind)
        print(await driven(kind))
    for rule in DRIVING:
        await simulator.delete(f"/++/rules/{rule['name']}", cast_to=object)


asyncio.run(main())
