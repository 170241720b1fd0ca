"""The prompt of a message: its texts, its tokens, and what of it is to be cached."""

import base64
import binascii
from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec
from msgspec import Struct

from simulator.catalogue.models import Model
from simulator.errors import InvalidRequest
from simulator.operations.anthropic.parameters import (
    AnyChoice,
    Base64Image,
    Block,
    CacheControl,
    DocumentBlock,
    ImageBlock,
    NamedChoice,
    PromptParameters,
    RedactedThinkingBlock,
    TextBlock,
    TextSource,
    ThinkingBlock,
    Tool,
    ToolResultBlock,
    ToolUseBlock,
)
from simulator.tokens.chat_images import DEFAULT_IMAGE_SIZE, image_size, image_tokens
from simulator.tokens.tokenizer import Tokenizer

MOST_IMAGES = 100
MOST_BREAKPOINTS = 4
_ROLE = 1
# Anthropic's page on tool use: what tools cost beside their definitions.
_TOOLS, _FORCED_TOOLS = 346, 313


Lifetime = Literal["5m", "1h"]


class Piece(Struct, frozen=True):
    """A part of a prompt in its order: tools, system, messages. A `breakpoint` ends what is cached, for so
    long."""

    text: str
    tokens: int
    breakpoint: Lifetime | None = None


class Prompt(Struct, frozen=True):
    pieces: tuple[Piece, ...]
    tokens: int

    @property
    def characters(self) -> int:
        return sum(len(piece.text) for piece in self.pieces)

    @property
    def cacheable(self) -> tuple[Piece, ...]:
        """The pieces up to the last breakpoint."""
        last = max((at for at, piece in enumerate(self.pieces) if piece.breakpoint), default=-1)
        return self.pieces[: last + 1]

    @property
    def lifetime(self) -> Lifetime:
        """The lifetime of the last breakpoint."""
        cached = self.cacheable
        return (cached[-1].breakpoint if cached else None) or "5m"


def prompt_of(parameters: PromptParameters, model: Model, tokenizer: Tokenizer) -> Prompt:
    """Return the prompt of a request. Raises `InvalidRequest` for an image that is none, and for too many
    of them."""
    pieces = [*_pieces(parameters, model, tokenizer)]
    if parameters.cache_control is not None and pieces:
        lifetime = parameters.cache_control.ttl or "5m"
        pieces[-1] = msgspec.structs.replace(pieces[-1], breakpoint=lifetime)
    marked = sum(piece.breakpoint is not None for piece in pieces)
    if marked > MOST_BREAKPOINTS:
        raise InvalidRequest(
            f"A maximum of {MOST_BREAKPOINTS} blocks with cache_control may be provided. Found "
            f"{marked}."
        )
    overhead = model.prompt_overhead
    frame = overhead.priming + len(parameters.messages) * (overhead.per_message + _ROLE)
    if any(tool.custom for tool in parameters.tools or ()):
        forced = isinstance(parameters.tool_choice, AnyChoice | NamedChoice)
        frame += _FORCED_TOOLS if forced else _TOOLS
    return Prompt(tuple(pieces), frame + sum(piece.tokens for piece in pieces))


def _pieces(parameters: PromptParameters, model: Model, tokenizer: Tokenizer) -> Iterator[Piece]:
    def piece(text: str, control: CacheControl | None, more: int = 0) -> Piece:
        count = tokenizer.count(text, model.encoding) if text else 0
        return Piece(text, count + more, control and (control.ttl or "5m"))

    for tool in parameters.tools or ():
        yield piece(_definition(tool), tool.cache_control)
    if parameters.schema is not None:
        yield piece(_json(parameters.schema), None)
    for block in parameters.system_blocks:
        yield piece(block.text, block.cache_control)
    images = 0
    for at, message in enumerate(parameters.messages):
        for number, block in enumerate(message.blocks):
            place = f"messages.{at}.content.{number}"
            sizes = [_size(image, place) for image in _images(block)]
            images += len(sizes)
            if images > MOST_IMAGES:
                raise InvalidRequest(
                    f"{place}: too many images. At most {MOST_IMAGES} are allowed."
                )
            yield piece(text_of(block), block.cache_control, _image_tokens(sizes, model))


def _definition(tool: Tool) -> str:
    if not tool.custom:
        return ""
    return f"{tool.name}\n{tool.description or ''}\n{_json(tool.input_schema)}"


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def text_of(block: Block) -> str:
    """The text of a block, as the model reads it; thinking of earlier turns is not read again."""
    match block:
        case TextBlock():
            return block.text
        case ToolUseBlock():
            return f"{block.name}{_json(block.input)}"
        case ToolResultBlock():
            return result_text(block)
        case DocumentBlock():
            source = block.source
            body = source.data if isinstance(source, TextSource) else ""
            return "\n".join(part for part in (block.title, block.context, body) if part)
        case ImageBlock() | ThinkingBlock() | RedactedThinkingBlock():
            return ""


def result_text(block: ToolResultBlock) -> str:
    if isinstance(block.content, str):
        return block.content
    return "\n".join(text for part in block.content or () if (text := text_of(part)))


def _images(block: Block) -> Sequence[ImageBlock]:
    if isinstance(block, ImageBlock):
        return (block,)
    if isinstance(block, ToolResultBlock) and isinstance(block.content, list):
        return [part for part in block.content if isinstance(part, ImageBlock)]
    return ()


def _size(block: ImageBlock, place: str) -> tuple[int, int]:
    """Width and height; an image elsewhere is not fetched but taken for one of the default size."""
    source = block.source
    if not isinstance(source, Base64Image):
        return DEFAULT_IMAGE_SIZE
    try:
        content = base64.b64decode(source.data, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidRequest(f"{place}.image.source.base64: invalid base64 data") from None
    size = image_size(content)
    if size is None:
        raise InvalidRequest("Could not process image")
    return size


def _image_tokens(sizes: Sequence[tuple[int, int]], model: Model) -> int:
    rule = model.image_tokens
    if rule is None:
        return 0
    return sum(image_tokens(width, height, "high", rule) for width, height in sizes)
