"""Drafts of generated answers: their length, their text, their end and the reasoning before."""

import logging
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import msgspec
from msgspec import Struct, structs

from simulator.budget import Budget
from simulator.json_schema.errors import UnsatisfiableSchema
from simulator.synthesis.answer_shape import NATURAL, AnswerShape
from simulator.synthesis.call_drafts import CallDraft, CallDrafts, CallWriter
from simulator.synthesis.filler_text import JSON_MINIMUM, FillerText
from simulator.synthesis.json_text import JsonText, conforms
from simulator.synthesis.reasoning import reasoning_tokens
from simulator.synthesis.script import Script
from simulator.synthesis.styles import StyledText
from simulator.synthesis.tool_selection import Tool
from simulator.tokens.tokenizer import Tokenizer

logger = logging.getLogger(__name__)

FinishReason = Literal["stop", "length", "tool_calls"]


class DraftRequest(Struct, frozen=True):
    """A request for a draft of an answer.

    `asked`: the most tokens that the request wants, reasoning included; None: it says nothing. `room`:
    the tokens that the context window and the model's output limit leave. `shape` says how much of
    both an answer uses. `effort`: None for a model that does not reason. `schema`: the text is JSON of
    this schema, complete if it can be. `tools`: they are called, and there is no text. `budget`: what
    the drafts of one request may take together; None: one of its own.
    """

    encoding: str
    room: int
    asked: int | None = None
    stops: tuple[str, ...] = ()
    json: bool = False
    prompt: tuple[str, ...] = ()
    """All texts of the prompt of an answer in JSON, which may say what it has to look like."""
    effort: str | None = None
    schema: Mapping[str, object] | None = None
    tools: tuple[Tool, ...] = ()
    budget: Budget | None = None
    shape: AnswerShape = NATURAL
    echo: str = ""
    """The last message of the user, for the style that repeats it."""
    script: Script | None = None
    """The content of the answer, whatever else is wanted of it."""


class Draft(Struct, frozen=True):
    """A text in `pieces`, one for each event of a stream, or calls of tools; and all tokens of it."""

    pieces: Sequence[str]
    tokens: int
    finish_reason: FinishReason
    reasoning: int = 0
    escapable: bool = False
    """The text may have characters that JSON escapes."""
    calls: tuple[CallDraft, ...] = ()
    stopped_by: str = ""
    """The stop sequence that ended it."""
    whole: str | None = None
    """The pieces in one, where that is known without joining them."""

    @property
    def text(self) -> str:
        return "".join(self.pieces) if self.whole is None else self.whole


class DraftWriter:
    """Writes drafts; `budget` makes the budget of one request's work on schemas."""

    def __init__(
        self,
        filler_text: FillerText,
        tokenizer: Tokenizer,
        budget: Callable[[], Budget],
    ) -> None:
        self._filler_text = filler_text
        self._tokenizer = tokenizer
        self.budget = budget
        self._json_text = JsonText(filler_text, tokenizer)
        self._calls = CallWriter(filler_text, tokenizer, self._json_text)
        self._styles = StyledText(filler_text, tokenizer)

    def thought(self, tokens: int, rng: random.Random) -> Sequence[str]:
        """The pieces of reasoning that is shown: filler text, without anything that JSON escapes."""
        return self._filler_text.pieces(tokens, rng) if tokens else ()

    def draft(self, request: DraftRequest, rng: random.Random) -> Draft:
        """Draft an answer: equal requests and states of `rng` make equal drafts.

        Raises UnsatisfiableSchema if the request is for JSON of a schema without instances, or for the
        call of a tool with such.
        """
        reasoning = reasoning_tokens(request.effort, rng)
        if request.script is not None:
            return self._scripted(request.script, request, reasoning)
        size = _size(request, reasoning, rng)
        if request.tools or request.schema is not None:
            return self._instance(request, size, rng)
        if request.json:
            draft = self._in_json_mode(request, size, rng)
        elif request.shape.style != "prose":
            draft = self._styled(request, size, rng)
        else:
            draft = self._prose(size, rng)
        return self._stopped(draft, request) if request.stops else draft

    def _in_json_mode(self, request: DraftRequest, size: "_Size", rng: random.Random) -> Draft:
        """Draft JSON of the form that the prompt asks for; the style that repeats the user repeats an object,
        and puts a text into one where no form is asked for."""
        echoes = request.shape.style == "echo"
        if echoes and _is_object(request.echo):
            return self._styled(request, size, rng)
        if (prompted := self._prompted(request, size, rng)) is not None:
            return prompted
        if echoes:
            said = msgspec.json.encode({"answer": request.echo}).decode()
            return self._styled(structs.replace(request, echo=said), size, rng)
        pieces = self._filler_text.json_pieces(size.wanted, rng)[: size.room]
        whole = bool(pieces) and pieces[-1].endswith("}")
        reason: FinishReason = "length" if size.cut and not whole else "stop"
        return Draft(pieces, len(pieces), reason, size.reasoning, escapable=True)

    def _prose(self, size: "_Size", rng: random.Random) -> Draft:
        pieces, text = self._filler_text.passage(size.wanted, rng)
        reason: FinishReason = "length" if size.cut else "stop"
        if size.wanted <= size.room:
            return Draft(pieces, size.wanted, reason, size.reasoning, whole=text)
        return Draft(pieces[: size.room], size.room, reason, size.reasoning)

    def _prompted(self, request: DraftRequest, size: "_Size", rng: random.Random) -> Draft | None:
        """Draft JSON of the form that the prompt asks for, if it does and there is an instance."""
        # Imported on first use: few answers are in JSON mode.
        from simulator.synthesis.prompted_json import prompted_schema

        schema = prompted_schema(request.prompt)
        if schema is None:
            return None
        try:
            return self._instance(structs.replace(request, schema=schema), size, rng)
        except UnsatisfiableSchema:
            return None

    def _styled(self, request: DraftRequest, size: "_Size", rng: random.Random) -> Draft:
        """A text with an end of its own, which may be some tokens beyond the wanted size."""
        most = max(0, _most(request) - size.reasoning)
        if request.shape.style == "echo":
            pieces = self._tokenizer.split(request.echo, request.encoding)
        else:
            pieces = self._styles.pieces(request.shape.style, size.wanted, request.encoding, rng)
        reason: FinishReason = "stop" if len(pieces) <= most else "length"
        kept = pieces[:most]
        return Draft(kept, len(kept), reason, size.reasoning, escapable=True)

    def _scripted(self, script: Script, request: DraftRequest, reasoning: int) -> Draft:
        """Draft the chosen answer; there is less reasoning where both have no room."""
        most = _most(request)
        if script.calls:
            calls = self._calls.scripted(script.calls, most, request.encoding)
            return _calling(calls, min(reasoning, most - calls.tokens))
        pieces = self._tokenizer.split(script.text, request.encoding)
        finish_reason = "stop" if len(pieces) <= most else "length"
        pieces = pieces[:most]
        reasoning = min(reasoning, most - len(pieces))
        draft = Draft(pieces, len(pieces), finish_reason, reasoning, escapable=True)
        budget = request.budget or self.budget()
        if request.schema is not None and not conforms(draft.text, request.schema, budget):
            logger.warning("a reply is answered that does not fit the schema of its request")
        return self._stopped(draft, request) if request.stops else draft

    def _instance(self, request: DraftRequest, size: "_Size", rng: random.Random) -> Draft:
        """JSON has an end of its own: only what `most` leaves no room for is cut."""
        reasoning = size.reasoning
        most = max(0, _most(request) - reasoning)
        budget = request.budget or self.budget()
        if request.tools:
            calls = self._calls.generated(
                request.tools, most, request.encoding, rng=rng, budget=budget
            )
            return _calling(calls, reasoning)
        schema = request.schema or {}
        pieces, whole = self._json_text.instance(
            schema,
            rng,
            encoding=request.encoding,
            size=size.room,
            most=most,
            budget=budget,
            guided=not request.shape.full,
        )
        finish_reason = "stop" if whole else "length"
        draft = Draft(pieces, len(pieces), finish_reason, reasoning, escapable=True)
        return self._stopped(draft, request) if request.stops else draft

    def _stopped(self, draft: Draft, request: DraftRequest) -> Draft:
        """The draft up to its first stop sequence, which is not part of it."""
        text = draft.text
        found = [(at, stop) for stop in request.stops if (at := text.find(stop)) >= 0]
        if not found:
            return draft
        end, stop = min(found)
        text = text[:end]
        kept: list[str] = []
        left = len(text)
        for piece in draft.pieces:
            if left <= 0:
                break
            kept.append(piece[:left])
            left -= len(piece)
        tokens = self._tokenizer.count(text, request.encoding)
        return structs.replace(
            draft, pieces=kept, tokens=tokens, finish_reason="stop", stopped_by=stop, whole=text
        )


class _Size(Struct, frozen=True):
    """The tokens of reasoning, those that the text would have, and how many of them it may have.

    `cut`: a bound ends the answer, and not its own end.
    """

    reasoning: int
    wanted: int
    room: int
    cut: bool


def _is_object(text: str) -> bool:
    try:
        msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    except (ValueError, RecursionError):
        return False
    return True


def _calling(calls: CallDrafts, reasoning: int) -> Draft:
    finish_reason = "tool_calls" if calls.whole else "length"
    return Draft((), calls.tokens, finish_reason, reasoning, calls=calls.calls)


def _most(request: DraftRequest) -> int:
    return request.room if request.asked is None else min(request.asked, request.room)


def _size(request: DraftRequest, reasoning: int, rng: random.Random) -> _Size:
    asked, room, shape = request.asked, request.room, request.shape
    most = room if asked is None or asked > room else asked
    if asked is not None and shape.full:
        reasoning = min(reasoning, most)
        return _Size(reasoning, most - reasoning, most - reasoning, cut=True)
    least = JSON_MINIMUM if request.json else 1
    # A spread draws thousandths of its figures, which are milliseconds elsewhere.
    wanted = max(least, round(shape.natural.draw(rng) * 1000))
    cut = reasoning + wanted > most
    reasoning = min(reasoning, most)
    return _Size(reasoning, wanted, min(wanted, most - reasoning), cut)
