"""Reads requests of the Responses API: their parameters, items, tools and prompt, and the conversation
that they go on with.
"""

import contextlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from msgspec import Raw

from simulator.catalogue.capabilities import effort_of
from simulator.catalogue.models import Model
from simulator.concurrency import off_loop
from simulator.errors import ApiError, InvalidRequest
from simulator.messages import Request
from simulator.operations.base import (
    EMPTY_SUMMARY,
    Call,
    Operation,
    RequestSummary,
    Target,
    model_in,
)
from simulator.operations.conversations.store import ConversationStore, VersionedConversation
from simulator.operations.resources import Resources
from simulator.operations.responses.checks import check_response, unknown_previous
from simulator.operations.responses.drafting import ResponseRequest
from simulator.operations.responses.encrypted_content import EncryptedContent
from simulator.operations.responses.ids import ResponseIds
from simulator.operations.responses.items import EncryptedText, Item
from simulator.operations.responses.lifecycle import output_at
from simulator.operations.responses.parameters import ResponseParameters, of_null
from simulator.operations.responses.prompt import Prompt, check_pairs, check_says_json, read_prompt
from simulator.operations.responses.store import ResponseStore
from simulator.operations.responses.stored_items import (
    StoredItems,
    check_reasoned,
    kept_item,
    resolved,
    since_compaction,
)
from simulator.operations.responses.subagents import check_multi_agent
from simulator.operations.responses.summary import summary_of
from simulator.operations.responses.tools.hosted_tools import check_hosted_tools, check_lite
from simulator.operations.responses.tools.tool_set import (
    ToolSet,
    decode_items,
    kinds_added,
    parse_tools,
)
from simulator.operations.service_tier import check_tier


class Context(NamedTuple):
    """The stored items of the conversation so far, all of its items with the new ones, and the conversation
    that the new ones are to be added to, if there is one."""

    stored: list[Raw]
    items: list[Item]
    conversation: VersionedConversation | None = None


class RequestReader:
    """Reads what all operations that take items and a deployment have in common."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._store = ResponseStore(resources.container, resources.now)
        self._conversations = ConversationStore(resources.container, resources.now)

    def read(self, target: Target, parameters: ResponseParameters) -> ResponseRequest:
        """The request of these parameters, as far as it can be checked without what is stored."""
        body, model = target.request.body, target.model
        effort = effort_of(parameters.reasoning and parameters.reasoning.effort, model)
        schemas = self._resources.schema_checks.for_model(model)
        try:
            check_response(parameters, model, effort, schemas)
        except InvalidRequest as error:
            raise of_null(error, body) from None
        check_multi_agent(parameters, model, target.api_version)
        check_tier(parameters.service_tier, model, target.deployment)
        tools = parse_tools(body, parameters, model, schemas)
        check_hosted_tools(tools.kinds, model, effort)
        asked = parameters.input or []
        items = [Item(role="user", content=asked)] if isinstance(asked, str) else asked
        check_lite(target.request.headers, tools.kinds | kinds_added(items))
        self._check_encrypted(items, target.request.resource)
        prompt = self.prompt(parameters, items, tools, model)
        request = ResponseRequest(parameters, model, items, tools, effort, prompt)
        if request.self_contained:
            _check_new(items, ())
            _check_conversation(parameters, items)
        return request

    async def context(self, request: ResponseRequest, resource: str) -> Context:
        """The conversation that the request goes on with; raises InvalidRequest for what is not stored."""
        named = request.parameters.conversation_id
        if named is not None:
            kept = await self._conversations.get(named, resource)
            stored = kept.conversation.items
        else:
            kept, stored = None, await self._previous(request, resource)
        read = StoredItems(self._store, resource, stored if kept else ())
        new = await resolved(request.items, read, stored=request.parameters.stored)
        _check_new(new, stored)
        if request.reasons:
            await check_reasoned(new, read)
        known = await off_loop(_size(stored), lambda: decode_items(stored))
        return Context(stored, [*known, *new], kept)

    async def _previous(self, request: ResponseRequest, resource: str) -> list[Raw]:
        """The items of the response before, and of those before it."""
        previous = request.parameters.previous_response_id
        if previous is None:
            return []
        response = await self._store.find(previous, resource)
        if response is None:
            raise unknown_previous(previous)
        output = output_at(response, self._resources.now())
        return since_compaction(output) or [*response.context, *output]

    async def kept(
        self, items: Sequence[Item], resource: str, *, within: Sequence[Raw] = ()
    ) -> list[Raw]:
        """New items as they are added to a conversation, and as `input_items` shows them."""
        self._check_encrypted(items, resource)
        read = StoredItems(self._store, resource, within)
        ids = ResponseIds(self._resources.secrets, self._resources.now())
        named = await resolved(items, read, stored=True)
        _check_new(named, within)
        return [kept_item(item, ids) for item in named]

    async def summary(self, request: ResponseRequest | None, resource: str) -> RequestSummary:
        """The texts and tools of a request; a conversation that goes on is read from where it is kept, if
        it can be."""
        if request is None:
            return EMPTY_SUMMARY
        items = request.items
        if not request.self_contained:
            with contextlib.suppress(ApiError):
                items = (await self.context(request, resource)).items
        return summary_of(request, items)

    async def whole_prompt(self, request: ResponseRequest, context: Context) -> Prompt:
        """The prompt of the whole conversation."""
        if request.self_contained:
            return request.prompt
        items, parameters = context.items, request.parameters
        _check_conversation(parameters, items)
        return await off_loop(
            _size(context.stored),
            lambda: self.prompt(parameters, items, request.tools, request.model),
        )

    def prompt(
        self, parameters: ResponseParameters, items: Sequence[Item], tools: ToolSet, model: Model
    ) -> Prompt:
        return read_prompt(
            items,
            parameters,
            tools.functions,
            model=model,
            tokenizer=self._resources.tokenizer,
        )

    def _check_encrypted(self, items: Sequence[Item], resource: str) -> None:
        contents = [item.encrypted_content or "" for item in items if _is_encrypted(item)]
        sent = (part for item in items if item.kind == "agent_message" for part in item.parts)
        contents += [part.encrypted_content for part in sent if isinstance(part, EncryptedText)]
        if contents:
            encrypted = EncryptedContent(self._resources.content_key, resource)
            for content in contents:
                encrypted.check(content)


def _is_encrypted(item: Item) -> bool:
    """Return True for what can only be known by its encrypted content."""
    return item.kind == "compaction" or (item.kind == "reasoning" and bool(item.encrypted_content))


def _size(items: Sequence[Raw]) -> int:
    return sum([memoryview(item).nbytes for item in items])


def _check_new(items: Sequence[Item], within: Sequence[Raw]) -> None:
    """Refuse items that the conversation has by their ids (reported by users of OpenAI's API)."""
    given = [item.id for item in items if item.id is not None]
    known = {item.id for item in decode_items(within)} if given else set[str | None]()
    for identifier in given:
        if identifier in known:
            raise InvalidRequest(
                f"Duplicate item found with id {identifier}. Remove duplicate items from your input and "
                "try again.",
                param="input",
            )
        known.add(identifier)


def _check_conversation(parameters: ResponseParameters, items: Sequence[Item]) -> None:
    check_pairs(items)
    if parameters.format.type == "json_object":
        check_says_json(items)


class ReadingOperation(Operation[ResponseRequest]):
    """An operation on the items that are, or would be, the input of a response."""

    capability = "responses"

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        self._reader = RequestReader(resources)

    def deployment_name(self, request: Request, path_parameters: Mapping[str, str]) -> str | None:
        del path_parameters
        return model_in(request)

    async def summary(self, call: Call[ResponseRequest]) -> RequestSummary:
        return await self._reader.summary(call.parameters, call.request.resource)
