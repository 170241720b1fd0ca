"""The deployment file: its JSON, checked field by field, as deployments."""

import json
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar, cast

from simulator.catalogue.content_filter import read_policy
from simulator.catalogue.deployment_entry import (
    Entry,
    check_entry,
    found_value,
    read_entry,
)
from simulator.catalogue.deployments import (
    BATCH_SKUS,
    MAX_NAME_LENGTH,
    PROVISIONED_SKUS,
    Deployment,
)
from simulator.catalogue.field_error import FieldError
from simulator.catalogue.latency_fields import read_latency
from simulator.catalogue.models import Model, UnknownModel, UnknownVersion, find_model
from simulator.errors import StartError
from simulator.suggestions import did_you_mean

T = TypeVar("T")

_NAME = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{MAX_NAME_LENGTH - 1}}}")
_PREDECESSORS_EMBEDDING_SIZE = 1536


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
        except FieldError as error:
            raise _file_error(source, name, error) from error
    for deployment in deployments.values():
        try:
            _check_spillover(deployment, deployments)
        except FieldError as error:
            raise _file_error(source, deployment.name, error) from error
    return MappingProxyType(deployments)


def _file_error(source: str, name: str, error: FieldError) -> DeploymentFileError:
    return DeploymentFileError(
        f"{source}: deployment {found_value(name)}: {error.field}: {error.problem}",
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
        raise ValueError(f"found {found_value(parsed)}, expected an object of {of}")
    return cast("dict[str, object]", parsed)


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise ValueError(f"{found_value(name)} is there twice in one object")
        members[name] = value
    return members


def _deployment(name: str, fields: object) -> Deployment:
    if not _NAME.fullmatch(name):
        raise FieldError(
            "name",
            f"expected a letter or digit, then letters, digits, '-', '_' or '.', {MAX_NAME_LENGTH} at most",
        )
    entry = read_entry(fields)
    model = _model(entry)
    check_entry(entry, model)
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
        content_filter=_part("contentFilter", entry.content_filter, read_policy),
        latency=_part("latency", entry.latency, read_latency),
    )


def _part(name: str, raw: object, read: Callable[[object], T]) -> T | None:
    """Return a member that has a document of its own, if it is there."""
    if raw is None:
        return None
    try:
        return read(raw)
    except FieldError as error:
        raise error.within(name) from error


def _model(entry: Entry) -> Model:
    try:
        return find_model(entry.model, entry.model_version)
    except UnknownVersion as error:
        raise FieldError("modelVersion", str(error)) from error
    except UnknownModel as error:
        raise FieldError("model", str(error)) from error


def _embedding_size(size: int | None, model: Model) -> int | None:
    largest = model.embedding_size
    if size is None or largest is None:
        # The predecessor's files may give its default size to deployments of any model.
        if size not in (None, _PREDECESSORS_EMBEDDING_SIZE):
            raise FieldError("embeddingSize", f"found {size}: {model.name} makes no embeddings")
        return largest
    if size != largest and not (model.resizable and size < largest):
        allowed = f"1 to {largest}" if model.resizable else f"{largest}"
        raise FieldError("embeddingSize", f"found {size}: {model.name} allows {allowed}")
    return size


def _check_spillover(deployment: Deployment, others: Mapping[str, Deployment]) -> None:
    name = deployment.spillover_deployment
    if name is None:
        return
    target = others.get(name)
    if target is None:
        raise FieldError(
            "spilloverDeployment", f"found {found_value(name)}; {did_you_mean(name, tuple(others))}"
        )
    if target.provisioned:
        raise FieldError(
            "spilloverDeployment",
            f"found {found_value(name)}, whose sku {target.sku} is not a standard one",
        )


def _one_line(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON: {error.msg} (line {error.lineno}, column {error.colno})"
    if isinstance(error, RecursionError):
        return "nested too deeply"
    return " ".join(str(error).split())
