"""Where the real service does not keep to Microsoft's OpenAPI documents: there the document gives way.

Each amendment says which answer of the real service it follows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

V1, DATED, NEWER = "v1", "2024-10-21", "2025-03-01-preview"


@dataclass(frozen=True, slots=True, eq=False)
class Amendment:
    """What the schemas of documents at these places (JSON pointers) say instead."""

    documents: tuple[str, ...]
    places: tuple[str, ...]
    members: Mapping[str, Any]
    reason: str

    def apply(self, content: dict[str, Any]) -> None:
        for place in self.places:
            node: Any = content
            for step in place.split("/"):
                name = step.replace("~1", "/")
                node = node[int(name)] if isinstance(node, list) else node[name]
            node.update(self.members)


_SCHEMAS = "components/schemas"
_CHAT = f"{_SCHEMAS}/createChatCompletion"
_AZURE_CHAT = f"{_SCHEMAS}/AzureCreateChatCompletion"
_TEXT = f"{_SCHEMAS}/createCompletionResponse/properties"
_ERROR = f"{_SCHEMAS}/AzureErrorResponse/properties/error/properties"
_VECTORS = (
    "paths/~1deployments~1{deployment-id}~1embeddings/post/responses/200/content/application~1json"
    "/schema/properties/data/items/properties/embedding"
)
_NULL = {"nullable": True}
_NO_CODE = "A refusal without a code or a parameter has null there (reported by many users)."
_FIRST = "The first event of a stream has an empty object (recorded 2026-06)."
_FINGERPRINT = "It is null with gpt-5-nano (recorded 2025-08) and gpt-5.2 (recorded 2026-06)."
_NOT_DONE = "A response that is not done has null (recorded 2025-03, in response.created)."
_NO_DESCRIPTION = "A format without a description has null (seen in answers of OpenAI, 2025-05)."

AMENDMENTS = (
    Amendment((DATED, NEWER), (f"{_SCHEMAS}/errorBase/properties/code",), _NULL, _NO_CODE),
    Amendment((DATED, NEWER), (f"{_SCHEMAS}/error/properties/param",), _NULL, _NO_CODE),
    Amendment((DATED, NEWER), (f"{_SCHEMAS}/dalleError/properties/param",), _NULL, _NO_CODE),
    Amendment((V1,), (f"{_ERROR}/code",), _NULL, _NO_CODE),
    Amendment((V1,), (f"{_ERROR}/param",), _NULL, _NO_CODE),
    Amendment(
        (V1,),
        (f"{_ERROR}/type",),
        {"enum": ["invalid_request_error", "server_error"]},
        "The document has 'error' alone; 'invalid_request_error' is recorded (2026-03).",
    ),
    Amendment(
        (DATED, NEWER),
        (f"{_CHAT}StreamResponse/properties/object",),
        {"enum": ["chat.completion.chunk", ""]},
        _FIRST,
    ),
    Amendment(
        (V1,),
        (f"{_AZURE_CHAT}StreamResponse/properties/object",),
        {"enum": ["chat.completion.chunk", ""]},
        _FIRST,
    ),
    Amendment(
        (DATED, NEWER),
        (
            f"{_CHAT}Response/properties/system_fingerprint",
            f"{_CHAT}StreamResponse/properties/system_fingerprint",
        ),
        _NULL,
        _FINGERPRINT,
    ),
    Amendment(
        (V1,),
        (
            f"{_AZURE_CHAT}Response/properties/system_fingerprint",
            f"{_AZURE_CHAT}StreamResponse/properties/system_fingerprint",
        ),
        _NULL,
        _FINGERPRINT,
    ),
    Amendment(
        (DATED, NEWER),
        (f"{_TEXT}/object",),
        {"enum": ["text_completion", ""]},
        "The documents leave out streams of completions: they begin as those of chat do.",
    ),
    Amendment(
        (DATED, NEWER),
        (f"{_TEXT}/choices/items/properties/finish_reason",),
        {"nullable": True},
        "The documents leave out streams of completions: null until the last event, as in chat.",
    ),
    Amendment(
        (DATED, NEWER),
        (_VECTORS,),
        {"type": ["array", "string"]},
        "With encoding_format base64 a vector is a text (recorded 2024-02).",
    ),
    Amendment(
        (NEWER,),
        (f"{_SCHEMAS}/ModelResponseProperties/properties/user",),
        _NULL,
        "A response to nobody in particular has null (recorded 2026-07).",
    ),
    Amendment((NEWER,), (f"{_SCHEMAS}/ResponseUsage",), _NULL, _NOT_DONE),
    Amendment(
        (V1,),
        tuple(
            f"{_SCHEMAS}/{name}/properties/usage" for name in ("AzureResponse", "OpenAI.Response")
        ),
        _NULL,
        _NOT_DONE,
    ),
    Amendment(
        (NEWER,),
        (f"{_SCHEMAS}/TextResponseFormatJsonSchema/properties/description",),
        _NULL,
        _NO_DESCRIPTION,
    ),
    Amendment(
        (V1,),
        (f"{_SCHEMAS}/OpenAI.ResponseTextFormatConfigurationJsonSchema/properties/description",),
        _NULL,
        _NO_DESCRIPTION,
    ),
    Amendment(
        (V1,),
        (f"{_AZURE_CHAT}Response/properties/prompt_filter_results/items",),
        {"required": ["prompt_index"]},
        "A prompt with an image has `content_filter_result` instead (recorded 2025-11, 2026-01).",
    ),
)
