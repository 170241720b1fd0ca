"""The settings: each is declared here, and read from the environment that is handed in."""

import dataclasses
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from simulator.configuration.setting_fields import (
    Setting,
    SettingError,
    address,
    check_resolved,
    choice,
    flag,
    guid,
    listed,
    networks,
    number,
    origins,
    schedule,
    setting,
    text,
    whole,
)
from simulator.limits.estimate import EstimateRule
from simulator.limits.outage import FailurePolicy
from simulator.limits.refusal import BodyStyle
from simulator.recordings.fingerprint import Matching
from simulator.recordings.recorded_errors import RecordedErrors
from simulator.storage.connection import HOST, OWN, StorageConnection, find_connection
from simulator.synthesis.answer_shape import AnswerLength, AnswerStyle

__all__ = ["LogFormat", "ModeName", "SettingError", "Settings"]

ModeName = Literal["generate", "record", "replay"]
MissPolicy = Literal["error", "generate", "forward"]
_STORAGE = (OWN.lower(), HOST.lower())
_UNDEFINED = "ALLOW_UNDEFINED_OPENAI_DEPLOYMENTS"
ScenarioStart = Literal["auto", "manual"]
SchemaRules = Literal["current", "documented"]
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]
LogFormat = Literal["auto", "text", "json"]


def without_api_path(endpoint: str) -> str:
    """Return the endpoint of a resource if the base URL of its v1 routes is given, as clients have it."""
    for path in ("/openai/v1", "/openai"):
        shorter = endpoint.rstrip("/").removesuffix(path)
        if shorter != endpoint.rstrip("/"):
            return shorter
    return endpoint


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, with their defaults. `docs/configuration.md` says what each one means."""

    mode: ModeName = choice("SIMULATOR_MODE", of=ModeName, default="generate")
    api_key: str = text("SIMULATOR_API_KEY", secret=True)
    keys_path: str = text("KEYS_PATH", allowed="a path to a JSON file, or blob: and a name")
    entra_tenant: str = guid("SIMULATOR_ENTRA_TENANT_ID")
    entra_audience: tuple[str, ...] = listed(
        "SIMULATOR_ENTRA_AUDIENCE",
        default=("https://cognitiveservices.azure.com", "https://ai.azure.com"),
    )
    entra_authority: str = address(
        "SIMULATOR_ENTRA_AUTHORITY",
        schemes=("https", "http"),
        default="https://login.microsoftonline.com",
    )
    cors_origins: tuple[str, ...] = origins("CORS_ORIGINS")
    region: str = text("SIMULATOR_REGION", default="East US 2")
    hints: bool | None = flag("SIMULATOR_HINTS", default=None)
    console: bool | None = flag("CONSOLE", default=None)
    journal_size: int = whole("JOURNAL_SIZE", default=1_000, at_least=0, at_most=1_000_000)
    journal_bodies: bool = flag("JOURNAL_BODIES", default=False)
    prices_path: str = text("PRICES_PATH", allowed="a path to a JSON file")
    log_level: LogLevel = choice("LOG_LEVEL", of=LogLevel, default="INFO")
    log_format: LogFormat = choice("LOG_FORMAT", of=LogFormat, default="auto")

    deployments_path: str = text(
        "OPENAI_DEPLOYMENT_CONFIG_PATH", allowed="a path to a JSON file, or blob: and a name"
    )
    default_deployment_limits: bool = flag("OPENAI_DEFAULT_DEPLOYMENT_LIMITS", default=True)
    allow_undefined_deployments: bool = flag(_UNDEFINED, default=True)
    allow_retired_models: bool = flag("ALLOW_RETIRED_MODELS", default=True)
    prompt_cache: bool = flag("PROMPT_CACHE", default=True)
    strict_schema: SchemaRules = choice("STRICT_SCHEMA", of=SchemaRules, default="current")

    webhook_allowed_addresses: tuple[str, ...] = networks(
        "WEBHOOK_ALLOWED_ADDRESSES", default=("127.0.0.0/8", "::1")
    )

    max_concurrent_requests: int = whole(
        "MAX_CONCURRENT_REQUESTS", default=5_000, at_most=1_000_000
    )
    max_body_mb: int = whole("MAX_BODY_MB", default=100, at_most=2_000)

    # Seconds from the creation of a batch to its completion, and how many times faster it is.
    batch_duration: float = number("BATCH_DURATION", default=10.0, at_most=604_800)
    batch_speed: float = number("BATCH_SPEED", default=1.0, at_most=1000)

    rules_path: str = text("RULES_PATH", allowed="a path to a JSON file, or blob: and a name")
    fleet_path: str = text("FLEET_PATH", allowed="a path to a JSON file, or blob: and a name")
    scenario_start: ScenarioStart = choice("SCENARIO_START", of=ScenarioStart, default="auto")
    content_filter_triggers: bool = flag("CONTENT_FILTER_TRIGGERS", default=True)

    extension_path: str = text(
        "EXTENSION_PATH", allowed="a path to a Python file or package folder"
    )

    answer_length: AnswerLength = choice("ANSWER_LENGTH", of=AnswerLength, default="natural")
    answer_style: AnswerStyle = choice("ANSWER_STYLE", of=AnswerStyle, default="prose")
    answer_tokens_mean: float = number(
        "ANSWER_TOKENS_MEAN", default=150.0, at_least=1, at_most=100_000
    )
    answer_tokens_std_dev: float = number("ANSWER_TOKENS_STD_DEV", default=50.0, at_most=100_000)

    latency: float = number("LATENCY", default=1.0, at_most=1000)
    latency_profile: str = text(
        "LATENCY_PROFILE", default="classic", allowed="classic, realistic, or a path to a JSON file"
    )
    # Milliseconds: per request, token, token and megabyte.
    embeddings_mean: float = number("LATENCY_OPENAI_EMBEDDINGS_MEAN", default=100.0)
    embeddings_std_dev: float = number("LATENCY_OPENAI_EMBEDDINGS_STD_DEV", default=30.0)
    completions_mean: float = number("LATENCY_OPENAI_COMPLETIONS_MEAN", default=15.0)
    completions_std_dev: float = number("LATENCY_OPENAI_COMPLETIONS_STD_DEV", default=2.0)
    chat_completions_mean: float = number("LATENCY_OPENAI_CHAT_COMPLETIONS_MEAN", default=19.0)
    chat_completions_std_dev: float = number("LATENCY_OPENAI_CHAT_COMPLETIONS_STD_DEV", default=6.0)
    translations_mean: float = number("LATENCY_OPENAI_TRANSLATIONS_MEAN", default=15_000.0)
    translations_std_dev: float = number("LATENCY_OPENAI_TRANSLATIONS_STD_DEV", default=1_000.0)
    # Milliseconds; unset, the time per token above says both.
    time_to_first_token_mean: float | None = number(
        "LATENCY_OPENAI_TIME_TO_FIRST_TOKEN_MEAN", default=None
    )
    time_to_first_token_std_dev: float = number(
        "LATENCY_OPENAI_TIME_TO_FIRST_TOKEN_STD_DEV", default=0.0
    )
    inter_token_mean: float | None = number("LATENCY_OPENAI_INTER_TOKEN_MEAN", default=None)
    inter_token_std_dev: float = number("LATENCY_OPENAI_INTER_TOKEN_STD_DEV", default=0.0)

    request_slice_seconds: str = choice(
        "RATE_LIMIT_REQUEST_SLICE_SECONDS", of=Literal["1", "10", "60"], default="10"
    )
    token_estimate: EstimateRule = choice(
        "RATE_LIMIT_TOKEN_ESTIMATE", of=EstimateRule, default="documented"
    )
    rate_limit_body: BodyStyle = choice("RATE_LIMIT_BODY", of=BodyStyle, default="new")
    throttled_in_stream: bool = flag("RATE_LIMIT_IN_STREAM", default=False)
    redis_url: str = address("RATE_LIMIT_REDIS_URL", schemes=("redis", "rediss"), secret=True)
    redis_failure: FailurePolicy = choice(
        "RATE_LIMIT_REDIS_FAILURE", of=FailurePolicy, default="open"
    )
    redis_identity: bool = flag("RATE_LIMIT_REDIS_IDENTITY", default=False)
    redis_client_id: str = text("RATE_LIMIT_REDIS_CLIENT_ID")

    upstream_endpoint: str = address(
        "AZURE_OPENAI_ENDPOINT", schemes=("https", "http"), change=without_api_path
    )
    upstream_key: str = text("AZURE_OPENAI_KEY", secret=True)
    # Seconds without a byte.
    upstream_timeout: float = number("UPSTREAM_TIMEOUT", default=100.0, at_least=0.1, at_most=3600)
    upstream_total_timeout: float = number(
        "UPSTREAM_TOTAL_TIMEOUT", default=3600.0, at_least=0.1, at_most=86_400
    )
    upstream_connections: int = whole("UPSTREAM_CONNECTIONS", default=1_000, at_most=10_000)
    forward_paths: tuple[str, ...] = listed("FORWARD_PATHS", default=("/openai/",))
    forward_methods: tuple[str, ...] = listed("FORWARD_METHODS", default=("GET", "POST"))
    forward_headers: tuple[str, ...] = listed("FORWARD_HEADERS")
    # Seconds.
    equal_request_wait: float = number("EQUAL_REQUEST_WAIT", default=60.0, at_most=3600)

    allow_mode_change: bool = flag("ALLOW_MODE_CHANGE", default=False)
    recording_dir: str = text("RECORDING_DIR", allowed="a path to a folder")
    recording_autosave: bool = flag("RECORDING_AUTOSAVE", "RECORDING_AUTO_SAVE", default=True)
    recording_container: str = text("RECORDING_CONTAINER", default="recordings")
    # Seconds for one operation in all.
    storage_timeout: float = number("STORAGE_TIMEOUT", default=5.0, at_least=0.1, at_most=600)
    recording_save_schedule: str = schedule("RECORDING_SAVE_SCHEDULE", default="0 */5 * * * *")
    recording_mask: tuple[str, ...] = listed("RECORDING_MASK")
    recording_errors: tuple[str, ...] = listed(
        "RECORDING_ERRORS", each=r"[45]\d\d|[A-Za-z_]{3,64}", allowed="statuses from 400 and codes"
    )
    match_ignore: tuple[str, ...] = listed("RECORDING_MATCH_IGNORE")
    match_api_version: bool = flag("RECORDING_MATCH_API_VERSION", default=False)
    replay_speed: float = number("REPLAY_SPEED", default=1.0, at_most=1000)
    replay_miss: MissPolicy = choice("REPLAY_MISS", of=MissPolicy, default="error")

    otlp_endpoint: str = address("OTEL_EXPORTER_OTLP_ENDPOINT", schemes=("http", "https"))
    application_insights: str = text("APPLICATIONINSIGHTS_CONNECTION_STRING", secret=True)
    metrics_prometheus: bool = flag("METRICS_PROMETHEUS", default=False)
    service_name: str = text("OTEL_SERVICE_NAME", default="aoai-api-simulator")
    # Milliseconds.
    metric_export_interval: int = whole(
        "OTEL_METRIC_EXPORT_INTERVAL", default=60_000, at_least=10, at_most=86_400_000
    )

    # Set by Azure on every Function App; the settings page does not offer it.
    on_azure: bool = setting(
        "WEBSITE_INSTANCE_ID",
        # Flex Consumption has no instance id; Container Apps has a name of its own.
        "WEBSITE_SITE_NAME",
        "CONTAINER_APP_NAME",
        parse=bool,
        allowed="set by Azure",
        default=False,
    )
    site_name: str = setting(
        "WEBSITE_SITE_NAME",
        "CONTAINER_APP_NAME",
        parse=str,
        allowed="set by Azure",
        default="local",
    )
    storage: StorageConnection | None = None
    """Read from several names in the manner of the Functions host: `RecordingStorage…`."""

    @classmethod
    def from_env(cls, environment: Mapping[str, str]) -> "Settings":
        """Reads every field, or raises `SettingError` for the first one that is not allowed."""
        values: dict[str, Any] = {}
        for item in dataclasses.fields(cls):
            declared = item.metadata.get("setting")
            if isinstance(declared, Setting):
                values[item.name] = declared.read(environment, item.default)
        defined = values["deployments_path"] or values["fleet_path"]
        if defined and not environment.get(_UNDEFINED, "").strip():
            # Whoever defines deployments means those; without any, all names are served.
            values["allow_undefined_deployments"] = False
        for name in (found for found in environment if found.lower().startswith(_STORAGE)):
            check_resolved(name, environment[name].strip())
        try:
            storage = find_connection(environment, on_azure=values["on_azure"])
        except ValueError as error:
            raise SettingError("RecordingStorage", "***", str(error)) from None
        return cls(**values, storage=storage)

    @property
    def shows_hints(self) -> bool:
        """Answers carry hints for developers: unless a setting says otherwise, not on Azure."""
        return not self.on_azure if self.hints is None else self.hints

    @property
    def serves_console(self) -> bool:
        """The console is served: unless a setting says otherwise, not on Azure."""
        return not self.on_azure if self.console is None else self.console

    @property
    def matching(self) -> Matching:
        """The parts of a request that identify a recording."""
        headers = frozenset(name.lower() for name in self.forward_headers)
        return Matching(frozenset(self.match_ignore), self.match_api_version, headers)

    @property
    def recorded_errors(self) -> RecordedErrors:
        """The errors that are recorded and imported."""
        return RecordedErrors(frozenset(self.recording_errors))

    @property
    def largest_body(self) -> int:
        """The largest body of a request, in bytes."""
        return self.max_body_mb * 2**20

    def with_key(self) -> "Settings":
        """Return the settings with a new random key, for a developer who has set none."""
        return dataclasses.replace(self, api_key=secrets.token_hex(16))
