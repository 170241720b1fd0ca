"""The API of Azure AI Inference, below `/models`: a request's model, and its extra parameters."""

from collections.abc import Collection

import msgspec
from msgspec import Raw, Struct

from simulator.errors import ExtraParameters, NoModelNamed, UnexpectedOption
from simulator.messages import Request
from simulator.wire.body import Body

ROOT = "/models/"
MODEL_HEADER = "x-ms-model-mesh-model-name"
EXTRA_HEADER = "extra-parameters"


class _Named(Struct):
    model: str | None = None


_NAMED = Body(_Named)
_MEMBERS = msgspec.json.Decoder(dict[str, Raw])


def is_inference(request: Request) -> bool:
    return request.path[: len(ROOT)].lower() == ROOT


def named_model(request: Request) -> str:
    """The deployment that a request asks for: in a header, else in its body. Raises `InvalidRequest`
    or `NoModelNamed`."""
    named = request.headers.get(MODEL_HEADER) or (
        _NAMED.decode(request.body).model if request.body else None
    )
    if not named:
        raise NoModelNamed
    return named


def known_body(
    request: Request, known: Collection[str], passed: Collection[str] | None = None
) -> bytes:
    """The body with the parameters that the model gets: `known` are those of the API, and `passed` those
    of other ones that the model takes, None for all of them. Bodies of other routes, and what is no
    object, stay.

    Raises `ExtraParameters` or `UnexpectedOption`.
    """
    if not is_inference(request):
        return request.body
    option = request.headers.get(EXTRA_HEADER, "error")
    if option not in ("error", "drop", "pass-through"):
        raise UnexpectedOption(option)
    try:
        members = _MEMBERS.decode(request.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return request.body
    extras = [name for name in members if name not in known]
    if extras and option == "error":
        raise ExtraParameters(extras)
    kept = () if option == "drop" else passed
    if not extras or kept is None:
        return request.body
    left = {name: member for name, member in members.items() if name in known or name in kept}
    return msgspec.json.encode(left)
