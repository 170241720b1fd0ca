"""Requests that ask again for what was recorded."""

import re
from collections.abc import Collection

import msgspec
from msgspec import structs

from simulator.catalogue.models import UnknownModel, find_model
from simulator.messages import Request
from simulator.recordings.analysis.learning import deployment_of
from simulator.recordings.exchange import Exchange

_ASKED_AGAIN = frozenset({"GET", "POST"})
_ITEM = "(?:resp|conv|file|assistant|batch|upload)[_-]"
_IN_PATH = re.compile(f"/{_ITEM}")
_IN_BODY = re.compile(f'"{_ITEM}[0-9A-Za-z_-]{{8,}}"'.encode())
_BY_DEPLOYMENT = re.compile("(/openai/deployments/)[^/]+(/.*)")


def can_be_asked(request: Request) -> bool:
    """Return False for what is about a stored item, which may be gone by now, and what deletes."""
    if request.method not in _ASKED_AGAIN or _IN_PATH.search(request.path):
        return False
    return _IN_BODY.search(request.body) is None


def by_model(recorded: Exchange, defined: Collection[str]) -> Request:
    """Return the request with its deployment called as the model that answered, unless a deployment of
    that name is defined; a generator then knows which model it is.
    """
    request = recorded.request
    deployment = deployment_of(request)
    model = model_of(recorded)
    if not deployment or not model or deployment in defined:
        return request
    if found := _BY_DEPLOYMENT.fullmatch(request.path):
        return structs.replace(request, path=f"{found[1]}{model}{found[2]}")
    members = msgspec.json.decode(request.body, type=dict[str, msgspec.Raw])
    named = {**members, "model": msgspec.Raw(msgspec.json.encode(model))}
    return structs.replace(request, body=msgspec.json.encode(named))


class _Answer(msgspec.Struct):
    model: str = ""


def model_of(recorded: Exchange) -> str:
    """The model that an answer names in its headers or its body; "" for none that is known. Answers of
    Responses have the deployment's name there, so the header comes first.
    """
    if _is_model(served := recorded.headers.get("x-ms-served-model", "")):
        return served
    lines = recorded.body.splitlines() if recorded.streamed else [recorded.body]
    names = (_model_in(line.removeprefix(b"data:")) for line in lines)
    return next(filter(_is_model, names), "")


def _model_in(data: bytes) -> str:
    try:
        return msgspec.json.decode(data, type=_Answer).model
    except (ValueError, RecursionError):
        return ""


def _is_model(name: str) -> bool:
    try:
        return bool(find_model(name))
    except UnknownModel:
        return False
