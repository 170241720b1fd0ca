"""The refusals of the content filter, each in the shape that its operation has for it."""

from collections.abc import Mapping

import msgspec

from simulator.content_filter.findings import Findings, labels, prompt_results
from simulator.errors import ApiError
from simulator.messages import Answer, Chunk, Usage
from simulator.wire.sse import event

encode = msgspec.json.encode

_POLICY = "ResponsibleAIPolicyViolation"
_TEXT = (
    "The response was filtered due to the prompt triggering Azure OpenAI{}s content management "
    "policy. Please modify your prompt and retry. To learn more about our content filtering "
    "policies please read our documentation: https://go.microsoft.com/fwlink/?linkid=2198766"
)
_IMAGES = (
    "Your request was rejected as a result of our safety system. Your prompt may contain text that "
    "is not allowed by our safety system."
)


class FilteredContent(ApiError):
    """Content that is blocked; `reason` says why for people."""

    status = 400

    def __init__(self, error: dict[str, object], reason: str, prompt_tokens: int) -> None:
        super().__init__(str(error["message"]))
        self.reason = reason
        self.members = error
        self.usage = Usage(prompt_tokens)

    def body(self) -> bytes:
        return encode({"error": self.members})

    def answer(self) -> Answer:
        """The prompt is charged (Microsoft's page on content filtering)."""
        return Answer.plain(self.body(), status=self.status, usage=self.usage)


def failed_stream(begun: Mapping[str, object], error: FilteredContent) -> Answer:
    """A streamed response that fails because of its prompt, with status 200 (reported in 2026).

    `begun` is the response with which it would begin.
    """
    filters = error.members.get("content_filters")
    failed = {**begun, "status": "failed", "content_filters": filters}
    nested = {
        "type": "invalid_request_error",
        "code": "content_policy_violation",
        "message": error.message,
        "param": "prompt",
    }
    bodies: tuple[tuple[str, dict[str, object]], ...] = (
        ("response.created", {"response": begun}),
        ("response.failed", {"response": failed}),
        ("error", {"error": nested}),
    )
    chunks = (
        Chunk(event(encode({"type": name, "sequence_number": number, **members}), name))
        for number, (name, members) in enumerate(bodies)
    )
    return Answer.stream(tuple(chunks), usage=error.usage)


def blocked_prompt(
    shape: str,
    findings: Findings,
    *,
    characters: int,
    prompt_tokens: int,
) -> FilteredContent:
    results = prompt_results(findings)
    reason = f"the content filter blocked the prompt: {labels(findings)}"
    if shape == "images":
        return FilteredContent(_images_error(results), reason, prompt_tokens)
    if shape != "responses":
        return FilteredContent(_text_error(results), reason, prompt_tokens)
    return FilteredContent(_responses_error(results, characters), reason, prompt_tokens)


def blocked_image(findings: Findings, prompt_tokens: int) -> FilteredContent:
    """The refusal of an image that was made (Microsoft's page on images)."""
    error: dict[str, object] = {
        "code": "contentFilter",
        "message": "Generated image was filtered as a result of our safety system.",
    }
    reason = f"the content filter blocked the image: {labels(findings)}"
    return FilteredContent(error, reason, prompt_tokens)


def _text_error(results: dict[str, object]) -> dict[str, object]:
    """Chat, completions and embeddings (reported by many users)."""
    return {
        "message": _TEXT.format("'"),
        "type": None,
        "param": "prompt",
        "code": "content_filter",
        "status": 400,
        "innererror": {"code": _POLICY, "content_filter_result": results},
    }


def _responses_error(results: dict[str, object], characters: int) -> dict[str, object]:
    """The apostrophe is another one here (reported by users)."""
    offsets = {"start_offset": 0, "end_offset": characters, "check_offset": 0}
    blocked: dict[str, object] = {
        "blocked": True,
        "source_type": "prompt",
        "content_filter_results": results,
        "content_filter_offsets": offsets,
    }
    return {
        "message": _TEXT.format("\u2019"),
        "type": "invalid_request_error",
        "param": "prompt",
        "code": "content_filter",
        "content_filters": [blocked],
    }


def _images_error(results: dict[str, object]) -> dict[str, object]:
    """`inner_error` has an underscore here (reported by users)."""
    return {
        "code": "content_policy_violation",
        "inner_error": {"code": _POLICY, "content_filter_results": results},
        "message": _IMAGES,
        "type": "invalid_request_error",
    }
