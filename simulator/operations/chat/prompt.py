"""The prompt of a chat: the texts, images and tokens of its messages."""

import base64
import binascii
from collections.abc import Sequence

from simulator.catalogue.models import Model
from simulator.errors import InvalidRequest
from simulator.operations.chat.parameters import (
    AssistantMessage,
    ImagePart,
    Message,
    Part,
    RefusalPart,
    TextPart,
    ToolCall,
)
from simulator.tokens.chat_images import DEFAULT_IMAGE_SIZE, image_size, image_tokens
from simulator.tokens.tokenizer import MessageText, Tokenizer

MAX_IMAGES = 50


def texts_of(messages: Sequence[Message]) -> list[MessageText]:
    """The text that is in each message, tool calls and refusals included."""
    return [_text_of(message) for message in messages]


def _text_of(message: Message) -> MessageText:
    role = str(message.__struct_config__.tag)
    if isinstance(message.content, str):
        texts: tuple[str, ...] = (message.content,)
    else:
        texts = tuple(_text_of_part(part) for part in message.content or ())
    if isinstance(message, AssistantMessage):
        texts += _called(message)
    return MessageText(role, texts, getattr(message, "name", None))


def _text_of_part(part: Part) -> str:
    if isinstance(part, TextPart):
        return part.text
    return part.refusal if isinstance(part, RefusalPart) else ""


def _called(message: AssistantMessage) -> tuple[str, ...]:
    calls: list[ToolCall] = message.tool_calls or []
    functions = [call.function for call in calls]
    if message.function_call is not None:
        functions.append(message.function_call)
    texts = [text for function in functions for text in (function.name, function.arguments)]
    return (*texts, message.refusal) if message.refusal else tuple(texts)


def count_prompt(
    messages: Sequence[Message], texts: Sequence[MessageText], model: Model, tokenizer: Tokenizer
) -> int:
    """The prompt's tokens: texts, what each message costs, and images by the model's rule."""
    tokens = tokenizer.count_messages(
        texts,
        encoding=model.encoding,
        tokens_per_message=model.tokens_per_message,
        tokens_per_name=model.tokens_per_name,
        priming=model.priming_tokens,
    )
    images = _images(messages)
    if not images:
        return tokens
    if len(images) > MAX_IMAGES:
        raise InvalidRequest(
            f"Too many images in request. Max is {MAX_IMAGES}.", code="invalid_request_error"
        )
    if model.image_tokens is None:
        # Reported by users of models without vision.
        raise InvalidRequest(
            "Invalid content type. image_url is only supported by certain models.",
            param="messages.[0].content.[0].type",
        )
    for image in images:
        width, height = _size_of(image.image_url.url)
        detail = image.image_url.detail or "auto"
        tokens += image_tokens(width, height, detail, model.image_tokens)
    return tokens


def _images(messages: Sequence[Message]) -> list[ImagePart]:
    return [
        part
        for message in messages
        if isinstance(message.content, list)
        for part in message.content
        if isinstance(part, ImagePart)
    ]


def _size_of(url: str) -> tuple[int, int]:
    """Width and height; an image elsewhere is not fetched but taken for one of the default size."""
    if not url.startswith("data:"):
        return DEFAULT_IMAGE_SIZE
    try:
        content = base64.b64decode(url.partition(",")[2], validate=True)
    except binascii.Error:
        content = b""
    size = image_size(content)
    if size is None:
        raise InvalidRequest(
            "You uploaded an unsupported image. Please make sure your image is valid.",
            code="invalid_image_url",
        )
    return size
