"""The fingerprint of a request: the key under which its exchange is stored."""

import functools
import hashlib
import re
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlencode

import msgspec

from simulator.caching import cached_by_two
from simulator.messages import Request
from simulator.wire.query import SECRET_PARAMETERS
from simulator.wire.request_headers import ANSWER_CHANGING_HEADERS

VERSION = "k1"
# The service takes the model from these paths, whatever the body says of it.
_MODEL_IN_PATH = "/openai/deployments/"
_MODEL = frozenset({"model"})
_MODEL_PART = re.compile(rb'content-disposition:[^\r\n]*[; ]name="?model"?[;\r\n]', re.IGNORECASE)
_LONGEST_HEAD = 1_024
_DIGEST = "sha256:"
_BOUNDARY = re.compile(r'boundary="?([^";,]+)"?', re.IGNORECASE)
_FIXED_BOUNDARY = b"boundary"
_LEGACY_BOUNDARY = b"AOAI-API-SIMULATOR-BOUNDARY"


@dataclass(frozen=True, slots=True)
class Matching:
    """The parts of a request that count. `ignored` are top-level fields of a JSON body that do
    not, `headers` those that count beside the ones that the service is known to heed.
    """

    ignored: frozenset[str] = frozenset()
    api_version: bool = False
    headers: frozenset[str] = frozenset()


def fingerprint(request: Request, matching: Matching) -> str:
    """32 hex digits that equal requests share: of method, path, query, canonical body, headers that
    may change an answer, where there are any, and the resource of a fleet that is addressed.

    Key order and spacing of a JSON body do not matter, nor does the boundary of a multipart one, nor
    the body's `model` where the path names a deployment: some SDKs send one, others do not.
    """
    query = counted_query(request, matching)
    path = f"{request.path}?{query}" if query else request.path
    body = hashlib.sha256(canonical_body(request, matching.ignored)).hexdigest()
    key = f"{VERSION}\n{request.method}\n{path}\n{body}"
    for name, value in counted_headers(request, matching).items():
        key += f"\n{name}: {value}"
    if request.resource:
        key += f"\n@{request.resource}"  # no header's name begins so
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def counted_query(request: Request, matching: Matching) -> str:
    """The parameters that count, sorted."""
    return _counted(request.query_string, "" if matching.api_version else "api-version")


def _counted_parameters(query_string: str, ignored: str) -> str:
    return urlencode(
        sorted(
            (name, value)
            for name, value in Request("", "", query_string).query_pairs
            if name.lower() not in SECRET_PARAMETERS and name.lower() != ignored
        )
    )


_counted = cached_by_two(_counted_parameters, most=1024)


def counted_headers(request: Request, matching: Matching) -> dict[str, str]:
    """The headers that count, sorted; of those that a setting names a digest, for they may be secret."""
    found: dict[str, str] = {}
    for name in sorted(_counted_names(matching.headers).intersection(request.headers)):
        value = request.headers[name].strip()
        if value and name not in ANSWER_CHANGING_HEADERS and not value.startswith(_DIGEST):
            value = _DIGEST + hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
        if value:
            found[name] = value
    return found


@functools.lru_cache(maxsize=16)
def _counted_names(headers: frozenset[str]) -> frozenset[str]:
    return ANSWER_CHANGING_HEADERS | headers


def canonical_body(request: Request, ignored: frozenset[str] = frozenset()) -> bytes:
    """The body in the one form that all its spellings share."""
    body, in_path = request.body, request.path.lower().startswith(_MODEL_IN_PATH)
    if body.lstrip()[:1] in (b"{", b"["):
        try:
            return _canonical_json(body, ignored | _MODEL if in_path else ignored)
        except (ValueError, RecursionError):  # not JSON after all
            return body
    form = _with_boundary(request, _FIXED_BOUNDARY)
    return _without_model(form) if in_path and form is not body else form


def legacy_fingerprint(request: Request) -> str:
    """The key of an imported exchange of which only the md5 of the request's body is known."""
    body = _with_boundary(request, _LEGACY_BOUNDARY)
    return legacy_key(
        request.method, request.path, hashlib.md5(body, usedforsecurity=False).hexdigest()
    )


def legacy_key(method: str, path: str, body_hash: str) -> str:
    key = f"{method}|{path}|{body_hash}".encode("utf-8", "surrogatepass")
    return hashlib.md5(key, usedforsecurity=False).hexdigest()


def _canonical_json(body: bytes, ignored: frozenset[str]) -> bytes:
    value = msgspec.json.decode(body)
    if ignored and isinstance(value, dict):
        fields = cast("dict[str, object]", value)
        value = {name: field for name, field in fields.items() if name not in ignored}
    return msgspec.json.encode(value, order="sorted")


def _without_model(form: bytes) -> bytes:
    """The form, with this boundary, without its part `model`."""
    mark = b"--" + _FIXED_BOUNDARY
    parts = form.split(mark)
    return mark.join([part for part in parts if not _MODEL_PART.search(part, 0, _LONGEST_HEAD)])


def _with_boundary(request: Request, boundary: bytes) -> bytes:
    """A multipart body with this boundary in place of the random one; any other as it is."""
    content_type = request.headers.get("content-type", "")
    found = _BOUNDARY.search(content_type)
    if not content_type.lower().startswith("multipart/") or found is None:
        return request.body
    old = b"--" + found.group(1).strip().encode("latin-1", "replace")
    body = request.body.replace(b"\n" + old, b"\n--" + boundary)
    return b"--" + boundary + body[len(old) :] if body.startswith(old) else body
