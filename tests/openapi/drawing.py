"""Requests drawn from Microsoft's OpenAPI documents."""

import functools
from typing import Any

import requests
import schemathesis
from hypothesis import strategies as st

from simulator.messages import Request
from tests.conftest import KEY
from tests.openapi.documents import PREFIX, document

# Names that are not in the list of deployments have no limits.
MODELS = ("my-gpt-4o", "my-gpt-5-mini")
MODEL_OF = {
    "/completions": "my-gpt-3.5-turbo-instruct",
    "/embeddings": "my-text-embedding-3-small",
    "/audio/transcriptions": "my-whisper",
    "/audio/translations": "my-whisper",
    "/audio/speech": "my-tts",
    "/images/generations": "my-dall-e-3",
}


@functools.cache
def _schema(family: str) -> Any:
    return schemathesis.openapi.from_dict(drawable(document(family).content))


def operations(family: str) -> list[tuple[str, str]]:
    return [
        (path, method)
        for path, item in document(family).content["paths"].items()
        for method in item
        if method != "parameters"
    ]


def drawable(content: dict[str, Any]) -> dict[str, Any]:
    """The document without room for members that it does not know: they would always be refused."""
    schemas = content["components"]["schemas"]
    closed = {name: _closed(_merged(schema, schemas)) for name, schema in schemas.items()}
    return {**content, "paths": _closed(content["paths"]), "components": {"schemas": closed}}


def _merged(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """A schema of several parts as one, with the members of all."""
    merged: dict[str, Any] = {"type": "object", "properties": {}, "required": []}
    parts = [_merged(_found(part, schemas), schemas) for part in schema.get("allOf", ())]
    if not parts:
        return schema
    for part in (*parts, schema):
        merged["properties"] |= part.get("properties", {})
        merged["required"] = sorted({*merged["required"], *part.get("required", ())})
    return merged


def _found(part: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    return schemas[part["$ref"].removeprefix(PREFIX)] if "$ref" in part else part


def _closed(node: Any) -> Any:
    if isinstance(node, list):
        return [_closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    members = {name: _closed(value) for name, value in node.items()}
    if isinstance(members.get("properties"), dict) and not node.keys() & {"allOf", "anyOf"}:
        members.setdefault("additionalProperties", False)
    return members


def drawn(family: str, path: str, method: str, *, good: bool) -> st.SearchStrategy[Request]:
    """Requests for an operation, as the document has them or with something wrong."""
    mode = schemathesis.GenerationMode.POSITIVE if good else schemathesis.GenerationMode.NEGATIVE
    cases = _schema(family)[path][method.upper()].as_strategy(generation_mode=mode)
    place = path.removeprefix("/deployments/{deployment-id}")
    models = st.just(MODEL_OF[place]) if place in MODEL_OF else st.sampled_from(MODELS)
    return st.builds(lambda case, model: _request(family, case, model), cases, models)


def _request(family: str, case: Any, model: str) -> Request:
    if "deployment-id" in case.path_parameters:
        case.path_parameters["deployment-id"] = model
    if isinstance(case.body, dict) and "model" in case.body:
        case.body["model"] = model
    if case.path.endswith("/responses") and isinstance(case.body, dict):
        # The documents do not say that there must be one.
        case.body.setdefault("input", "hi")
    if family != "v1":
        case.query["api-version"] = family
    base = "http://test/openai/v1" if family == "v1" else "http://test/openai"
    sent = requests.Request(**case.as_transport_kwargs(base_url=base)).prepare()
    url = str(sent.url).removeprefix("http://test")
    path, _, query = url.partition("?")
    headers = {name.lower(): str(value) for name, value in sent.headers.items()}
    body = sent.body or b""
    content = body.encode() if isinstance(body, str) else body
    assert isinstance(content, bytes)
    return Request(str(sent.method), path, query, {**headers, "api-key": KEY}, content)
