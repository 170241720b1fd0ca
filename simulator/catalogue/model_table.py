"""The table of Azure OpenAI models: what a model is, and one row for each version.

Versions, context windows and output limits are Microsoft's documentation (models page, 2026-06, and
2024-10 for the retired ones), request ratios its quota page (tier 1, 2026-08), provisioned throughput
its onboarding page (2026-03), encodings tiktoken's table, image rules OpenAI's vision guide.
"""

import functools
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from simulator.tokens.chat_images import ImageTokens, PatchImageTokens, TileImageTokens
from simulator.tokens.prompt_format import GPT_4O, GPT_5, O_SERIES, PromptFormat

Capability = Literal[
    "chatCompletion",
    "completion",
    "embeddings",
    "responses",
    "imageGenerations",
    "audioTranscriptions",
    "audioTranslations",
    "audioSpeech",
]

_INFERENCE_OFFERED = timedelta(days=548)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One version of a model, with every fact that differs between models."""

    name: str
    version: str
    capabilities: frozenset[Capability]
    encoding: str = "o200k_base"
    context_window: int = 0
    """Tokens of input and output together; 0 where tokens are not what limits a request."""
    max_output: int = 0
    max_input: int | None = None
    provisioned_context_window: int | None = None
    """The smaller window that a provisioned deployment of it has."""
    reasoning: bool = False
    temperature_rule: Literal["free", "default-only", "unsupported"] = "free"
    """Whether sampling parameters are taken, taken at their default only, or refused by name."""
    system_fingerprint: str | None = None
    """As recorded; None where a recording shows null, and where there is none."""
    priming_tokens: int = 3
    """Tokens of a prompt beside its messages; with the role's one and `tokens_per_message`, one user
    message is 7 more than its text (6 in the gpt-5 family: recorded)."""
    tokens_per_message: int = 3
    tokens_per_name: int = 1
    prompt_format: PromptFormat = GPT_4O
    """What tools, calls and schemas cost in its prompts."""
    image_tokens: ImageTokens | None = None
    embedding_size: int | None = None
    resizable: bool = False
    """Whether `dimensions` below `embedding_size` may be asked for."""
    requests_per_1000_tpm: float = 6.0
    fixed_rpm: int | None = None
    input_tpm_per_ptu: int | None = None
    output_ratio: int | None = None
    """How many input tokens one output token counts for on a provisioned deployment."""
    regional_ptus: tuple[int, int] | None = None
    """The minimum and the step of PTUs with the regional sku; 15 and 5 with the others."""
    lifecycle: Literal["generally-available", "preview"] = "generally-available"
    released: str = ""
    """The ISO date of a version that is not itself a date."""

    @property
    def wire_name(self) -> str:
        """The name in answers: dated versions are part of it, others not (recorded: gpt-35-turbo,
        text-embedding-3-large)."""
        return _wire_name(self.name, self.version)

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


def _only(*capabilities: Capability) -> frozenset[Capability]:
    return frozenset(capabilities)


_TILE = TileImageTokens(85, 170)
_TILE_O = TileImageTokens(75, 150)
_TILE_5 = TileImageTokens(70, 140)
_PATCH_MINI = PatchImageTokens(1.62)
_PATCH_NANO = PatchImageTokens(2.46)
_PATCH_O4 = PatchImageTokens(1.72)

_CHAT = _only("chatCompletion")
_BOTH = _only("chatCompletion", "responses")
_RESPONSES = _only("responses")

# What the rows below start from. An empty name and version: each row gives its own.
_TEXT = Model(name="", version="", capabilities=_only("completion"), encoding="cl100k_base")
_GPT_35 = replace(
    _TEXT,
    capabilities=_only("chatCompletion", "completion"),
    context_window=16_385,
    max_output=4_096,
)
_GPT_4 = replace(_TEXT, capabilities=_CHAT, context_window=8_192, max_output=8_192)
_GPT_4_TURBO = replace(_GPT_4, context_window=128_000, max_output=4_096)
_GPT_4O = Model(
    name="",
    version="",
    capabilities=_BOTH,
    context_window=128_000,
    max_output=16_384,
    image_tokens=_TILE,
    input_tpm_per_ptu=2_500,
    output_ratio=4,
    regional_ptus=(50, 50),
)
_GPT_41 = replace(
    _GPT_4O,
    version="2025-04-14",
    context_window=1_047_576,
    max_output=32_768,
    provisioned_context_window=128_000,
    requests_per_1000_tpm=1.0,
    input_tpm_per_ptu=3_000,
)
_O = Model(
    name="",
    version="",
    capabilities=_BOTH,
    context_window=200_000,
    max_output=100_000,
    reasoning=True,
    temperature_rule="default-only",
    image_tokens=_TILE_O,
    priming_tokens=2,
    prompt_format=O_SERIES,
    requests_per_1000_tpm=1.0,
)
_O1_EARLY = replace(
    _O, version="2024-09-12", capabilities=_CHAT, image_tokens=None, priming_tokens=3
)
_GPT_5 = replace(
    _O,
    context_window=400_000,
    max_output=128_000,
    max_input=272_000,
    prompt_format=GPT_5,
    image_tokens=_TILE_5,
    requests_per_1000_tpm=10.0,
    input_tpm_per_ptu=4_750,
    output_ratio=8,
    regional_ptus=(50, 50),
)
_GPT_5_UNPROVISIONED = replace(
    _GPT_5, input_tpm_per_ptu=None, output_ratio=None, regional_ptus=None
)
_GPT_5_SMALL = replace(_GPT_5_UNPROVISIONED, requests_per_1000_tpm=1.0)
_GPT_5_CHAT = replace(
    _GPT_5_UNPROVISIONED,
    context_window=128_000,
    max_output=16_384,
    max_input=111_616,
    lifecycle="preview",
)
_GPT_5_CHAT_PLAIN = replace(
    _GPT_5_CHAT,
    max_input=None,
    reasoning=False,
    temperature_rule="free",
    requests_per_1000_tpm=1.0,
)
_GPT_52 = replace(_GPT_5, input_tpm_per_ptu=3_400)
_GPT_54 = replace(_GPT_5, version="2026-03-05", context_window=1_050_000, max_input=922_000)
_CODEX_51 = replace(_GPT_5, version="2025-11-13", capabilities=_RESPONSES)
_EMBEDDING = replace(
    _TEXT, capabilities=_only("embeddings"), context_window=8_192, embedding_size=1_536
)
_IMAGE = Model(name="", version="", capabilities=_only("imageGenerations"))
_WHISPER = _only("audioTranscriptions", "audioTranslations")
_TRANSCRIBE = Model(
    name="", version="", capabilities=_only("audioTranscriptions"), lifecycle="preview"
)
_SPEECH = Model(name="", version="", capabilities=_only("audioSpeech"), lifecycle="preview")

# Of several versions of a name, the first is its default.
# fmt: off
MODELS: tuple[Model, ...] = (
    replace(_GPT_35, name="gpt-35-turbo", version="0125", released="2024-01-25"),
    replace(_GPT_35, name="gpt-35-turbo", version="1106", released="2023-11-06"),
    replace(_GPT_35, name="gpt-35-turbo", version="0613", released="2023-06-13", context_window=4_096),
    replace(_GPT_35, name="gpt-35-turbo", version="0301", released="2023-03-01", context_window=4_096, tokens_per_message=4, tokens_per_name=-1),
    replace(_GPT_35, name="gpt-35-turbo-16k", version="0613", released="2023-06-13", capabilities=_CHAT, context_window=16_384, max_output=16_384),
    replace(_TEXT, name="gpt-35-turbo-instruct", version="0914", released="2023-09-14", context_window=4_097, max_output=4_097),
    replace(_TEXT, name="davinci-002", version="1", released="2023-08-22", context_window=16_384, max_output=16_384),
    replace(_TEXT, name="babbage-002", version="1", released="2023-08-22", context_window=16_384, max_output=16_384),
    replace(_GPT_4_TURBO, name="gpt-4", version="turbo-2024-04-09", image_tokens=_TILE),
    replace(_GPT_4_TURBO, name="gpt-4", version="0125-Preview", released="2024-01-25", lifecycle="preview"),
    replace(_GPT_4_TURBO, name="gpt-4", version="1106-Preview", released="2023-11-06", lifecycle="preview"),
    replace(_GPT_4_TURBO, name="gpt-4", version="vision-preview", released="2023-11-06", lifecycle="preview", image_tokens=_TILE),
    replace(_GPT_4, name="gpt-4", version="0613", released="2023-06-13"),
    replace(_GPT_4, name="gpt-4", version="0314", released="2023-03-14"),
    replace(_GPT_4, name="gpt-4-32k", version="0613", released="2023-06-13", context_window=32_768, max_output=32_768),
    replace(_GPT_4, name="gpt-4-32k", version="0314", released="2023-03-14", context_window=32_768, max_output=32_768),
    replace(_GPT_4O, name="gpt-4o", version="2024-11-20", system_fingerprint="fp_ded0d14823"),
    replace(_GPT_4O, name="gpt-4o", version="2024-08-06"),
    replace(_GPT_4O, name="gpt-4o", version="2024-05-13", max_output=4_096),
    replace(_GPT_4O, name="gpt-4o-mini", version="2024-07-18", image_tokens=TileImageTokens(2833, 5667), requests_per_1000_tpm=10.0, input_tpm_per_ptu=37_000, regional_ptus=(25, 25), system_fingerprint="fp_efad92c60b"),
    replace(_GPT_41, name="gpt-4.1"),
    replace(_GPT_41, name="gpt-4.1-mini", image_tokens=_PATCH_MINI, input_tpm_per_ptu=14_900, regional_ptus=(25, 25), system_fingerprint="fp_b6f445fc1c"),
    replace(_GPT_41, name="gpt-4.1-nano", image_tokens=_PATCH_NANO, input_tpm_per_ptu=59_400, regional_ptus=(25, 25)),
    replace(_GPT_4O, name="gpt-4.5-preview", version="2025-02-27", capabilities=_CHAT, lifecycle="preview", requests_per_1000_tpm=1.0, input_tpm_per_ptu=None, output_ratio=None, regional_ptus=None),
    replace(_O1_EARLY, name="o1-preview", context_window=128_000, max_output=32_768, requests_per_1000_tpm=1 / 6, lifecycle="preview", system_fingerprint="fp_503a95a7d8"),
    replace(_O1_EARLY, name="o1-mini", context_window=128_000, max_output=65_536, requests_per_1000_tpm=0.1),
    replace(_O, name="o1", version="2024-12-17", temperature_rule="unsupported", requests_per_1000_tpm=1 / 6, input_tpm_per_ptu=230, output_ratio=4, regional_ptus=(25, 50)),
    replace(_O, name="o3-mini", version="2025-01-31", temperature_rule="unsupported", image_tokens=None, requests_per_1000_tpm=0.1, input_tpm_per_ptu=2_500, output_ratio=4, regional_ptus=(25, 25)),
    replace(_O, name="o3", version="2025-04-16", input_tpm_per_ptu=3_000, output_ratio=4, regional_ptus=(50, 50)),
    replace(_O, name="o3-pro", version="2025-06-10", capabilities=_RESPONSES, requests_per_1000_tpm=0.1),
    replace(_O, name="o4-mini", version="2025-04-16", priming_tokens=3, image_tokens=_PATCH_O4, input_tpm_per_ptu=5_400, output_ratio=4, regional_ptus=(25, 25)),
    replace(_O, name="codex-mini", version="2025-05-16", capabilities=_RESPONSES, image_tokens=_PATCH_O4),
    replace(_GPT_5, name="gpt-5", version="2025-08-07"),
    replace(_GPT_5, name="gpt-5-mini", version="2025-08-07", image_tokens=_PATCH_MINI, requests_per_1000_tpm=1.0, input_tpm_per_ptu=23_750, regional_ptus=(25, 25)),
    replace(_GPT_5_SMALL, name="gpt-5-nano", version="2025-08-07", image_tokens=_PATCH_NANO),
    replace(_GPT_5_CHAT_PLAIN, name="gpt-5-chat", version="2025-10-03"),
    replace(_GPT_5_CHAT_PLAIN, name="gpt-5-chat", version="2025-08-07"),
    replace(_GPT_5_UNPROVISIONED, name="gpt-5-pro", version="2025-10-06", capabilities=_RESPONSES),
    replace(_GPT_5_SMALL, name="gpt-5-codex", version="2025-09-11", capabilities=_RESPONSES),
    replace(_GPT_5, name="gpt-5.1", version="2025-11-13"),
    replace(_GPT_5_CHAT, name="gpt-5.1-chat", version="2025-11-13"),
    replace(_CODEX_51, name="gpt-5.1-codex", requests_per_1000_tpm=1.0),
    replace(_GPT_5_SMALL, name="gpt-5.1-codex-mini", version="2025-11-13", capabilities=_RESPONSES, image_tokens=_PATCH_MINI),
    replace(_GPT_5_UNPROVISIONED, name="gpt-5.1-codex-max", version="2025-12-04", capabilities=_RESPONSES),
    replace(_GPT_52, name="gpt-5.2", version="2025-12-11"),
    replace(_GPT_5_CHAT, name="gpt-5.2-chat", version="2026-02-10"),
    replace(_GPT_5_CHAT, name="gpt-5.2-chat", version="2025-12-11"),
    replace(_GPT_52, name="gpt-5.2-codex", version="2026-01-14", capabilities=_RESPONSES),
    replace(_GPT_5_CHAT, name="gpt-5.3-chat", version="2026-03-03", requests_per_1000_tpm=1.0),
    replace(_GPT_52, name="gpt-5.3-codex", version="2026-02-24", capabilities=_RESPONSES),
    replace(_GPT_54, name="gpt-5.4", input_tpm_per_ptu=2_400, output_ratio=6, provisioned_context_window=128_000),
    replace(_GPT_5_SMALL, name="gpt-5.4-mini", version="2026-03-17"),
    replace(_GPT_5_SMALL, name="gpt-5.4-nano", version="2026-03-17"),
    replace(_GPT_5_SMALL, name="gpt-5.4-pro", version="2026-03-05", capabilities=_RESPONSES, context_window=1_050_000, max_input=922_000),
    replace(_GPT_5_SMALL, name="gpt-5.5", version="2026-04-24", context_window=1_050_000, max_input=922_000),
    Model(name="gpt-oss-120b", version="1", released="2025-08-05", capabilities=_CHAT, encoding="o200k_harmony", context_window=131_072, max_output=131_072, reasoning=True, requests_per_1000_tpm=1.0, lifecycle="preview"),
    replace(_EMBEDDING, name="text-embedding-ada-002", version="2", released="2023-04-03"),
    replace(_EMBEDDING, name="text-embedding-ada-002", version="1", released="2022-12-15", context_window=2_046),
    replace(_EMBEDDING, name="text-embedding-3-small", version="1", released="2024-01-25", resizable=True),
    replace(_EMBEDDING, name="text-embedding-3-large", version="1", released="2024-01-25", embedding_size=3_072, resizable=True),
    # Azure never had these three; the predecessor's example deployment file names them.
    replace(_EMBEDDING, name="text-embedding-3-medium", version="1", released="2024-01-25", resizable=True),
    replace(_EMBEDDING, name="text-embedding-3-xlarge", version="1", released="2024-01-25", embedding_size=3_072, resizable=True),
    replace(_EMBEDDING, name="text-embedding-ada-001", version="1", released="2022-12-15", embedding_size=768),
    Model(name="whisper", version="001", released="2023-09-15", capabilities=_WHISPER, fixed_rpm=3),
    replace(_TRANSCRIBE, name="gpt-4o-transcribe", version="2025-03-20"),
    replace(_TRANSCRIBE, name="gpt-4o-mini-transcribe", version="2025-12-15"),
    replace(_TRANSCRIBE, name="gpt-4o-mini-transcribe", version="2025-03-20"),
    replace(_TRANSCRIBE, name="gpt-4o-transcribe-diarize", version="2025-10-15"),
    replace(_SPEECH, name="tts", version="001", released="2023-11-06"),
    replace(_SPEECH, name="tts-hd", version="001", released="2023-11-06"),
    replace(_SPEECH, name="gpt-4o-mini-tts", version="2025-12-15", lifecycle="generally-available"),
    replace(_SPEECH, name="gpt-4o-mini-tts", version="2025-03-20", lifecycle="generally-available"),
    replace(_IMAGE, name="dall-e-3", version="3.0", released="2023-11-06", fixed_rpm=6),
    replace(_IMAGE, name="gpt-image-1", version="2025-04-15", fixed_rpm=9, lifecycle="preview"),
    replace(_IMAGE, name="gpt-image-1-mini", version="2025-10-06", fixed_rpm=12, lifecycle="preview"),
)
# fmt: on
