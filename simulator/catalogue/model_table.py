"""The facts of a model, and the tables of models: OpenAI's in `models.json`, others in `other_models.json`.

The files say where each fact is from, and when it was read; docs/models.md is made from them.
"""

import functools
import math
import re
import zlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Literal

import msgspec

from simulator.catalogue.capability_table import Capabilities, capabilities_by_name
from simulator.tokens.chat_images import (
    ImageTokens,
    PatchImageTokens,
    PixelImageTokens,
    TileImageTokens,
)
from simulator.tokens.prompt_format import GPT_4O, GPT_5, GPT_54, O_SERIES, PromptFormat
from simulator.tokens.tokenizer import PromptOverhead
from simulator.tokens.xai_format import XAI

Capability = Literal[
    "chatCompletion",
    "completion",
    "embeddings",
    "responses",
    "imageGenerations",
    "audioTranscriptions",
    "audioTranslations",
    "audioSpeech",
    "messages",
]

_OVERHEAD = PromptOverhead()
_SHARED_PTUS, _SHARED_PTUS_OF_OTHERS = (15, 5), (100, 100)
_INFERENCE_OFFERED = timedelta(days=548)


class Remembering:
    """A base for dataclasses with slots, from which Python reads faster than members that have a default:
    it has the room for what `functools.cached_property` works out once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model(Remembering):
    """One version of a model, with every fact that differs between models."""

    name: str
    version: str
    capabilities: frozenset[Capability]
    maker: str = "OpenAI"
    encoding: str = "o200k_base"
    """The name of a rank file, or of an estimate."""
    context_window: int = 0
    """Tokens of input and output together; 0 where tokens are not what limits a request."""
    max_output: int = 0
    max_input: int | None = None
    provisioned_context_window: int | None = None
    """The smaller window that a provisioned deployment of it has."""
    reasoning: bool = False
    temperature_rule: Literal["free", "default-only", "unsupported"] = "free"
    """Sampling parameters are taken, taken at their default only, or refused by name."""
    system_fingerprint: str | None = None
    """The recorded one, or one that looks like it; None for the gpt-5 family, whose recordings show null."""
    prompt_overhead: PromptOverhead = _OVERHEAD
    """With the role's one token, one user message is 7 more than its text (6 in the gpt-5 family:
    recorded)."""
    prompt_format: PromptFormat = GPT_4O
    """The tokens of tools, calls and schemas in its prompts."""
    image_tokens: ImageTokens | None = None
    embedding_size: int | None = None
    resizable: bool = False
    """A request may have `dimensions` below `embedding_size`."""
    requests_per_1000_tpm: float = 6.0
    fixed_rpm: int | None = None
    input_tpm_per_ptu: int | None = None
    output_ratio: int | None = None
    """The input tokens that one output token counts for on a provisioned deployment."""
    regional_ptus: tuple[int, int] | None = None
    """The minimum and the step of PTUs with the regional sku; None if there is no such deployment."""
    lifecycle: Literal["generally-available", "preview"] = "generally-available"
    released: str = ""
    """The ISO date of a version that is not itself a date."""
    retires: date | None = None
    """The day from which the real service does not serve it, if Microsoft has published one."""
    shown_as: str = ""
    """The name in answers, where it follows from neither name nor version."""
    routes_to: tuple[str, ...] = ()
    """The names of the models that a router chooses among; empty if it is none."""

    @functools.cached_property
    def taken(self) -> Capabilities:
        """The parameters and values that it takes in a request."""
        return capabilities_by_name(self.name, self.version, self.temperature_rule, self.reasoning)

    @functools.cached_property
    def replica(self) -> str | None:
        """The replica that answers of chat name; None for models that came before answers did so (gpt-6-luna
        and gpt-6.1-sol, 2026-10)."""
        if self.maker != "OpenAI" or self.version < "2026-09" or self.version[:2] != "20":
            return None
        mark = zlib.crc32(f"{self.name}-{self.version}".encode())
        day = self.version.replace("-", "")
        return f"d{day}{mark % 240_000:06}-{mark:08x}-prefill-r{mark % 16}-dp0-prefill"

    @functools.cached_property
    def unversioned(self) -> bool:
        """True for models that Foundry serves by an API without versions (reported for gpt-oss, Grok, Llama
        and DeepSeek, 2026-04 on)."""
        return self.maker != "OpenAI" or self.name.startswith("gpt-oss")

    @functools.cached_property
    def maker_shape(self) -> bool:
        """True for models whose chat answers Foundry passes on in a shape of their own (recorded for grok and
        DeepSeek 2026-06 to 2026-08, published for gpt-oss 2026-09)."""
        return self.unversioned and self.maker != "Anthropic"

    @functools.cached_property
    def wire_name(self) -> str:
        """The name in answers: dated versions are part of it, others not (recorded: gpt-35-turbo,
        text-embedding-3-large)."""
        return self.shown_as or _wire_name(self.name, self.version)

    @property
    def shared_ptus(self) -> tuple[int, int]:
        """The minimum and the step of PTUs with the skus that are not regional."""
        return _SHARED_PTUS if self.maker == "OpenAI" else _SHARED_PTUS_OF_OTHERS

    @property
    def created(self) -> int:
        """The release as seconds since 1970, midnight UTC."""
        return int(self._released_at().timestamp())

    @property
    def inference_ends(self) -> int:
        """Seconds since 1970: Microsoft's lifecycle policy gives a model twelve months, and those
        who use it six more. The real date is set for each model, and is not in this table.
        """
        return int((self._released_at() + _INFERENCE_OFFERED).timestamp())

    def retired(self, now: float) -> bool:
        """True once the real service does not serve it; `now` is in seconds since 1970."""
        return now >= self._retires_at

    @functools.cached_property
    def _retires_at(self) -> float:
        return math.inf if self.retires is None else _midnight(self.retires)

    def _released_at(self) -> datetime:
        return datetime.fromisoformat(self.released or self.version[-10:]).replace(tzinfo=UTC)

    def requests_per_minute(self, tokens_per_minute: int | None) -> int | None:
        """The requests that a deployment of `tokens_per_minute` is given; None is no limit."""
        if self.fixed_rpm is not None or tokens_per_minute is None:
            return self.fixed_rpm
        return max(1, round(tokens_per_minute * self.requests_per_1000_tpm / 1000))


@functools.cache
def _wire_name(name: str, version: str) -> str:
    """Return the name in answers; cached, since every answer names its model twice."""
    return f"{name}-{version}" if re.search(r"\d{4}-\d\d-\d\d$", version) else name


def _midnight(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """A version of a model as the file has it; `assumed` names fields that no source confirms."""

    name: str
    version: str
    operations: frozenset[Capability]
    maker: str = "OpenAI"
    released: str = ""
    preview: bool = False
    retires: date | None = None
    encoding: str = "o200k_base"
    context_window: int = 0
    max_output: int = 0
    max_input: int | None = None
    provisioned_context_window: int | None = None
    reasoning: bool = False
    sampling: Literal["free", "default-only", "unsupported"] = "free"
    prompt_format: Literal["gpt-4o", "o", "gpt-5", "gpt-5.4", "xai"] = "gpt-4o"
    priming_tokens: int = _OVERHEAD.priming
    tokens_per_message: int = _OVERHEAD.per_message
    tokens_per_name: int = _OVERHEAD.per_name
    image_tiles: tuple[int, int] | None = None
    image_patches: float | None = None
    image_marks: int = 0
    image_pixels: int | None = None
    embedding_size: int | None = None
    resizable: bool = False
    requests_per_1000_tokens: float = msgspec.field(default=6.0, name="requestsPer1000Tokens")
    requests_per_minute: int | None = None
    input_tokens_per_ptu: int | None = None
    output_ratio: int | None = None
    regional_ptus: tuple[int, int] | None = None
    system_fingerprint: str | None = None
    shown_as: str = ""
    routes_to: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    date: date
    sources: tuple[str, ...]
    models: tuple[_Row, ...]


_FORMATS = {"gpt-4o": GPT_4O, "o": O_SERIES, "gpt-5": GPT_5, "gpt-5.4": GPT_54, "xai": XAI}


def _prompt_overhead(row: _Row) -> PromptOverhead:
    return PromptOverhead(row.priming_tokens, row.tokens_per_message, row.tokens_per_name)


def _image_tokens(row: _Row) -> ImageTokens | None:
    if row.image_tiles is not None:
        return TileImageTokens(*row.image_tiles)
    if row.image_pixels is not None:
        return PixelImageTokens(row.image_pixels)
    if row.image_patches is None:
        return None
    return PatchImageTokens(row.image_patches, row.image_marks)


def _fingerprint(row: _Row) -> str | None:
    """Return a fingerprint for a model of which none was recorded; before gpt-5 none was ever null
    (recorded 2024-12 to 2025-03)."""
    if row.maker != "OpenAI" or re.match(r"gpt-([5-9]|chat)|model-router", row.name):
        return None
    return f"fp_{zlib.crc32(row.name.encode()):08x}{zlib.crc32(row.version.encode()) & 255:02x}"


def _model(row: _Row) -> Model:
    return Model(
        name=row.name,
        version=row.version,
        maker=row.maker,
        capabilities=row.operations,
        encoding=row.encoding,
        context_window=row.context_window,
        max_output=row.max_output,
        max_input=row.max_input,
        provisioned_context_window=row.provisioned_context_window,
        reasoning=row.reasoning,
        temperature_rule=row.sampling,
        prompt_overhead=_prompt_overhead(row),
        prompt_format=_FORMATS[row.prompt_format],
        image_tokens=_image_tokens(row),
        embedding_size=row.embedding_size,
        resizable=row.resizable,
        requests_per_1000_tpm=row.requests_per_1000_tokens,
        fixed_rpm=row.requests_per_minute,
        input_tpm_per_ptu=row.input_tokens_per_ptu,
        output_ratio=row.output_ratio,
        regional_ptus=row.regional_ptus,
        lifecycle="preview" if row.preview else "generally-available",
        released=row.released,
        retires=row.retires,
        shown_as=row.shown_as,
        system_fingerprint=row.system_fingerprint or _fingerprint(row),
        routes_to=row.routes_to,
    )


def _read(name: str) -> _File:
    return msgspec.json.decode(Path(__file__).with_name(name).read_bytes(), type=_File)


CATALOGUE = _read("models.json")
"""The file; of several versions of a name, the first is its default."""

OTHERS = _read("other_models.json")
"""The file of the models that other makers have on Azure."""

MODELS: tuple[Model, ...] = tuple(map(_model, CATALOGUE.models))
OTHER_MODELS: tuple[Model, ...] = tuple(map(_model, OTHERS.models))
