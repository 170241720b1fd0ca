"""The summary of a request for a response: its texts and tools, as rules see them."""

from collections.abc import Sequence

from simulator.operations.base import RequestSummary
from simulator.operations.responses.drafting import ResponseRequest
from simulator.operations.responses.items import (
    CALLS,
    OUTPUTS,
    InputFile,
    InputImage,
    Item,
    Refusal,
)
from simulator.operations.responses.tools.tool_set import turn_of


def summary_of(request: ResponseRequest, items: Sequence[Item]) -> RequestSummary:
    """`items` are those of the whole conversation."""
    instructions = request.parameters.instructions
    head = (instructions,) if instructions else ()
    names = {item.call_id: item.name for item in items if item.kind in CALLS}
    results = {names.get(item.call_id) for item in items if item.kind in OUTPUTS}
    return RequestSummary(
        last_message=turn_of(items).text,
        messages=(*head, *(text for item in items if (text := _text(item)))),
        tools=frozenset(tool.name for tool in request.tools.callable),
        tool_results=frozenset(name for name in results if name),
        streamed=bool(request.parameters.stream),
    )


def _text(item: Item) -> str:
    """Return the text of an item, be it a message, a call or the result of one."""
    if item.kind in CALLS:
        return f"{item.name}\n{item.arguments or item.input}"
    said = item.outcome
    if isinstance(said, str):
        return said
    parts = said or item.parts
    return "\n".join(
        part.refusal if isinstance(part, Refusal) else part.text
        for part in parts
        if not isinstance(part, InputImage | InputFile)
    )
