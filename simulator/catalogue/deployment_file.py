"""The deployment file: its JSON, checked field by field, as deployments."""

import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, cast

import msgspec

from simulator.catalogue.capabilities import capabilities_of
from simulator.catalogue.content_filter import ContentFilterPolicy, FilterProblem, read_policy
from simulator.catalogue.deployments import (
    BATCH_SKUS,
    MAX_NAME_LENGTH,
    PROVISIONED_SKUS,
    STANDARD_SKUS,
    Deployment,
    ServiceTier,
)
from simulator.catalogue.latency_fields import LatencyProblem, read_latency
from simulator.catalogue.models import Model, UnknownModel, UnknownVersion, find_model
from simulator.errors import StartError
from simulator.latency import OwnLatency
from simulator.suggestions import did_you_mean

_SKUS = (*STANDARD_SKUS, *PROVISIONED_SKUS, *BATCH_SKUS)
_NAME = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{MAX_NAME_LENGTH - 1}}}")
_SHARED_PTUS = (15, 5)
_PREDECESSORS_EMBEDDING_SIZE = 1536

_LARGEST = 10**12
_Positive = Annotated[int, msgspec.Meta(ge=1, le=_LARGEST)]
_Count = Annotated[int, msgspec.Meta(ge=0, le=_LARGEST)]


class DeploymentFileError(StartError):
    """The file cannot be used; one line says where, what was found and what is allowed.

    Where the mistake is in a field of a deployment, these two and the `problem` are there apart.
    """

    def __init__(
        self, message: str, *, deployment: str = "", field: str = "", problem: str = ""
    ) -> None:
        super().__init__(message)
        self.deployment = deployment
        self.field = field
        self.problem = problem


class _Entry(msgspec.Struct, rename="camel", frozen=True):
    model: str
    model_version: str | None = None
    tokens_per_minute: _Positive | None = None
    requests_per_minute: _Count | None = None
    embedding_size: _Positive | None = None
    sku: str = "Standard"
    ptu: _Positive | None = None
    spillover_deployment: str | None = None
    enqueued_tokens: _Positive | None = None
    service_tier: ServiceTier = "default"
    content_filter: Any = None
    latency: Any = None


_FIELDS = tuple(field.encode_name for field in msgspec.structs.fields(_Entry))


# The predecessor's example file spells the first without the s; the second is Azure's own name.
_OTHER_NAMES = {
    "requestPerMinute": "requestsPerMinute",
    "spilloverDeploymentName": "spilloverDeployment",
}


class _FieldError(Exception):
    """One invalid field of an entry, and the reason."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(field, problem)
        self.field = field
        self.problem = problem


def parse_deployments(document: bytes | str, source: str) -> Mapping[str, Deployment]:
    """The deployments of a deployment file, by name; `source` is what errors call the file.

    The file is a JSON object: `{"name": {"model": "gpt-4o", "tokensPerMinute": 60000}}`, in UTF-8
    with or without a byte order mark. Raises `DeploymentFileError`.
    """
    try:
        entries = read_object(document, "deployments by name")
    except ValueError as error:
        raise DeploymentFileError(f"{source}: {error}") from error
    return deployments_of(entries, source)


def deployments_of(entries: Mapping[str, object], source: str) -> Mapping[str, Deployment]:
    """Like `parse_deployments`, for what has been read as JSON."""
    deployments: dict[str, Deployment] = {}
    for name, fields in entries.items():
        try:
            deployments[name] = _deployment(name, fields)
        except _FieldError as error:
            raise _file_error(source, name, error) from error
    for deployment in deployments.values():
        try:
            _check_spillover(deployment, deployments)
        except _FieldError as error:
            raise _file_error(source, deployment.name, error) from error
    return MappingProxyType(deployments)


def _file_error(source: str, name: str, error: _FieldError) -> DeploymentFileError:
    return DeploymentFileError(
        f"{source}: deployment {_found(name)}: {error.field}: {error.problem}",
        deployment=name,
        field=error.field,
        problem=error.problem,
    )


def read_object(document: bytes | str, of: str) -> dict[str, object]:
    """Return the JSON object of a file, in which no name is repeated. Raises `ValueError`, whose
    text is one line; `of` says what the object should be of.
    """
    try:
        text = document.decode("utf-8-sig") if isinstance(document, bytes) else document
        parsed: object = json.loads(text.removeprefix("\ufeff"), object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError) as error:
        raise ValueError(_one_line(error)) from error
    if not isinstance(parsed, dict):
        raise ValueError(f"found {_found(parsed)}, expected an object of {of}")
    return cast("dict[str, object]", parsed)


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise ValueError(f"{_found(name)} is there twice in one object")
        members[name] = value
    return members


def _deployment(name: str, fields: object) -> Deployment:
    if not _NAME.fullmatch(name):
        raise _FieldError(
            "name",
            f"expected a letter or digit, then letters, digits, '-', '_' or '.', {MAX_NAME_LENGTH} at most",
        )
    entry = _entry(fields)
    model = _model(entry)
    _check_sku(entry, model)
    _check_tier(entry, model)
    provisioned = entry.sku in PROVISIONED_SKUS
    requests = entry.requests_per_minute
    if not requests:
        limitless = provisioned or entry.sku in BATCH_SKUS
        requests = None if limitless else model.requests_per_minute(entry.tokens_per_minute)
    return Deployment(
        name=name,
        model=model,
        tokens_per_minute=entry.tokens_per_minute,
        requests_per_minute=requests,
        embedding_size=_embedding_size(entry.embedding_size, model),
        sku=entry.sku,
        ptu=entry.ptu,
        spillover_deployment=entry.spillover_deployment,
        enqueued_tokens=entry.enqueued_tokens,
        service_tier=entry.service_tier,
        content_filter=_content_filter(entry.content_filter),
        latency=_latency(entry.latency),
    )


def _latency(raw: object) -> OwnLatency | None:
    if raw is None:
        return None
    try:
        return read_latency(raw)
    except LatencyProblem as error:
        place = f".{error.place}" if error.place else ""
        raise _FieldError(f"latency{place}", error.problem) from error


def _content_filter(raw: object) -> ContentFilterPolicy | None:
    if raw is None:
        return None
    try:
        return read_policy(raw)
    except FilterProblem as error:
        place = f".{error.place}" if error.place else ""
        raise _FieldError(f"contentFilter{place}", error.problem) from error


def _entry(fields: object) -> _Entry:
    if not isinstance(fields, dict):
        raise _FieldError("value", f'found {_found(fields)}, expected an object with a "model"')
    members = _known_fields(cast("dict[str, object]", fields))
    try:
        return msgspec.convert(members, _Entry)
    except msgspec.ValidationError as error:
        problem, _, path = str(error).partition(" - at `$.")
        field = path.rstrip("`") or "model"
        found = f"found {_found(members[field])}: " if field in members else ""
        raise _FieldError(field, f"{found}{problem}") from error


def _known_fields(fields: dict[str, object]) -> dict[str, object]:
    members = dict(fields)
    for other, field in _OTHER_NAMES.items():
        if other in members and field not in members:
            members[field] = members.pop(other)
    for field in members:
        if field not in _FIELDS:
            near = did_you_mean(field, _FIELDS)
            raise _FieldError(_found(field), f"no such field; {near}")
    return members


def _model(entry: _Entry) -> Model:
    try:
        return find_model(entry.model, entry.model_version)
    except UnknownVersion as error:
        raise _FieldError("modelVersion", str(error)) from error
    except UnknownModel as error:
        raise _FieldError("model", str(error)) from error


def _check_tier(entry: _Entry, model: Model) -> None:
    if entry.service_tier == "default":
        return
    found = f"found {_found(entry.service_tier)}"
    if entry.sku in (*PROVISIONED_SKUS, *BATCH_SKUS, "DeveloperTier"):
        raise _FieldError("serviceTier", f"{found}: sku {entry.sku} has no such tier")
    if not capabilities_of(model).priority:
        raise _FieldError("serviceTier", f"{found}: {model.name} has no such tier")


def _embedding_size(size: int | None, model: Model) -> int | None:
    largest = model.embedding_size
    if size is None or largest is None:
        # The predecessor's files may give its default size to deployments of any model.
        if size not in (None, _PREDECESSORS_EMBEDDING_SIZE):
            raise _FieldError("embeddingSize", f"found {size}: {model.name} makes no embeddings")
        return largest
    if size != largest and not (model.resizable and size < largest):
        allowed = f"1 to {largest}" if model.resizable else f"{largest}"
        raise _FieldError("embeddingSize", f"found {size}: {model.name} allows {allowed}")
    return size


def _check_sku(entry: _Entry, model: Model) -> None:
    if entry.sku not in _SKUS:
        near = did_you_mean(entry.sku, _SKUS)
        raise _FieldError("sku", f"found {_found(entry.sku)}; {near}")
    _check_batched(entry)
    if entry.sku in PROVISIONED_SKUS:
        _check_provisioned(entry, model)
    elif entry.ptu is not None:
        raise _FieldError("ptu", f"found {entry.ptu}: sku {entry.sku} is not provisioned")
    elif entry.spillover_deployment is not None:
        found = _found(entry.spillover_deployment)
        raise _FieldError(
            "spilloverDeployment", f"found {found}: sku {entry.sku} is not provisioned"
        )


def _check_batched(entry: _Entry) -> None:
    found: int | None
    if entry.sku not in BATCH_SKUS:
        field, found, problem = "enqueuedTokens", entry.enqueued_tokens, "is not for batches"
    else:
        found = entry.tokens_per_minute or entry.requests_per_minute
        field = "tokensPerMinute" if entry.tokens_per_minute else "requestsPerMinute"
        problem = "has enqueuedTokens as its limit"
    if found:
        raise _FieldError(field, f"found {found}: sku {entry.sku} {problem}")


def _check_provisioned(entry: _Entry, model: Model) -> None:
    if model.regional_ptus is None:
        raise _FieldError(
            "sku", f"found {_found(entry.sku)}: {model.name} has no provisioned throughput"
        )
    if entry.tokens_per_minute is not None:
        raise _FieldError(
            "tokensPerMinute",
            f"found {entry.tokens_per_minute}: with sku {entry.sku}, ptu is the limit",
        )
    regional = entry.sku == "ProvisionedManaged"
    minimum, step = model.regional_ptus if regional else _SHARED_PTUS
    if entry.ptu is None or entry.ptu < minimum or (entry.ptu - minimum) % step:
        found = "nothing" if entry.ptu is None else entry.ptu
        raise _FieldError(
            "ptu",
            f"found {found}: {model.name} with sku {entry.sku} takes {minimum}, and more in steps of {step}",
        )


def _check_spillover(deployment: Deployment, others: Mapping[str, Deployment]) -> None:
    name = deployment.spillover_deployment
    if name is None:
        return
    target = others.get(name)
    if target is None:
        raise _FieldError(
            "spilloverDeployment", f"found {_found(name)}; {did_you_mean(name, tuple(others))}"
        )
    if target.provisioned:
        raise _FieldError(
            "spilloverDeployment",
            f"found {_found(name)}, whose sku {target.sku} is not a standard one",
        )


def _found(value: object) -> str:
    """A value of the file, short and on one line."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "an array"
    text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _one_line(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON: {error.msg} (line {error.lineno}, column {error.colno})"
    if isinstance(error, RecursionError):
        return "nested too deeply"
    return " ".join(str(error).split())
