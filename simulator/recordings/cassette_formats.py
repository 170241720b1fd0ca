"""The forms that cassettes have, each as a list of interactions.

* vcrpy and the predecessor: `interactions`, each with its `request` and `response`;
* LangChain's tests: a list of `requests` beside one of `responses`;
* VCR for Ruby: `http_interactions`;
* the test agent of dd-apm: one `request` and its `response`, a binary body as `base64:` and its text.
"""

import itertools
from collections.abc import Mapping
from typing import cast

_BASE64 = "base64:"
_KNOWN = (
    "it has no list of interactions or http_interactions, no lists of requests and of responses, and "
    "no request with its response"
)


class CassetteError(ValueError):
    """A file, or an interaction in it, that cannot be read; the text says why."""


def interactions(loaded: object) -> list[object]:
    """The interactions of a document; `CassetteError` if it has none of the forms."""
    if not isinstance(loaded, dict):
        raise CassetteError(f"not a cassette: {_KNOWN}")
    document = cast("dict[object, object]", loaded)
    for name in ("interactions", "http_interactions"):
        found = document.get(name)
        if isinstance(found, list):
            return cast("list[object]", found)
    requests, responses = document.get("requests"), document.get("responses")
    if isinstance(requests, list) and isinstance(responses, list):
        return _paired(cast("list[object]", requests), cast("list[object]", responses))
    request, response = document.get("request"), document.get("response")
    if isinstance(request, dict) and isinstance(response, dict):
        return [_single(cast("_Part", request), cast("_Part", response))]
    raise CassetteError(f"not a cassette: {_KNOWN}")


_Part = Mapping[object, object]


def _paired(requests: list[object], responses: list[object]) -> list[object]:
    """One interaction for each request; one that lacks its partner cannot be read later."""
    pairs = itertools.zip_longest(requests, responses)
    return [{"request": request, "response": response} for request, response in pairs]


def _single(request: _Part, response: _Part) -> object:
    return {"request": _unmarked(request), "response": _unmarked(response)}


def _unmarked(part: _Part) -> _Part:
    body = part.get("body")
    if not isinstance(body, str) or not body.startswith(_BASE64):
        return part
    return {**part, "body": {"base64_string": body.removeprefix(_BASE64)}}
