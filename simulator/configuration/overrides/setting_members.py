"""The settings that may be changed at run time, under their names in the document."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, cast, get_origin, get_type_hints

import msgspec

from simulator.configuration.setting_fields import Setting
from simulator.configuration.settings import Settings
from simulator.errors import InvalidRequest

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
    "answer_tokens.mean": "answer_tokens_mean",
    "answer_tokens.std_dev": "answer_tokens_std_dev",
    "replay.speed": "replay_speed",
    "replay.miss": "replay_miss",
    "replay.match_ignore": "match_ignore",
    "replay.match_api_version": "match_api_version",
}
"""A member of the document (dots lead inwards), and the attribute of `Settings` that it shows."""

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


def changed(settings: Settings, members: Mapping[str, object]) -> Settings:
    """The settings with these members; `InvalidRequest` names one that is not allowed."""
    values = {FIELDS[name]: _checked(name, value) for name, value in members.items()}
    return dataclasses.replace(settings, **values)


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
    """The value as the setting's own rules read it: what the environment may say is allowed."""
    declared = _DECLARED[FIELDS[name]]
    try:
        return declared.parse(_text(value))
    except ValueError:
        shown = msgspec.json.encode(value).decode()
        raise InvalidRequest(
            f"Invalid value for '{name}': {shown} is not allowed: {declared.allowed}.",
            param=name,
            code="invalid_value",
        ) from None


def _text(value: object) -> str:
    if isinstance(value, list | tuple):
        return ",".join(map(str, cast("list[object]", value)))
    return str(value)
