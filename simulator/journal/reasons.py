"""Reasons of refusals in plain words, for the journal, the log and the header `x-simulator-hint`."""

from collections.abc import Iterable

from simulator.catalogue.api_versions import INFERENCE, KNOWN, PROJECTS, V1
from simulator.catalogue.deployments import of_other_maker
from simulator.content_filter.refusals import FilteredContent
from simulator.errors import (
    AccessDenied,
    ApiError,
    DeploymentNotFound,
    Forbidden,
    InvalidRequest,
    KeysDisabled,
    MalformedJson,
    ModelMissing,
    OperationNotSupported,
    RateLimited,
    ResourceNotFound,
    TokenMissing,
    UnknownResource,
    VersionNotSupported,
)
from simulator.journal.findings import A_DAY
from simulator.messages import Request
from simulator.operations.routes import Route, split_path
from simulator.suggestions import nearest
from simulator.wire.inference import is_inference
from simulator.wire.projects import in_project

_KEY_HEADERS = ("api-key", "x-api-key", "authorization")
_NEWER = "enabled only for api"
"""The words of errors about what an older api-version has not."""
LONGEST = 600
"""Characters of a reason: names in it are the client's to choose."""


class Reasons:
    """States why a request was refused; `routes` are all that the simulator has."""

    def __init__(self, routes: Iterable[Route], *, in_header: bool) -> None:
        self.in_header = in_header
        """Clients are shown the reason, too."""
        self._routes = tuple(routes)
        self._paths = sorted({route.template for route in self._routes if route.template})

    def of(
        self, error: ApiError, request: Request, deployment: str | None, known: Iterable[str]
    ) -> str:
        """Return one line of printable ASCII; `known` are the names of the deployments."""
        return one_line(self._text(error, request, deployment, known))

    def _text(
        self, error: ApiError, request: Request, deployment: str | None, known: Iterable[str]
    ) -> str:
        if isinstance(error, UnknownResource):
            return error.why
        if isinstance(error, ResourceNotFound):
            return self._not_found(request)
        if isinstance(error, VersionNotSupported):
            return _version(error, request)
        if isinstance(error, DeploymentNotFound):
            return _no_deployment(deployment or "", known)
        if isinstance(error, ModelMissing):
            return "the body has no model, which names the deployment"
        if isinstance(error, OperationNotSupported):
            return f"the model of deployment {deployment!r} does not do this operation"
        if isinstance(error, FilteredContent):
            return error.reason
        return _of_caller(error, request) or _of_limits(error) or _of_body(error)

    def _not_found(self, request: Request) -> str:
        path = split_path(request.path)
        routes = [route for route in self._routes if route.parameters_of(path) is not None]
        if not routes:
            path = request.path.strip("/")
            return f"no route has the path /{path}{_nearest(path, self._paths)}"
        methods = sorted({route.method for route in routes})
        if request.method not in methods:
            return f"the path takes {' and '.join(methods)}, not {request.method}"
        version = request.query.get("api-version", "")
        if not version:
            return "the query has no api-version, which this route needs"
        return f"api-version {version!r} is not known{_nearest(version, KNOWN)}"


def _version(error: VersionNotSupported, request: Request) -> str:
    """The mistake in the api-version."""
    version = request.query.get("api-version", "")
    known = INFERENCE if is_inference(request) else PROJECTS if in_project(request) else ()
    if known and not version:
        return "the query has no api-version, which this route needs"
    if known:
        return f"api-version {version!r} is not known{_nearest(version, known)}"
    if _NEWER in error.message:
        return f"what is asked for is newer than the api-version {version!r}"
    if "/openai/v1/" not in request.path:
        return error.message
    return f"api-version {version!r} is not one of the v1 routes: {', '.join(sorted(V1))}"


def _no_deployment(name: str, known: Iterable[str]) -> str:
    where = "; a model of another maker is deployed by the deployment file"
    close = _nearest(name, known)
    added = close or (where if of_other_maker(name) else "")
    return f"there is no deployment {name!r}{added}"


def _of_caller(error: ApiError, request: Request) -> str:
    if isinstance(error, AccessDenied):
        return error.why or "the api-key is none of the simulator's keys"
    if isinstance(error, Forbidden):
        return error.why
    if isinstance(error, KeysDisabled):
        return "the simulator has no key, only access tokens of its tenant are taken"
    if isinstance(error, TokenMissing):
        if error.why:
            return f"the access token was refused: {error.why}"
        scheme = request.headers.get("authorization", "").partition(" ")[0]
        if scheme and scheme.lower() != "bearer":  # it may be the key itself
            return "authorization does not begin with 'Bearer ', as a key or a token there does"
        offered = [name for name in _KEY_HEADERS if name in request.headers]
        return f"no usable key in {' and '.join(offered) or 'api-key or authorization'}"
    return ""


def _of_limits(error: ApiError) -> str:
    if not isinstance(error, RateLimited):
        return ""
    kind = error.headers.get("x-ratelimit-type", "tokens").lower()
    if error.retry_after >= A_DAY:
        return f"the request alone is more than the limit of {kind} of {error.limited}: no waiting helps"
    wait = error.headers.get("retry-after", "?")
    return f"the limit of {kind} of {error.limited} is used up; it has room in {wait} s"


def _of_body(error: ApiError) -> str:
    """The message, and the parameter that it is about where it does not name it."""
    if isinstance(error, MalformedJson):
        return f"the body is not the JSON that is expected: {error.why}"
    param = error.param if isinstance(error, InvalidRequest) else None
    if not param or param in error.message:
        return error.message
    return f"{param}: {error.message}"


def _nearest(name: str, known: Iterable[str]) -> str:
    close = nearest(name, known)
    return f"; the nearest is {close!r}" if close else ""


def one_line(text: str) -> str:
    """Return a reason in printable ASCII, and not longer than reasons are."""
    printable = text[:LONGEST].encode("ascii", "replace").decode()
    return "".join(letter if letter.isprintable() else "?" for letter in printable)
