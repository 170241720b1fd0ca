"""One of the answers that a chat request gets: a text, or calls of tools."""

from collections.abc import Sequence

from msgspec import Raw, Struct

from simulator.operations.chat.spoken import SpokenAnswer
from simulator.synthesis.call_drafts import CallDraft
from simulator.synthesis.drafts import Draft

Logprobs = list[Raw] | None


class Choice(Struct, frozen=True):
    """A draft with what only chat knows: the `ids` of its calls, none for a legacy function call."""

    draft: Draft
    finish_reason: str
    logprobs: Logprobs = None
    ids: Sequence[str] = ()
    spoken: SpokenAnswer | None = None
    thought: Sequence[str] = ()
    """The pieces of the reasoning, of a model that shows it."""
    tagged: bool = False
    """The reasoning stands in the text, between tags."""

    @property
    def tagged_thought(self) -> list[str]:
        """The pieces of the reasoning with tags around it; one that the end has cut has no closing tag."""
        pieces = list(self.thought)
        if pieces:
            pieces[0] = f"<think>\n{pieces[0]}"
            if self.draft.tokens or self.draft.calls:
                pieces[-1] += "\n</think>\n\n"
        return pieces

    @property
    def is_plain(self) -> bool:
        """Return True for a text with nothing beside it."""
        return self.logprobs is None and self.spoken is None and not self.draft.calls

    @property
    def message(self) -> dict[str, object]:
        """The message as it stands in a plain answer; the keys in alphabetical order."""
        calls = self.draft.calls
        if not calls:
            said: dict[str, object] = {"annotations": [], "content": self.draft.text}
            if self.spoken is not None:
                said |= {"audio": self.spoken.members, "content": None}
            return said | {"refusal": None, "role": "assistant"}
        members: dict[str, object] = {"annotations": [], "content": None}
        if not self.ids:
            members["function_call"] = function(calls[0], calls[0].arguments)
        members |= {"refusal": None, "role": "assistant"}
        if self.ids:
            members["tool_calls"] = [
                {"function": function(call, call.arguments), "id": id_, "type": "function"}
                for call, id_ in zip(calls, self.ids, strict=True)
            ]
        return members


def function(call: CallDraft, arguments: str) -> dict[str, object]:
    return {"arguments": arguments, "name": call.tool.name}
