"""The members of the configuration document that may be changed: settings and deployments."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, cast, get_origin, get_type_hints

import msgspec

from simulator.catalogue.deployment_file import DeploymentFileError, parse_deployments
from simulator.catalogue.deployments import Deployment
from simulator.configuration.setting_fields import Setting
from simulator.configuration.settings import Settings
from simulator.errors import InvalidRequest
from simulator.suggestions import nearest

DEPLOYMENTS = "openai_deployments"

Entry = Mapping[str, object]


class EntryPatch(msgspec.Struct, forbid_unknown_fields=True):
    """The types of an entry's fields; the deployment file's rules are checked with the others."""

    model: str | None = None
    model_version: str | None = None
    tokens_per_minute: int | None = None
    requests_per_minute: int | None = None
    embedding_size: int | None = None
    sku: str | None = None
    ptu: int | None = None
    spillover_deployment: str | None = None
    spillover_deployment_name: str | None = None
    """Azure's name of the one before."""
    enqueued_tokens: int | None = None
    service_tier: str | None = None
    content_filter: dict[str, Any] | None = None
    latency: dict[str, Any] | None = None


FIELDS: Mapping[str, str] = {
    "simulator_mode": "mode",
    "latency.open_ai_embeddings.mean": "embeddings_mean",
    "latency.open_ai_embeddings.std_dev": "embeddings_std_dev",
    "latency.open_ai_completions.mean": "completions_mean",
    "latency.open_ai_completions.std_dev": "completions_std_dev",
    "latency.open_ai_chat_completions.mean": "chat_completions_mean",
    "latency.open_ai_chat_completions.std_dev": "chat_completions_std_dev",
    "latency.open_ai_translations.mean": "translations_mean",
    "latency.open_ai_translations.std_dev": "translations_std_dev",
    "latency.open_ai_time_to_first_token.mean": "time_to_first_token_mean",
    "latency.open_ai_time_to_first_token.std_dev": "time_to_first_token_std_dev",
    "latency.open_ai_inter_token.mean": "inter_token_mean",
    "latency.open_ai_inter_token.std_dev": "inter_token_std_dev",
    "allow_undefined_openai_deployments": "allow_undefined_deployments",
    "answer_length": "answer_length",
    "latency.factor": "latency",
    "answer_style": "answer_style",
    "answer_tokens.mean": "answer_tokens_mean",
    "answer_tokens.std_dev": "answer_tokens_std_dev",
    "replay.speed": "replay_speed",
    "replay.miss": "replay_miss",
    "replay.match_ignore": "match_ignore",
    "replay.match_api_version": "match_api_version",
}
"""A member of the document (dots lead inwards), and the attribute of `Settings` that it shows."""

_AZURES = {"spillover_deployment_name": "spillover_deployment"}
_FILE_NAMES = {
    name: "".join(
        part.capitalize() if number else part for number, part in enumerate(name.split("_"))
    )
    for name in EntryPatch.__struct_fields__
}
_OWN_NAMES = {theirs: ours for ours, theirs in _FILE_NAMES.items()}
# Fields that belong to a model, and are not carried over to another one.
_OF_THE_MODEL = ("model_version", "embedding_size")

_DECLARED = {
    field.name: declared
    for field in dataclasses.fields(Settings)
    if isinstance(declared := field.metadata.get("setting"), Setting)
}


def values_of(settings: Settings) -> dict[str, object]:
    """The document's members, by their dotted names."""
    return {name: getattr(settings, attribute) for name, attribute in FIELDS.items()}


def nested(members: Mapping[str, object]) -> dict[str, Any]:
    """Members with dotted names, as the objects in objects that the names stand for."""
    document: dict[str, Any] = {}
    for name, value in members.items():
        *outer, last = name.split(".")
        place = document
        for part in outer:
            place = place.setdefault(part, {})
        place[last] = value
    return document


def members_in(document: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """The members that a part of the document gives, by their dotted names; an object that is null
    gives null for all that is in it."""
    for name in FIELDS:
        place: object = document
        for part in name.split("."):
            if not isinstance(place, dict):
                break
            inside = cast("Mapping[str, object]", place)
            if part not in inside:
                break
            place = inside[part]
        else:
            yield name, place
            continue
        if place is None:
            yield name, None


def changed_settings(settings: Settings, members: Mapping[str, object]) -> Settings:
    """The settings with these members; `InvalidRequest` names one that is not allowed."""
    values = {FIELDS[name]: _checked(name, value) for name, value in members.items()}
    return dataclasses.replace(settings, **values)


def advice_on_setting(name: str) -> str | None:
    """Return what to do instead where a member is named like a setting; None if it is not."""
    for attribute, declared in _DECLARED.items():
        if name.upper() in declared.names:
            shown = next((member for member, shows in FIELDS.items() if shows == attribute), None)
            if shown is not None:
                return f"Did you mean '{shown}'?"
            return f"The setting {name.upper()} is read at the start: set it, and restart the simulator."
    return None


def secrets_of(settings: Settings) -> dict[str, str | None]:
    """The names of the secret settings, and whether each is set."""
    return {
        declared.names[0]: "***" if getattr(settings, attribute) else None
        for attribute, declared in _DECLARED.items()
        if declared.secret
    }


def patch_type(**others: Any) -> type[msgspec.Struct]:
    """The schema of a part of the document: all members of `FIELDS`, and the `others`. Every member
    may be left out or null, and no other is allowed.
    """
    hints = get_type_hints(Settings)
    types = {name: _json_type(hints[attribute]) for name, attribute in FIELDS.items()}
    return _struct("Patch", {**nested(types), **others})


def _struct(name: str, members: Mapping[str, Any]) -> type[msgspec.Struct]:
    fields = [(member, _type_of(member, kind) | None, None) for member, kind in members.items()]
    return msgspec.defstruct(name, fields, forbid_unknown_fields=True)


def _type_of(member: str, kind: Any) -> Any:
    return _struct(member, cast("dict[str, Any]", kind)) if isinstance(kind, dict) else kind


def _json_type(hint: Any) -> Any:
    return list[str] if get_origin(hint) is tuple else hint


def _checked(name: str, value: object) -> object:
    """Return the JSON value as the setting's value, if the setting's own rules allow it."""
    declared = _DECLARED[FIELDS[name]]
    try:
        return declared.check(value)
    except ValueError:
        shown = msgspec.json.encode(value).decode()
        raise InvalidRequest(
            f"Invalid value for '{name}': {shown} is not allowed: {declared.allowed}.",
            param=name,
            code="invalid_value",
        ) from None


def fields_of(deployment: Deployment) -> dict[str, object]:
    """All fields of a deployment, as they are in force."""
    return {
        "model": deployment.model.name,
        "model_version": deployment.model.version,
        "tokens_per_minute": deployment.tokens_per_minute,
        "requests_per_minute": deployment.requests_per_minute,
        "embedding_size": deployment.embedding_size,
        "sku": deployment.sku,
        "ptu": deployment.ptu,
        "spillover_deployment": deployment.spillover_deployment,
        "enqueued_tokens": deployment.enqueued_tokens,
        "service_tier": deployment.service_tier,
        "content_filter": deployment.content_filter and deployment.content_filter.members,
        "latency": deployment.latency and deployment.latency.given,
    }


def entry_of(deployment: Deployment) -> dict[str, object]:
    """The fields that make the deployment, without requests per minute that follow from the
    tokens.
    """
    fields = fields_of(deployment)
    follows = deployment.model.requests_per_minute(deployment.tokens_per_minute)
    if deployment.requests_per_minute == follows:
        fields["requests_per_minute"] = None
    return {name: value for name, value in fields.items() if value is not None}


def patched_entry(entry: Entry, patch: Entry) -> dict[str, object]:
    """The entry with the fields of the patch; a field that is null goes back to its default."""
    kept, patch = dict(entry), {_AZURES.get(name, name): value for name, value in patch.items()}
    if patch.get("model", entry.get("model")) != entry.get("model"):
        kept = {name: value for name, value in kept.items() if name not in _OF_THE_MODEL}
    return {name: value for name, value in {**kept, **patch}.items() if value is not None}


def replaced_deployments(
    deployments: Mapping[str, Deployment], entries: Mapping[str, Entry | None]
) -> Mapping[str, Deployment]:
    """The deployments with those of the entries in their places; None removes one.

    Other deployments stay the very same objects. `InvalidRequest` names a field that is not
    allowed by the rules of the deployment file.
    """
    if not entries:
        return deployments
    whole = {**{name: entry_of(one) for name, one in deployments.items()}, **entries}
    document = {name: _for_file(entry) for name, entry in whole.items() if entry is not None}
    try:
        parsed = parse_deployments(msgspec.json.encode(document), DEPLOYMENTS)
    except DeploymentFileError as error:
        raise _entry_refusal(error, whole) from error
    return {name: one if name in entries else deployments[name] for name, one in parsed.items()}


def _for_file(entry: Entry) -> dict[str, object]:
    return {_FILE_NAMES.get(name, name): value for name, value in entry.items()}


def _entry_refusal(
    error: DeploymentFileError, entries: Mapping[str, Entry | None]
) -> InvalidRequest:
    head, dot, rest = error.field.partition(".")
    field = f"{_OWN_NAMES.get(head, head)}{dot}{rest}"
    name = ".".join(filter(None, (DEPLOYMENTS, error.deployment, field)))
    problem = error.problem or str(error)
    if head == "model" and "model" not in (entries.get(error.deployment) or {}):
        known = [name for name, entry in entries.items() if entry and "model" in entry]
        near = nearest(error.deployment, known)
        meant = f"; did you mean {near!r}?" if near else ""
        problem = f"there is no deployment of this name, and a new one needs a model{meant}"
    return InvalidRequest(
        f"Invalid value for '{name}': {problem}.", param=name, code="invalid_value"
    )
