"""The `data_sources` of a chat request: On Your Data's own checks, in the words that it has.

Members and values: the OpenAPI document of v1; `Validation error at #/…` with pydantic's words: reported
by users. Microsoft has retired On Your Data on 2026-10-14; models after gpt-4o never had it, and answer
that they do not know the argument (reported 2026-02).
"""

import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

import msgspec

from simulator.catalogue.models import Model
from simulator.errors import ApiError, UnknownArguments
from simulator.operations.chat.parameters import ChatParameters

_MODELS = re.compile(r"gpt-35-turbo.*|gpt-4(-32k)?|gpt-4o(-mini)?")
_SPACE = uuid.UUID("6f1c2d0a-5f0f-5b8e-8f0e-2b9c0f6a7d31")
_RETIRED = datetime(2026, 10, 14, tzinfo=UTC).timestamp()
_STRICTEST = 5
_MOST_ERRORS = 20

_COMMON = ("top_n_documents", "in_scope", "strictness", "role_information", "max_search_queries")
_SHARED = (*_COMMON, "allow_partial_result", "include_contexts")
_VECTORS = ("embedding_dependency", "fields_mapping")
_QUERIES = ("simple", "semantic", "vector", "vector_simple_hybrid", "vector_semantic_hybrid")
_NUMBERS = ("top_n_documents", "strictness", "max_search_queries")
_TEXTS = frozenset(
    {"index_name", "database_name", "container_name", "collection_name", "app_name", "environment"}
)
CONTEXTS = ("citations", "intent", "all_retrieved_documents")


@dataclass(frozen=True, slots=True)
class _Kind:
    """The members of the parameters of one type of source, those required first."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    queries: tuple[str, ...] = ()


_KINDS: Mapping[str, _Kind] = {
    "azure_search": _Kind(
        ("endpoint", "index_name", "authentication"),
        ("query_type", "semantic_configuration", "filter", *_VECTORS),
        _QUERIES,
    ),
    "azure_cosmos_db": _Kind(
        ("container_name", "database_name", "index_name", "authentication", *_VECTORS)
    ),
    "elasticsearch": _Kind(
        ("endpoint", "index_name", "authentication"),
        ("query_type", *_VECTORS),
        ("simple", "vector"),
    ),
    "pinecone": _Kind(("environment", "index_name", "authentication", *_VECTORS)),
    "mongo_db": _Kind(
        (
            "endpoint",
            "database_name",
            "collection_name",
            "app_name",
            "index_name",
            "authentication",
            *_VECTORS,
        )
    ),
}
_AUTHENTICATIONS: Mapping[str, tuple[str, ...]] = {
    "api_key": ("key",),
    "username_and_password": ("username", "password"),
    "connection_string": ("connection_string",),
    "key_and_key_id": ("key", "key_id"),
    "encoded_api_key": ("encoded_api_key",),
    "access_token": ("access_token",),
    "system_assigned_managed_identity": (),
    "user_assigned_managed_identity": ("managed_identity_resource_id",),
}
_VECTORIZERS: Mapping[str, tuple[str, ...]] = {
    "endpoint": ("endpoint", "authentication"),
    "deployment_name": ("deployment_name",),
    "model_id": ("model_id",),
    "integrated": (),
}
_Fields = Mapping[str, object]


class InvalidDataSource(ApiError):
    """Parameters of a data source that cannot be; all mistakes, a line each."""

    status = 400

    def body(self) -> bytes:
        request_id = str(uuid.uuid5(_SPACE, self.message))
        error = {"requestid": request_id, "code": self.status, "message": self.message}
        return msgspec.json.encode({"error": error})


def is_retired(now: float) -> bool:
    """Return True once the real service has no data sources; `now` is in seconds since 1970."""
    return now >= _RETIRED


def check_data_sources(parameters: ChatParameters, model: Model, *, served: bool) -> None:
    """Raise for sources that the service would refuse; `served`: it has not been retired."""
    sources = parameters.data_sources
    if sources is None:
        return
    if not served or not _MODELS.fullmatch(model.name):
        raise UnknownArguments(["data_sources"])
    mistakes = list(_mistakes(sources))
    if parameters.logprobs or parameters.top_logprobs is not None:
        mistakes.append("Validation error at #/logprobs: Extra inputs are not permitted")
    if mistakes:
        raise InvalidDataSource("\n".join(mistakes[:_MOST_ERRORS]))


def _mistakes(sources: list[dict[str, object]]) -> Iterator[str]:
    if len(sources) != 1:
        bound = "at least" if not sources else "at most"
        yield _at("", f"List should have {bound} 1 item after validation, not {len(sources)}")
        return
    source = sources[0]
    name = source.get("type")
    if name is None:
        yield _at("/0", "Unable to extract tag using discriminator 'type'")
    elif not isinstance(name, str) or name not in _KINDS:
        yield _at("/0", _other_tag(name, _KINDS))
    elif not isinstance(source.get("parameters"), dict):
        what = "Field required" if "parameters" not in source else _NO_DICTIONARY
        yield _at(f"/0/{name}/parameters", what)
    else:
        found = cast("_Fields", source["parameters"])
        for place, what in _of_parameters(found, _KINDS[name]):
            yield _at(f"/0/{name}/parameters/{place}", what)


_NO_DICTIONARY = "Input should be a valid dictionary or object to extract fields from"


def _of_parameters(found: _Fields, kind: _Kind) -> Iterator[tuple[str, str]]:
    known = {*kind.required, *kind.optional, *_SHARED}
    yield from ((name, "Field required") for name in kind.required if found.get(name) is None)
    extra = [name[:64] for name in found if name not in known]
    yield from ((name, "Extra inputs are not permitted") for name in extra)
    for name in known & _TEXTS:
        if not isinstance(found.get(name) or "", str):
            yield name, "Input should be a valid string"
    if not _is_address(found.get("endpoint") or "https://"):
        yield "endpoint", "Input should be a valid URL"
    for name in _NUMBERS:
        yield from _of_number(name, found.get(name))
    if not isinstance(found.get("in_scope") or False, bool):
        yield "in_scope", "Input should be a valid boolean"
    yield from _of_contexts(found.get("include_contexts") or [])
    yield from _of_query(found, kind)
    yield from _of_choice(found, "authentication", _AUTHENTICATIONS)
    yield from _of_choice(found, "embedding_dependency", _VECTORIZERS)


def _of_query(found: _Fields, kind: _Kind) -> Iterator[tuple[str, str]]:
    query = found.get("query_type")
    if kind.queries and query not in (None, *kind.queries):
        yield "query_type", f"Input should be {_either(kind.queries)}"
    elif str(query).startswith("vector") and not found.get("embedding_dependency"):
        yield "embedding_dependency", "Field required"


def _of_number(name: str, value: object) -> Iterator[tuple[str, str]]:
    if value is None:
        return
    if not isinstance(value, int) or isinstance(value, bool):
        yield name, "Input should be a valid integer"
    elif value < 1:
        yield name, "Input should be greater than or equal to 1"
    elif name == "strictness" and value > _STRICTEST:
        yield name, f"Input should be less than or equal to {_STRICTEST}"


def _of_contexts(given: object) -> Iterator[tuple[str, str]]:
    contexts = cast("list[object]", given)
    if not isinstance(given, list):
        yield "include_contexts", "Input should be a valid list"
    elif any(one not in CONTEXTS for one in contexts):
        yield "include_contexts", f"Input should be {_either(CONTEXTS)}"


def _of_choice(
    found: _Fields, name: str, kinds: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[str, str]]:
    """The mistakes of a member whose `type` says which others it needs."""
    given = found.get(name)
    if given is None:
        return
    if not isinstance(given, dict):
        yield name, _NO_DICTIONARY
        return
    choice = cast("_Fields", given)
    kind = choice.get("type")
    if not isinstance(kind, str) or kind not in kinds:
        yield name, _other_tag(kind, kinds)
        return
    for member in kinds[kind]:
        if not choice.get(member):
            yield f"{name}/{kind}/{member}", "Field required"


def _is_address(value: object) -> bool:
    return isinstance(value, str) and value.startswith(("https://", "http://"))


def _other_tag(found: object, tags: Mapping[str, object]) -> str:
    expected = ", ".join(f"'{tag}'" for tag in tags)
    return (
        f"Input tag '{str(found)[:64]}' found using 'type' does not match any of the expected tags: "
        f"{expected}"
    )


def _either(values: tuple[str, ...]) -> str:
    *others, last = (f"'{value}'" for value in values)
    return f"{', '.join(others)} or {last}"


def _at(place: str, what: str) -> str:
    return f"Validation error at #/data_sources{place}: {what}"
