"""Embeddings: `POST …/embeddings`."""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from simulator.concurrency import loaded, off_loop
from simulator.errors import InvalidRequest
from simulator.json_layout import with_many
from simulator.latency import Tempo
from simulator.messages import Answer, Usage
from simulator.operations.base import EMPTY_SUMMARY, Call, Cost, Operation, RequestSummary, Target
from simulator.operations.embeddings.vectors import Vectors, encode_base64, to_floats, vector_of
from simulator.operations.resources import Resources
from simulator.operations.routes import Route, model_routes
from simulator.operations.text_input import BadInput, Input, TextInput, inputs_of
from simulator.synthesis.script import Script
from simulator.wire import ids
from simulator.wire.body import Body
from simulator.wire.inference import is_inference, known_body
from simulator.wire.passed_headers import embedded_by_cohere

if TYPE_CHECKING:
    from simulator.operations.embeddings.vectors import Vector

logger = logging.getLogger(__name__)

MAX_INPUTS = 2048


class EmbeddingParameters(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """OpenAPI document 2024-10-21, and what later ones add."""

    input: TextInput
    model: str | None = None
    encoding_format: Literal["float", "base64"] | None = None
    dimensions: Annotated[int, Meta(ge=1)] | None = None
    input_type: str | None = None
    user: str | None = None


class InferenceParameters(EmbeddingParameters, frozen=True, kw_only=True):
    """The parameters below `/models`, where `input_type` is one of three (azure-ai-inference)."""

    input_type: Literal["text", "query", "document"] | None = None


_BODY, _INFERENCE_BODY = Body(EmbeddingParameters), Body(InferenceParameters)
_INFERENCE_MEMBERS = frozenset({"dimensions", "encoding_format", "input", "input_type", "model"})
"""The parameters that Azure AI Inference has."""


@dataclass(frozen=True, slots=True)
class Embedding:
    """An embeddings request that has passed all checks."""

    inputs: Sequence[Input]
    size: int
    base64: bool

    @property
    def tokens(self) -> int:
        return sum(item.tokens for item in self.inputs)


class Embeddings(Operation[Embedding]):
    name = "embeddings"
    routes = (*model_routes("embeddings"), Route("POST", "models/embeddings"))
    capability = "embeddings"
    scripted = frozenset(("embedding",))
    limit_name = "Embeddings_Create"
    filter_shape = "embeddings"

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        self._vectors = Vectors()

    def parse(self, target: Target) -> Embedding:
        body = _INFERENCE_BODY if is_inference(target.request) else _BODY
        parameters = body.decode(
            known_body(target.request, _INFERENCE_MEMBERS, self._passed(target))
        )
        model, native = target.model, target.embedding_size
        if parameters.dimensions is not None and not model.resizable:
            raise InvalidRequest("This model does not support specifying dimensions.")
        size = parameters.dimensions or native
        if size > native:
            raise InvalidRequest(
                f"Invalid value for 'dimensions' = {size}. Must be less than or equal to {native}.",
                param="dimensions",
            )
        try:
            inputs = inputs_of(parameters.input, model.encoding, self._resources.tokenizer)
        except BadInput:
            raise _invalid_input() from None
        _check(inputs, target.context_window, single=_is_single(parameters.input))
        return Embedding(inputs, size, base64=parameters.encoding_format == "base64")

    @staticmethod
    def _passed(target: Target) -> Collection[str] | None:
        others = target.model.maker != "OpenAI"
        return EmbeddingParameters.__struct_fields__ if others else None

    def cost(self, call: Call[Embedding]) -> Cost | None:
        embedding = call.parameters
        if embedding is None:
            return None
        # The limits count a token for every four characters, rounded up for each input.
        characters = sum(-(-len(item.text) // 4) * 4 for item in embedding.inputs)
        return Cost(characters, embedding.tokens, max_tokens=0)

    async def summary(self, call: Call[Embedding]) -> RequestSummary:
        if call.parameters is None:
            return EMPTY_SUMMARY
        texts = tuple(item.text for item in call.parameters.inputs)
        return RequestSummary(texts[-1], texts)

    async def generate(self, call: Call[Embedding], tempo: Tempo) -> Answer:
        embedding = call.parsed
        await loaded("numpy")
        # A vector takes about as long as parsing a few KB, whatever its text.
        size = len(call.request.body) + 4096 * len(embedding.inputs)
        body = await off_loop(size, lambda: self._body(call))
        answer = Answer.plain(body, usage=Usage(prompt=embedding.tokens), due=tempo.at(1))
        if embedded_by_cohere(call.model):
            return answer.with_headers(_cohere_counts(embedding))
        return answer

    def _body(self, call: Call[Embedding]) -> bytes:
        if embedded_by_cohere(call.model):
            return self._cohere_body(call)
        embedding, model, script = call.parsed, call.model.wire_name, call.script
        encode = encode_base64 if embedding.base64 else to_floats
        data = (
            {
                "object": "embedding",
                "index": index,
                "embedding": encode(self._vector(item.text, embedding.size, script)),
            }
            for index, item in enumerate(embedding.inputs)
        )
        head: dict[str, object] = {"object": "list"}
        if is_inference(call.request):
            head = {"id": ids.request(self._resources.rng), **head}
        usage = {"prompt_tokens": embedding.tokens, "total_tokens": embedding.tokens}
        return with_many(head, "data", data, {"model": model, "usage": usage}) + b"\n"

    def _cohere_body(self, call: Call[Embedding]) -> bytes:
        """The answer of a model of Cohere, compact (recorded 2026-08)."""
        embedding, script = call.parsed, call.script
        encode = encode_base64 if embedding.base64 else to_floats
        tokens = embedding.tokens
        usage = {"prompt_tokens": tokens, "completion_tokens": 0, "total_tokens": tokens}
        # One by one, so that a long list holds up no other thread.
        data = (
            msgspec.json.encode(
                {
                    "index": index,
                    "object": "embedding",
                    "embedding": encode(self._vector(item.text, embedding.size, script)),
                }
            )
            for index, item in enumerate(embedding.inputs)
        )
        head = msgspec.json.encode({"id": ids.request(self._resources.rng), "object": "list"})
        tail = msgspec.json.encode({"model": call.model.wire_name, "usage": usage})
        return head[:-1] + b',"data":[' + b",".join(data) + b"]," + tail[1:]

    def _vector(self, text: str, size: int, script: Script | None) -> "Vector":
        if script is None:
            return self._vectors.embed(text, size)
        if script.vector is None:
            return self._vectors.embed(script.like, size)
        if len(script.vector) != size:
            logger.warning("a vector is answered whose size is not the one that its request wants")
        return vector_of(script.vector)


def _cohere_counts(embedding: Embedding) -> dict[str, str]:
    tokens = str(embedding.tokens)
    return {
        "num-chars": str(sum(len(item.text) for item in embedding.inputs)),
        "num-tokens": tokens,
        "prompt-token-len": tokens,
        "sampling-token-len": "0",
    }


def _is_single(asked: TextInput) -> bool:
    """Return True for one text or one list of tokens."""
    return isinstance(asked, str) or isinstance(asked[0], int)


def _check(inputs: Sequence[Input], window: int, *, single: bool) -> None:
    if len(inputs) > MAX_INPUTS:
        # Reported by users; the two blanks are the real service's own.
        raise InvalidRequest(
            f"Too many inputs. The max number of inputs is {MAX_INPUTS}.  We hope to increase the "
            "number of inputs per request soon. Please contact us through an Azure support request "
            "at: https://go.microsoft.com/fwlink/?linkid=2213926 for further questions."
        )
    for index, item in enumerate(inputs):
        if not item.tokens:
            raise _invalid_input()
        if item.tokens > window:
            # The words of 2026: a list's reported of Azure (2026-05), a text's of OpenAI (2026-08).
            place = "input" if single else f"input[{index}]"
            length = "context" if single else "input"
            raise InvalidRequest(f"Invalid '{place}': maximum {length} length is {window} tokens.")


def _invalid_input() -> InvalidRequest:
    return InvalidRequest(
        "'$.input' is invalid. Please check the API reference: "
        "https://platform.openai.com/docs/api-reference."
    )
