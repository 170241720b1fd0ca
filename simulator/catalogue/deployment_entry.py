"""One deployment of a deployment file: its fields, and which of them go together."""

import json
from typing import Annotated, Any, cast

import msgspec

from simulator.catalogue.capabilities import capabilities_of
from simulator.catalogue.deployments import BATCH_SKUS, PROVISIONED_SKUS, STANDARD_SKUS, ServiceTier
from simulator.catalogue.field_error import FieldError
from simulator.catalogue.models import Model
from simulator.suggestions import did_you_mean
from simulator.type_problems import in_words, located

_SKUS = (*STANDARD_SKUS, *PROVISIONED_SKUS, *BATCH_SKUS)
_LARGEST = 10**12
_Positive = Annotated[int, msgspec.Meta(ge=1, le=_LARGEST)]
_Count = Annotated[int, msgspec.Meta(ge=0, le=_LARGEST)]


class Entry(msgspec.Struct, rename="camel", frozen=True):
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


_FIELDS = tuple(field.encode_name for field in msgspec.structs.fields(Entry))
# The predecessor's example file spells the first without the s; the second is Azure's own name.
_OTHER_NAMES = {
    "requestPerMinute": "requestsPerMinute",
    "spilloverDeploymentName": "spilloverDeployment",
}


def read_entry(fields: object) -> Entry:
    """Return the fields as they are in the file; raises `FieldError`."""
    if not isinstance(fields, dict):
        raise FieldError("value", f'found {found_value(fields)}, expected an object with a "model"')
    members = _known_fields(cast("dict[str, object]", fields))
    if "model" not in members:
        raise FieldError("model", "it is missing")
    try:
        return msgspec.convert(members, Entry)
    except msgspec.ValidationError as error:
        problem = located(str(error))
        field = problem.place
        found = f"found {found_value(members[field])}: " if field in members else ""
        raise FieldError(field, f"{found}{in_words(problem.what)}") from error


def check_entry(entry: Entry, model: Model) -> None:
    """Refuse fields that do not go together, or not with the model."""
    _check_sku(entry, model)
    _check_tier(entry, model)


def _known_fields(fields: dict[str, object]) -> dict[str, object]:
    members = dict(fields)
    for other, field in _OTHER_NAMES.items():
        if other in members and field not in members:
            members[field] = members.pop(other)
    for field in members:
        if field not in _FIELDS:
            near = did_you_mean(field, _FIELDS)
            raise FieldError(found_value(field), f"no such field; {near}")
    return members


def _check_tier(entry: Entry, model: Model) -> None:
    if entry.service_tier == "default":
        return
    found = f"found {found_value(entry.service_tier)}"
    if entry.sku in (*PROVISIONED_SKUS, *BATCH_SKUS, "DeveloperTier"):
        raise FieldError("serviceTier", f"{found}: sku {entry.sku} has no such tier")
    if not capabilities_of(model).priority:
        raise FieldError("serviceTier", f"{found}: {model.name} has no such tier")


def _check_sku(entry: Entry, model: Model) -> None:
    if entry.sku not in _SKUS:
        near = did_you_mean(entry.sku, _SKUS)
        raise FieldError("sku", f"found {found_value(entry.sku)}; {near}")
    _check_batched(entry)
    if entry.sku in PROVISIONED_SKUS:
        _check_provisioned(entry, model)
    elif entry.ptu is not None:
        raise FieldError("ptu", f"found {entry.ptu}: sku {entry.sku} is not provisioned")
    elif entry.spillover_deployment is not None:
        found = found_value(entry.spillover_deployment)
        raise FieldError(
            "spilloverDeployment", f"found {found}: sku {entry.sku} is not provisioned"
        )


def _check_batched(entry: Entry) -> None:
    found: int | None
    if entry.sku not in BATCH_SKUS:
        field, found, problem = "enqueuedTokens", entry.enqueued_tokens, "is not for batches"
    else:
        found = entry.tokens_per_minute or entry.requests_per_minute
        field = "tokensPerMinute" if entry.tokens_per_minute else "requestsPerMinute"
        problem = "has enqueuedTokens as its limit"
    if found:
        raise FieldError(field, f"found {found}: sku {entry.sku} {problem}")


def _check_provisioned(entry: Entry, model: Model) -> None:
    regional = entry.sku == "ProvisionedManaged"
    units = model.regional_ptus if regional else model.shared_ptus
    if units is None or model.input_tpm_per_ptu is None:
        where = "regional " if model.input_tpm_per_ptu else ""
        raise FieldError(
            "sku",
            f"found {found_value(entry.sku)}: {model.name} has no {where}provisioned throughput",
        )
    if entry.tokens_per_minute is not None:
        raise FieldError(
            "tokensPerMinute",
            f"found {entry.tokens_per_minute}: with sku {entry.sku}, ptu is the limit",
        )
    minimum, step = units
    if entry.ptu is None or entry.ptu < minimum or (entry.ptu - minimum) % step:
        found = "nothing" if entry.ptu is None else entry.ptu
        raise FieldError(
            "ptu",
            f"found {found}: {model.name} with sku {entry.sku} takes {minimum}, and more in steps of {step}",
        )


def found_value(value: object) -> str:
    """A value of the file, short and on one line."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "an array"
    text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
