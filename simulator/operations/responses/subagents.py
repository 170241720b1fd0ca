"""Responses of several agents: who is delegated to, and what they put out.

Microsoft's page on multi-agent orchestration (2026-08) and the types of the openai package; what the
arguments and the results of `spawn_agent` hold was seen in public code alone.
"""

import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from simulator.catalogue.capabilities import capabilities_of
from simulator.catalogue.models import Model
from simulator.errors import InvalidRequest
from simulator.messages import Usage
from simulator.operations.model_checks import unknown_parameter, unsupported_parameter
from simulator.operations.responses.ids import ResponseIds
from simulator.operations.responses.output import (
    CompactionOutput,
    HostedOutput,
    MessageOutput,
    OwnedOutput,
    ReasoningOutput,
    ResponseOutput,
)
from simulator.operations.responses.parameters import ResponseParameters
from simulator.synthesis.tool_selection import Turn
from simulator.wire.ids import tool_call as tool_call_id

ROOT = "/root"
TASK_TOKENS = 24
"""The tokens of what a subagent reports (our choice)."""
_CONCURRENT = 3
_UNTOLD = 2
_SHORTEST_ANSWER = 16
_LONGEST_TASK = 200
_PREVIEW = "preview"
_DELEGATES = re.compile(r"agents?\b|\bin parallel\b|\bdelegat", re.IGNORECASE)
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight")
_NUMBERED = re.compile(
    rf"\b([1-8]|{'|'.join(_NUMBERS)})\s(?:[\w-]+\s){{0,2}}(?:sub-?)?agents?\b", re.IGNORECASE
)


class Report(NamedTuple):
    """The last message of a subagent, and the same for its parent alone."""

    name: str
    pieces: Sequence[str]
    encrypted: str

    @property
    def path(self) -> str:
        return f"{ROOT}/{self.name}"


def check_multi_agent(parameters: ResponseParameters, model: Model, api_version: str) -> None:
    """Refuse several agents where the page has none; the words are those of other parameters."""
    if parameters.multi_agent is None:
        return
    if api_version != _PREVIEW:
        raise unknown_parameter("multi_agent")
    if not capabilities_of(model).multi_agent:
        raise unsupported_parameter("multi_agent")
    if not parameters.multi_agent.enabled:
        return
    reasoning = parameters.reasoning
    if reasoning is not None and (reasoning.summary or reasoning.generate_summary):
        raise _not_beside("reasoning.summary")
    if parameters.max_tool_calls is not None:
        raise _not_beside("max_tool_calls")


def _not_beside(name: str) -> InvalidRequest:
    return InvalidRequest(
        f"Unsupported parameter: '{name}' is not supported when 'multi_agent' is enabled.",
        param=name,
        code="unsupported_parameter",
    )


def team_of(parameters: ResponseParameters, turn: Turn, room: int) -> Sequence[str]:
    """The names of the subagents: as many as the user says, if the user speaks of agents, of work in
    parallel or of delegation, and there is room for them."""
    asked = parameters.multi_agent
    if asked is None or not asked.enabled or turn.answered or not _DELEGATES.search(turn.text):
        return ()
    most = asked.max_concurrent_subagents or _CONCURRENT
    spare = min(room, parameters.max_output_tokens or room) - _SHORTEST_ANSWER
    count = min(_number(turn.text), most, spare // TASK_TOKENS)
    return [f"agent_{number}" for number in range(1, count + 1)]


def _number(text: str) -> int:
    found = _NUMBERED.search(text)
    if found is None:
        return _UNTOLD
    number = found[1].lower()
    return int(number) if number.isdecimal() else _NUMBERS.index(number) + 1


def with_agents(
    output: ResponseOutput,
    reports: Sequence[Report],
    task: str,
    ids: ResponseIds,
    rng: random.Random,
) -> ResponseOutput:
    """The output of the root agent, with subagents that are made before it answers."""
    root = [OwnedOutput(item, ROOT) for item in output.outputs if not isinstance(item, OwnedOutput)]
    first = sum(isinstance(item.output, CompactionOutput | ReasoningOutput) for item in root)
    made = [item for report in reports for item in _spawned(report, task, ids, rng)]
    said = [item for report in reports for item in _reported(report, ids)]
    usage = output.usage
    tokens = sum(len(report.pieces) for report in reports)
    return ResponseOutput(
        [*root[:first], *made, *said, *root[first:]],
        Usage(usage.prompt, usage.completion + tokens, usage.reasoning),
        output.whole,
    )


def _spawned(
    report: Report, task: str, ids: ResponseIds, rng: random.Random
) -> Iterator[OwnedOutput]:
    call = {"action": "spawn_agent", "call_id": tool_call_id(rng)}
    arguments = {"task_name": report.name, "message": task[:_LONGEST_TASK]}
    yield _hosted("multi_agent_call", ids.draw("mac"), {**call, "arguments": json.dumps(arguments)})
    result = json.dumps({"task_name": report.path})
    text: dict[str, object] = {"type": "output_text", "annotations": [], "logprobs": []}
    outcome = {**call, "output": [{**text, "text": result}]}
    yield _hosted("multi_agent_call_output", ids.draw("maco"), outcome)


def _hosted(kind: str, identifier: str, members: Mapping[str, object]) -> OwnedOutput:
    return OwnedOutput(HostedOutput({"id": identifier, "type": kind, **members}), ROOT)


def _reported(report: Report, ids: ResponseIds) -> Iterator[OwnedOutput]:
    pieces, phase = report.pieces, "final_answer"
    message = MessageOutput(ids.draw("msg"), pieces, "completed", [], phase, escapable=True)
    yield OwnedOutput(message, report.path)
    content = {"type": "encrypted_content", "encrypted_content": report.encrypted}
    members: dict[str, object] = {
        "id": ids.draw("amsg"),
        "type": "agent_message",
        "author": report.path,
        "content": [content],
        "recipient": ROOT,
    }
    yield OwnedOutput(HostedOutput(members), report.path)
