"""Drafts the answer to a request for a response, and makes its items."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from simulator.catalogue.capabilities import capabilities_of
from simulator.catalogue.models import Model
from simulator.errors import InvalidRequest
from simulator.json_schema.errors import UnsatisfiableSchema
from simulator.operations.responses.encrypted_content import summary_tokens
from simulator.operations.responses.ids import ResponseIds
from simulator.operations.responses.items import Item
from simulator.operations.responses.output import OutputOptions, ResponseOutput, output_of
from simulator.operations.responses.parameters import ResponseParameters
from simulator.operations.responses.prompt import Prompt
from simulator.operations.responses.stored_items import unreasoned
from simulator.operations.responses.subagents import TASK_TOKENS, Report, team_of, with_agents
from simulator.operations.responses.tools.offered_tools import brought, searched
from simulator.operations.responses.tools.tool_set import ToolSet, turn_of
from simulator.operations.responses.wire import phase_of
from simulator.synthesis.answer_shape import FULL, AnswerShape
from simulator.synthesis.drafts import Draft, DraftRequest, DraftWriter
from simulator.synthesis.script import Script
from simulator.synthesis.tool_selection import Tool, chosen

_SUMMARY_HEAD = ("**", "Considering", " the", " request", "**\n\n")
_SUMMARY_TOKENS = {"concise": 16, "auto": 32, "detailed": 64}


@dataclass(frozen=True, slots=True)
class ResponseRequest:
    """A request for a response that has passed all checks that need nothing but itself.

    `prompt` is what its own items come to; those of a previous response are not read yet.
    """

    parameters: ResponseParameters
    model: Model
    items: Sequence[Item]
    tools: ToolSet
    effort: str | None
    prompt: Prompt

    @property
    def self_contained(self) -> bool:
        """True if the request names nothing that has to be looked up."""
        named = self.parameters.previous_response_id or self.parameters.conversation_id
        if named is not None or any(item.names_stored for item in self.items):
            return False
        return not (self.reasons and unreasoned(self.items))

    @property
    def reasons(self) -> bool:
        """True if the answer begins with reasoning."""
        return capabilities_of(self.model).thinks(self.effort)


class Wanted(NamedTuple):
    """The shape of the answer, and what it says if that is decided."""

    shape: AnswerShape
    script: Script | None
    encrypted: Callable[[int], str]
    """Makes the encrypted content of reasoning of a number of tokens."""


class ResponseWriter:
    """Drafts what a response puts out; `rng` draws its text and its ids."""

    def __init__(self, writer: DraftWriter, rng: random.Random) -> None:
        self._writer = writer
        self._rng = rng

    def output(
        self,
        request: ResponseRequest,
        items: Sequence[Item],
        prompt: Prompt,
        ids: ResponseIds,
        *,
        wanted: Wanted,
    ) -> ResponseOutput:
        parameters, rng = request.parameters, self._rng
        team = () if wanted.script else team_of(parameters, turn_of(items), prompt.room)
        draft = self._draft(request, items, prompt, wanted, reserved=len(team) * TASK_TOKENS)
        summary = parameters.reasoning and (
            parameters.reasoning.summary or parameters.reasoning.generate_summary
        )
        options = OutputOptions(
            summary=self._summary(summary) if summary and draft.reasoning else (),
            encrypted=wanted.encrypted if parameters.includes_encrypted else None,
            top_logprobs=(parameters.top_logprobs or 0) if parameters.includes_logprobs else None,
            phase=phase_of(request.model),
            tools={tool.name: tool for tool in _offered(request.tools, items)},
            compaction=_compaction(parameters.compact_threshold, prompt.tokens, wanted),
        )
        output = output_of(draft, options, prompt=prompt.tokens, ids=ids, rng=rng)
        if not parameters.many_agents:
            return output
        reports = [] if draft.calls else [self._report(name, request, wanted) for name in team]
        return with_agents(output, reports, turn_of(items).text, ids, rng)

    def _report(self, name: str, request: ResponseRequest, wanted: Wanted) -> Report:
        encoding = request.model.encoding
        task = DraftRequest(encoding=encoding, room=TASK_TOKENS, asked=TASK_TOKENS, shape=FULL)
        pieces = self._writer.draft(task, self._rng).pieces
        return Report(name, pieces, wanted.encrypted(len(pieces)))

    def _draft(
        self,
        request: ResponseRequest,
        items: Sequence[Item],
        prompt: Prompt,
        wanted: Wanted,
        *,
        reserved: int,
    ) -> Draft:
        """Draft what is said; `reserved` tokens are left for others."""
        parameters = request.parameters
        draft_request = _draft_request(request, items, prompt, wanted, reserved)
        called = draft_request.tools
        # A request that leaves nothing to chance gets the same text each time.
        seed = (
            f"{parameters.max_output_tokens}{prompt.texts}" if parameters.temperature == 0 else None
        )
        rng = self._rng if seed is None else random.Random(seed)
        try:
            return self._writer.draft(draft_request, rng)
        except UnsatisfiableSchema as error:
            where = " or ".join(f"function '{tool.name}'" for tool in called) or "text.format"
            raise InvalidRequest(
                f"Invalid schema for {where}: no instance of it can be made: {error.reason}.",
                param="tools" if called else "text.format.schema",
            ) from None

    def _summary(self, kind: str) -> Sequence[str]:
        tokens = _SUMMARY_TOKENS[kind]
        draft_request = DraftRequest(encoding="", room=tokens, asked=tokens, shape=FULL)
        return [*_SUMMARY_HEAD, *self._writer.draft(draft_request, self._rng).pieces]


def _compaction(threshold: int | None, tokens: int, wanted: Wanted) -> str | None:
    """The encrypted summary of an input that is too long, if the request says what that is."""
    if threshold is None or tokens <= threshold:
        return None
    return wanted.encrypted(summary_tokens(tokens))


def _draft_request(
    request: ResponseRequest,
    items: Sequence[Item],
    prompt: Prompt,
    wanted: Wanted,
    reserved: int,
) -> DraftRequest:
    """Return what the writer needs to know of the request, with the tools that it is to call."""
    parameters, tools, turn = request.parameters, request.tools, turn_of(items)
    form = parameters.format
    return DraftRequest(
        encoding=request.model.encoding,
        room=prompt.room - reserved,
        asked=parameters.max_output_tokens and parameters.max_output_tokens - reserved,
        json=form.type == "json_object",
        prompt=_texts(prompt) if form.type == "json_object" else (),
        effort=request.effort,
        schema=form.schema if form.type == "json_schema" else None,
        tools=chosen(
            _offered(tools, items),
            tools.choice,
            turn,
            parallel=parameters.parallel_tool_calls is not False,
        ),
        shape=wanted.shape,
        echo=turn.text,
        script=wanted.script,
    )


def _offered(tools: ToolSet, items: Sequence[Item]) -> tuple[Tool, ...]:
    """The tools that may be called; a search by the client is over when it has answered."""
    offered = (*tools.callable, *brought(items))
    return tuple(tool for tool in offered if not (tool.searches and searched(items)))


def _texts(prompt: Prompt) -> tuple[str, ...]:
    return tuple("\n".join(message.texts) for message in prompt.texts)
