"""The configuration's document: shown to clients, and read from their patches."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

import msgspec

from simulator.configuration.overrides.members import (
    DEPLOYMENTS,
    FIELDS,
    Entry,
    EntryPatch,
    advice_on_setting,
    fields_of,
    members_in,
    nested,
    patch_type,
    secrets_of,
    values_of,
)
from simulator.configuration.overrides.overrides import Configuration, Patch
from simulator.errors import InvalidRequest, MalformedJson
from simulator.suggestions import nearest
from simulator.wire.body import Body

KeptIn = Literal["memory", "folder", "blobs"]

READ_ONLY = ("azure_openai_endpoint", "kept_in", "secrets")
"""Members of the document that a patch may repeat, but not change."""

_BODY = Body(
    patch_type(**{DEPLOYMENTS: dict[str, EntryPatch | None]}, **dict.fromkeys(READ_ONLY, object))
)
_CAMEL_CASE = re.compile(r"[a-z][a-z0-9]*(?:[A-Z][A-Za-z0-9]*)+")


@dataclass(frozen=True, slots=True)
class Document:
    """The configuration as clients see it. The ETag is the same on every instance that shows the
    same.
    """

    body: bytes
    etag: str


def show(configuration: Configuration, kept_in: KeptIn) -> Document:
    body = msgspec.json.encode(document_of(configuration, kept_in))
    return Document(body, f'"{hashlib.sha256(body).hexdigest()[:20]}"')


def document_of(configuration: Configuration, kept_in: KeptIn) -> dict[str, object]:
    """All that may be changed, and what it helps to see beside it; secrets are `***` if set."""
    settings = configuration.settings
    connection = settings.storage
    return {
        **nested(values_of(settings)),
        DEPLOYMENTS: {
            name: fields_of(deployment) for name, deployment in configuration.deployments.items()
        },
        "azure_openai_endpoint": settings.upstream_endpoint or None,
        "secrets": {
            **secrets_of(settings),
            "RecordingStorage": "***" if connection and connection.connection_string else None,
        },
        "kept_in": kept_in,
    }


def read_patch(body: bytes) -> Patch:
    """The patch in a request's body, whose names are in snake case or camel case; `InvalidRequest`
    names a member that the document does not have, or of another type.
    """
    document = _in_snake_case(body)
    try:
        _BODY.decode(msgspec.json.encode(document))
    except RecursionError as error:
        raise MalformedJson(str(error)) from None
    deployments = document.get(DEPLOYMENTS, {})
    return Patch(
        settings=dict(members_in(document)),
        deployments=cast("dict[str, Entry | None]", deployments or {}),
        forgetful=deployments is None,
        repeated={name: document[name] for name in READ_ONLY if name in document},
    )


def check_repeated(patch: Patch, document: Mapping[str, object]) -> None:
    """`InvalidRequest` names a member that cannot be changed, and is another one in the patch."""
    for name, value in patch.repeated.items():
        if value != document[name]:
            raise InvalidRequest(
                f"'{name}' cannot be changed at run time.", param=name, code="read_only"
            )


def _in_snake_case(body: bytes) -> dict[str, object]:
    try:
        whole: object = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedJson(str(error)) from None
    if not isinstance(whole, dict):
        raise InvalidRequest('The body must be an object, as {"latency": {"factor": 0}} is.')
    document = _renamed(cast("dict[str, object]", whole), _TREE)
    deployments = document.get(DEPLOYMENTS)
    if isinstance(deployments, dict):  # by names that the client chooses, which stay
        entries = cast("dict[str, object]", deployments)
        _check_number(entries, DEPLOYMENTS, _MOST_DEPLOYMENTS)
        fields = dict.fromkeys(EntryPatch.__struct_fields__)
        document[DEPLOYMENTS] = {
            name: _renamed(cast("dict[str, object]", entry), fields, f"{DEPLOYMENTS}.{name}.")
            if isinstance(entry, dict)
            else entry
            for name, entry in entries.items()
        }
    return document


_MOST_MEMBERS, _MOST_DEPLOYMENTS = 1_000, 10_000
_TREE = {**nested(dict.fromkeys(FIELDS)), **dict.fromkeys((DEPLOYMENTS, *READ_ONLY))}
"""The members of the document; None for one without members of its own that are renamed."""


def _renamed(
    members: Mapping[str, object], known: Mapping[str, object], outer: str = ""
) -> dict[str, object]:
    """The members under the known names, at every level; an unknown name stays as it is."""
    _check_number(members, outer.rstrip(".") or "the body")
    by_letters = {_letters(name): name for name in known}
    renamed: dict[str, object] = {}
    for given, value in members.items():
        name = by_letters.get(_letters(given), given) if _CAMEL_CASE.fullmatch(given) else given
        if name in renamed:
            raise InvalidRequest(
                f"Duplicate parameter: '{outer}{name}' is given in two spellings.",
                param=f"{outer}{name}",
                code="invalid_value",
            )
        _check_slip(name, known, outer)
        inner = known.get(name)
        if isinstance(inner, dict) and isinstance(value, dict):
            value = _renamed(
                cast("dict[str, object]", value),
                cast("dict[str, object]", inner),
                f"{outer}{name}.",
            )
        renamed[name] = value
    return renamed


def _check_number(members: Mapping[str, object], where: str, most: int = _MOST_MEMBERS) -> None:
    if len(members) > most:
        raise InvalidRequest(f"There are more than {most} members in {where}.")


def _check_slip(name: str, known: Mapping[str, object], outer: str) -> None:
    """Raise `InvalidRequest` for a name that is no member, but much like one, or a setting's."""
    if name in known:
        return
    near = nearest(name, known)
    meant = advice_on_setting(name) or (f"Did you mean '{outer}{near}'?" if near else None)
    if meant is not None:
        raise InvalidRequest(
            f"Unknown parameter: '{outer}{name}'. {meant}",
            param=f"{outer}{name}",
            code="unknown_parameter",
        )


def _letters(name: str) -> str:
    return name.replace("_", "").lower()
