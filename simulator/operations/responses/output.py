"""The output of a generated response: reasoning, a message or calls, each an item."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from msgspec import Raw

from simulator.messages import Usage
from simulator.operations.responses.ids import ResponseIds
from simulator.operations.responses.tools.offered_tools import search_items
from simulator.synthesis.call_drafts import CallDraft
from simulator.synthesis.drafts import Draft
from simulator.synthesis.logprobs import encoded_logprobs
from simulator.synthesis.tool_selection import Tool
from simulator.wire.ids import tool_call as tool_call_id

Status = Literal["in_progress", "completed", "incomplete"]
Logprobs = Sequence[Raw]


@dataclass(frozen=True, slots=True)
class ReasoningOutput:
    """A reasoning item: its thoughts are never shown, only a summary in `pieces`, if requested."""

    id: str
    tokens: int
    pieces: Sequence[str]
    encrypted: str | None

    @property
    def summary(self) -> list[dict[str, object]]:
        return [{"type": "summary_text", "text": "".join(self.pieces)}] if self.pieces else []

    def members(self, *, begun: bool = False) -> dict[str, object]:
        """The item; when it has only `begun`, without its summary."""
        encrypted = {} if self.encrypted is None else {"encrypted_content": self.encrypted}
        return {
            "id": self.id,
            "type": "reasoning",
            "content": [],
            **encrypted,
            "summary": [] if begun else self.summary,
        }


@dataclass(frozen=True, slots=True)
class MessageOutput:
    """A text in `pieces`, one for each event; `escapable` as in a draft."""

    id: str
    pieces: Sequence[str]
    status: Status
    logprobs: Logprobs
    phase: str | None
    escapable: bool

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def part(self, *, begun: bool = False) -> dict[str, object]:
        return {
            "type": "output_text",
            "annotations": [],
            "logprobs": [] if begun else self.logprobs,
            "text": "" if begun else self.text,
        }

    def members(self, *, begun: bool = False) -> dict[str, object]:
        phase = {} if self.phase is None else {"phase": self.phase}
        return {
            "id": self.id,
            "type": "message",
            "status": "in_progress" if begun else self.status,
            "content": [] if begun else [self.part()],
            **phase,
            "role": "assistant",
        }


@dataclass(frozen=True, slots=True)
class CallOutput:
    """A function to be called, its arguments JSON in `pieces`, or a `custom` tool with its text. `tokens`
    counts all of it."""

    id: str
    call_id: str
    name: str
    pieces: Sequence[str]
    tokens: int
    status: Status
    custom: bool = False
    namespace: str = ""

    @property
    def arguments(self) -> str:
        return "".join(self.pieces)

    def members(self, *, begun: bool = False) -> dict[str, object]:
        within = {"namespace": self.namespace} if self.namespace else {}
        if self.custom:
            return {
                "id": self.id,
                "type": "custom_tool_call",
                "status": "in_progress" if begun else self.status,
                "call_id": self.call_id,
                "input": "" if begun else self.arguments,
                "name": self.name,
                **within,
            }
        return {
            "id": self.id,
            "type": "function_call",
            "status": "in_progress" if begun else self.status,
            "arguments": "" if begun else self.arguments,
            "call_id": self.call_id,
            "name": self.name,
            **within,
        }


@dataclass(frozen=True, slots=True)
class CompactionOutput:
    """The summary of all items before it, which only the service reads."""

    id: str
    encrypted: str

    def members(self, *, begun: bool = False) -> dict[str, object]:
        del begun
        return {"id": self.id, "type": "compaction", "encrypted_content": self.encrypted}


@dataclass(frozen=True, slots=True)
class HostedOutput:
    """An item of the service's own, which comes whole."""

    item: Mapping[str, object]
    tokens: int = 0

    def members(self, *, begun: bool = False) -> Mapping[str, object]:
        del begun
        return self.item


Output = CompactionOutput | ReasoningOutput | MessageOutput | CallOutput | HostedOutput


@dataclass(frozen=True, slots=True)
class OwnedOutput:
    """An item in a response of several agents, and the name of the one that it is from."""

    output: Output
    agent: str

    @property
    def owner(self) -> dict[str, object]:
        """The member that names the agent, in items and events."""
        return {"agent": {"agent_name": self.agent}}

    def members(self) -> dict[str, object]:
        return {**self.output.members(), **self.owner}


@dataclass(frozen=True, slots=True)
class ResponseOutput:
    """A response that is done: `units` is the work that it took, in tokens."""

    outputs: Sequence[Output | OwnedOutput]
    usage: Usage
    whole: bool
    """False if there was no room for all of it."""

    @property
    def units(self) -> int:
        return self.usage.completion

    @property
    def characters(self) -> int:
        """The characters of the text that can be read."""
        plain = (item.output if isinstance(item, OwnedOutput) else item for item in self.outputs)
        return sum(len(output.text) for output in plain if isinstance(output, MessageOutput))


@dataclass(frozen=True, slots=True)
class OutputOptions:
    """The parts of a draft that are shown: the summary of the reasoning in pieces, the encrypted
    reasoning, the number of likeliest tokens in log probabilities (None: no log probabilities), the
    phase of a message, the `tools` by their names, and the encrypted `compaction` of the input.
    """

    summary: Sequence[str]
    encrypted: Callable[[int], str] | None
    top_logprobs: int | None
    phase: str | None
    tools: Mapping[str, Tool] = field(default_factory=dict[str, Tool])
    compaction: str | None = None


def output_of(
    draft: Draft, options: OutputOptions, *, prompt: int, ids: ResponseIds, rng: random.Random
) -> ResponseOutput:
    """The items that a draft becomes; `prompt` is how many tokens it answers."""
    outputs: list[Output] = []
    if options.compaction:
        outputs.append(CompactionOutput(ids.draw("cmp"), options.compaction))
    if draft.reasoning:
        outputs.append(_reasoning(draft, options, ids))
    for item in search_items([call.tool for call in draft.calls]):
        kind = "tsc" if item["type"] == "tool_search_call" else "tso"
        outputs.append(HostedOutput({"id": ids.draw(kind), **item}))
    outputs += [_call(call, options.tools, ids, rng) for call in draft.calls]
    if draft.pieces:
        outputs.append(_message(draft, options, ids, rng))
    usage = Usage(prompt, draft.reasoning + draft.tokens, draft.reasoning)
    return ResponseOutput(outputs, usage, whole=draft.finish_reason != "length")


def _reasoning(draft: Draft, options: OutputOptions, ids: ResponseIds) -> ReasoningOutput:
    encrypted = options.encrypted(draft.reasoning) if options.encrypted else None
    return ReasoningOutput(ids.draw("rs"), draft.reasoning, options.summary, encrypted)


def _call(
    call: CallDraft, tools: Mapping[str, Tool], ids: ResponseIds, rng: random.Random
) -> CallOutput | HostedOutput:
    tool, status = call.tool, "completed" if call.whole else "incomplete"
    if tool == Tool(tool.name):  # A rule that decides on a call knows its name alone.
        tool = tools.get(tool.name, tool)
    if tool.searches:
        item: dict[str, object] = {
            "id": ids.draw("tsc"),
            "type": "tool_search_call",
            "arguments": Raw(call.arguments.encode()) if call.whole else {},
            "call_id": tool_call_id(rng),
            "execution": "client",
            "status": status,
        }
        return HostedOutput(item, call.tokens)
    return CallOutput(
        ids.draw("ctc" if tool.free else "fc"),
        tool_call_id(rng),
        tool.name,
        call.pieces,
        call.tokens,
        status,
        tool.free,
        tool.namespace[0] if tool.namespace else "",
    )


def _message(
    draft: Draft, options: OutputOptions, ids: ResponseIds, rng: random.Random
) -> MessageOutput:
    return MessageOutput(
        ids.draw("msg"),
        draft.pieces,
        "incomplete" if draft.finish_reason == "length" else "completed",
        encoded_logprobs(draft.pieces, options.top_logprobs, rng) or [],
        options.phase,
        draft.escapable,
    )
