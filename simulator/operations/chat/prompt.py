"""The prompt of a chat: the texts, images and tokens of its messages."""

import base64
import typing
from collections.abc import Mapping, Sequence

from msgspec import Struct

from simulator.catalogue.models import Model
from simulator.errors import InvalidRequest
from simulator.operations.audio.duration import audio_seconds
from simulator.operations.chat.image_sizes import size_of
from simulator.operations.chat.messages import (
    AssistantMessage,
    AudioPart,
    DeveloperMessage,
    ImagePart,
    Message,
    Part,
    RefusalPart,
    SystemMessage,
    TextPart,
    ToolMessage,
    UserMessage,
)
from simulator.tokens.chat_images import image_tokens
from simulator.tokens.prompt_format import Api, FunctionCall
from simulator.tokens.tokenizer import MessageText, Tokenizer

MAX_IMAGES = 50
_TOKENS_PER_SECOND = 10
_ROLES: Mapping[type, str] = {
    kind: str(kind.__struct_config__.tag) for kind in typing.get_args(Message)
}
# Messages that have no parts but their text, if that is not a list.
_PLAIN = frozenset({UserMessage, SystemMessage, DeveloperMessage, AssistantMessage})


class Prompt(Struct, frozen=True):
    """The texts of a prompt, and what it comes to."""

    texts: Sequence[MessageText]
    tokens: int
    """All of them, `heard` included."""
    heard: int = 0
    """The tokens that are sound, which `tokens` counts, too."""
    images: tuple[int, ...] = ()
    """The places of its images among its parts."""

    @property
    def characters(self) -> int:
        return sum([len(text) for message in self.texts for text in message.texts])


def read_prompt(
    messages: Sequence[Message],
    plain: Sequence[MessageText] | None,
    model: Model,
    tokenizer: Tokenizer,
) -> Prompt:
    """Return the prompt of messages, whose parts are looked at only if they are not all `plain` texts."""
    if plain is not None:
        tokens = tokenizer.count_messages(plain, model.encoding, model.prompt_overhead)
        if said := model.prompt_format.assistant:
            tokens += said * sum([text.role == "assistant" for text in plain])
        return Prompt(plain, tokens)
    heard = heard_tokens(messages)
    tokens = heard + count_prompt(messages, model, tokenizer)
    return Prompt(texts_of(messages), tokens, heard, image_places(messages))


def plain_texts(messages: Sequence[Message]) -> list[MessageText] | None:
    """The texts of messages that are one text each; None if one is anything else, or about tools."""
    texts: list[MessageText] = []
    for message in messages:
        # isinstance takes several times as long, and every request comes by here.
        kind, content = type(message), message.content
        if type(content) is not str or kind not in _PLAIN:
            return None
        if kind is AssistantMessage and not _only_says(message):
            return None
        texts.append(MessageText(_ROLES[kind], (content,), message.name))
    return texts


def _only_says(message: Message) -> bool:
    return isinstance(message, AssistantMessage) and not (
        message.tool_calls or message.function_call or message.refusal
    )


def texts_of(messages: Sequence[Message]) -> list[MessageText]:
    """The text that is in each message, tool calls and refusals included."""
    return [_text_of(message, _called(message)) for message in messages]


def system_text(messages: Sequence[Message]) -> str | None:
    """The text of the first system or developer message."""
    for message in messages:
        if isinstance(message, SystemMessage | DeveloperMessage):
            return "".join(_text_of(message).texts)
    return None


def _text_of(message: Message, called: Sequence[FunctionCall] = ()) -> MessageText:
    role = _ROLES[type(message)]
    if isinstance(message.content, str):
        texts: tuple[str, ...] = (message.content,)
    else:
        texts = tuple([_text_of_part(part) for part in message.content or ()])
    for call in called:
        texts += call
    if isinstance(message, AssistantMessage) and message.refusal:
        texts += (message.refusal,)
    # The result of a tool is known by its call; its name, if a client sends one, costs nothing.
    name = None if isinstance(message, ToolMessage) else getattr(message, "name", None)
    return MessageText(role, texts, name)


def _text_of_part(part: Part) -> str:
    if isinstance(part, TextPart):
        return part.text
    return part.refusal if isinstance(part, RefusalPart) else ""


def _called(message: Message) -> list[FunctionCall]:
    if not isinstance(message, AssistantMessage):
        return []
    functions = [call.function for call in message.tool_calls or ()]
    if message.function_call is not None:
        functions.append(message.function_call)
    return [FunctionCall(function.name, function.arguments) for function in functions]


def count_prompt(
    messages: Sequence[Message], model: Model, tokenizer: Tokenizer, api: Api = "chat"
) -> int:
    """The tokens of the messages: texts, calls, images and what the model's format adds."""
    tokens = _text_tokens([_text_of(message) for message in messages], model, tokenizer)
    tokens += _assistant_tokens(messages, model, tokenizer, api)
    return tokens + _image_tokens(messages, model, api)


def _text_tokens(texts: Sequence[MessageText], model: Model, tokenizer: Tokenizer) -> int:
    return tokenizer.count_messages(texts, model.encoding, model.prompt_overhead)


def _assistant_tokens(
    messages: Sequence[Message], model: Model, tokenizer: Tokenizer, api: Api
) -> int:
    tokens = 0
    for message in messages:
        if called := _called(message):
            tokens += model.prompt_format.calls(
                called, api, lambda text: tokenizer.count(text, model.encoding)
            )
        elif isinstance(message, AssistantMessage):
            tokens += model.prompt_format.assistant
    return tokens


def _image_tokens(messages: Sequence[Message], model: Model, api: Api) -> int:
    images = _images(messages)
    if not images:
        return 0
    if len(images) > MAX_IMAGES:
        raise InvalidRequest(
            f"Too many images in request. Max is {MAX_IMAGES}.", code="invalid_request_error"
        )
    if model.image_tokens is None:
        # Reported by users of models without vision.
        raise InvalidRequest(
            "Invalid content type. image_url is only supported by certain models.",
            param=f"messages.{_place_of_image(messages)}.type",
        )
    tokens = 0
    for image in images:
        width, height = size_of(image.image_url.url, api)
        detail = image.image_url.detail or "auto"
        tokens += image_tokens(width, height, detail, model.image_tokens)
    return tokens


def _place_of_image(messages: Sequence[Message]) -> str:
    return next(
        f"[{index}].content.[{number}]"
        for index, message in enumerate(messages)
        if isinstance(message.content, list)
        for number, part in enumerate(message.content)
        if isinstance(part, ImagePart)
    )


def heard_tokens(messages: Sequence[Message]) -> int:
    """The tokens of the sound in messages of the user: 10 a second (OpenAI's page on the costs of its
    Realtime API; two recorded chats of 2025 agree). What cannot be played counts nothing.
    """
    return sum(
        [
            _heard(part)
            for message in messages
            if isinstance(message, UserMessage) and isinstance(message.content, list)
            for part in message.content
            if isinstance(part, AudioPart)
        ]
    )


def _heard(part: AudioPart) -> int:
    try:
        seconds = audio_seconds(base64.b64decode(part.input_audio.data, validate=True))
    except ValueError:
        return 0
    return int(seconds * _TOKENS_PER_SECOND)


def image_places(messages: Sequence[Message]) -> tuple[int, ...]:
    """The places of the images among the parts of all messages, a plain text counting as one."""
    place = 0
    found: list[int] = []
    for message in messages:
        if isinstance(message.content, str):
            place += 1
            continue
        for part in message.content or ():
            if isinstance(part, ImagePart):
                found.append(place)
            place += 1
    return tuple(found)


def _images(messages: Sequence[Message]) -> list[ImagePart]:
    return [
        part
        for message in messages
        if isinstance(message.content, list)
        for part in message.content
        if isinstance(part, ImagePart)
    ]
