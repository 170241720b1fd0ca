"""Microsoft's OpenAPI documents as JSON schemas that a validator and a generator understand.

In the conversion (to draft 2020-12):

* `nullable` becomes an alternative of null; the document of 2025-03-01-preview uses it as well.
* `oneOf` becomes `anyOf`: the documents name alternatives that contain each other, such as the plain
  and the verbose answer of a transcription.
* A schema with a discriminator and a mapping becomes the alternatives of the mapping; its subtypes,
  which name it in `allOf`, are given its own members instead.
"""

import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
from jsonschema.protocols import Validator

from tests.openapi.amendments import AMENDMENTS, Amendment

DATA = Path(__file__).with_name("data")
PREFIX = "#/components/schemas/"
OWN = "OwnOf"


@dataclass(frozen=True, slots=True)
class Document:
    """One document, converted: a family of routes."""

    name: str
    content: dict[str, Any]

    def validator(self, method: str, place: str, status: int, media: str) -> Validator | None:
        """What validates a body; None if the document says nothing of such an answer."""
        schema = self._schema(method, place, status, media)
        if schema is None:
            return None
        # References are looked up from the root of the schema.
        return jsonschema.Draft202012Validator({**schema, "components": self.content["components"]})

    def _schema(self, method: str, place: str, status: int, media: str) -> dict[str, Any] | None:
        paths = self.content["paths"]
        answers = paths[place][method.lower()]["responses"]
        if status < 400:
            content = answers[str(status)].get("content", {})
            # The older documents have the events of a stream among the alternatives of the JSON.
            if media == "text/event-stream" and media not in content:
                media = "application/json"
        else:
            # They also leave out the errors of some operations, which are those of the others.
            chat = next(path for path in paths if path.endswith("/chat/completions"))
            error = answers.get("default") or paths[chat]["post"]["responses"]["default"]
            content = error["content"]
        return content.get(media, {}).get("schema")


@functools.cache
def document(name: str, left_out: Amendment | None = None) -> Document:
    """The document with all amendments, or all but one."""
    content = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    for amendment in AMENDMENTS:
        if name in amendment.documents and amendment is not left_out:
            amendment.apply(content)
    return Document(name, converted(content))


def converted(content: dict[str, Any]) -> dict[str, Any]:
    whole: dict[str, Any] = _converted(content)
    schemas: dict[str, Any] = whole["components"]["schemas"]
    families = {
        name: sorted(set(schema["discriminator"]["mapping"].values()))
        for name, schema in content["components"]["schemas"].items()
        if schema.get("discriminator", {}).get("mapping")
    }
    subtypes = {subtype.removeprefix(PREFIX) for found in families.values() for subtype in found}
    for subtype in subtypes:
        for parent in schemas[subtype].get("allOf", ()):
            name = parent.get("$ref", "").removeprefix(PREFIX)
            if name in families:
                parent["$ref"] = PREFIX + OWN + name
    for name, found in families.items():
        schemas[OWN + name] = schemas[name]
        schemas[name] = {"anyOf": [{"$ref": subtype} for subtype in found]}
    return {**whole, "openapi": "3.1.0"}


def _converted(node: Any) -> Any:
    if isinstance(node, list):
        return [_converted(item) for item in node]
    if not isinstance(node, dict):
        return node
    members = {name: _converted(value) for name, value in node.items()}
    if isinstance(members.get("discriminator"), dict):
        del members["discriminator"]
    if isinstance(members.get("oneOf"), list):
        members["anyOf"] = members.pop("oneOf")
    if isinstance(members.get("nullable"), bool):
        nullable = members.pop("nullable")
        return {"anyOf": [members, {"type": "null"}]} if nullable else members
    return members
