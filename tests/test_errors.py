import importlib
import json
import re

import pytest

from simulator import errors
from simulator.errors import (
    AccessDenied,
    ApiError,
    DeploymentNotFound,
    InvalidRequest,
    OperationNotSupported,
    RateLimited,
    RecordingBroken,
    RecordingNotFound,
    RequestTooLarge,
    ResourceNotFound,
    ServerError,
    TokenMissing,
    Unavailable,
    UpstreamTimeout,
    UpstreamUnavailable,
    VersionNotSupported,
)

EVERY = [
    (ResourceNotFound(), 404, "404"),
    (AccessDenied(), 401, "401"),
    (DeploymentNotFound(), 404, "DeploymentNotFound"),
    (
        OperationNotSupported("chatCompletion", "text-embedding-ada-002"),
        400,
        "OperationNotSupported",
    ),
    (VersionNotSupported("API version not supported"), 400, "BadRequest"),
    (RateLimited("too many", retry_after=1), 429, "RateLimitReached"),
    (RateLimited("too many", retry_after=1, code="429"), 429, "429"),
    (RecordingNotFound("none"), 404, "RecordingNotFound"),
    (RecordingBroken("a.json", "no JSON"), 500, "RecordingBroken"),
    (UpstreamTimeout(), 408, "Timeout"),
    (UpstreamUnavailable("away"), 502, "BadGateway"),
    (Unavailable("no key"), 503, "ServiceUnavailable"),
    (InvalidRequest("bad", param="n", code="invalid_type"), 400, "invalid_type"),
    (RequestTooLarge("large"), 413, None),
    (ServerError("1-2-3"), 500, None),
]


@pytest.mark.parametrize(("error", "status", "code"), EVERY)
def test_an_error_has_its_status_and_code(error: ApiError, status: int, code: str | None) -> None:
    answer = error.answer()
    assert answer.status == status
    assert json.loads(error.body())["error"]["code"] == code


# Bodies as users of the real service reported them.
@pytest.mark.parametrize(
    ("error", "body"),
    [
        (
            TokenMissing(),
            (
                '{"statusCode":401,"message":"Unauthorized. Access token is missing, invalid, audience '
                'is incorrect (https://cognitiveservices.azure.com), or have expired."}'
            ),
        ),
        (
            OperationNotSupported("chatCompletion", "text-embedding-ada-002"),
            (
                '{"error":{"code":"OperationNotSupported","message":"The chatCompletion operation does '
                "not work with the specified model, text-embedding-ada-002. Please choose different "
                "model and try again. You can learn more about which models can be used with each "
                'operation here: https://go.microsoft.com/fwlink/?linkid=2197993."}}'
            ),
        ),
        (
            VersionNotSupported("API version not supported"),
            '{"error":{"code":"BadRequest","message":"API version not supported"}}',
        ),
        (
            UpstreamTimeout(),
            '{"error":{"code":"Timeout","message":"The operation was timeout."}}',
        ),
        (
            InvalidRequest("m", param="messages", code="context_length_exceeded"),
            (
                '{\n  "error": {\n    "message": "m",\n    "type": "invalid_request_error",\n'
                '    "param": "messages",\n    "code": "context_length_exceeded"\n  }\n}'
            ),
        ),
        (
            RequestTooLarge("Maximum content size limit (26214400) exceeded"),
            (
                '{"error":{"message":"Maximum content size limit (26214400) exceeded",'
                '"type":"server_error","param":null,"code":null}}'
            ),
        ),
    ],
)
def test_a_body_is_the_reported_one(error: ApiError, body: str) -> None:
    assert error.body().decode() == body


def test_a_server_error_has_the_id_that_the_client_may_quote() -> None:
    error = json.loads(ServerError("1-2-3").body())["error"]
    assert error["message"].startswith("The server had an error while processing your request.")
    assert "(Please include the request ID 1-2-3 in your message.)" in error["message"]
    assert error["type"] == "server_error"


@pytest.mark.parametrize(
    ("retry_after", "seconds", "milliseconds"),
    [
        (0.0, "1", "1"),
        (0.0004, "1", "1"),
        (0.5, "1", "500"),
        (1.2, "2", "1200"),
        (59, "59", "59000"),
    ],
)
def test_a_refused_request_learns_when_to_come_back(
    retry_after: float, seconds: str, milliseconds: str
) -> None:
    headers = RateLimited("m", retry_after=retry_after, headers={"x": "y"}).answer().headers
    assert dict(headers) == {"x": "y", "retry-after": seconds, "retry-after-ms": milliseconds}


def test_an_error_of_no_kind_has_no_body() -> None:
    with pytest.raises(NotImplementedError):
        ApiError("m").answer()


def test_an_error_repeats_no_more_than_the_beginning_of_what_a_client_has_sent() -> None:
    error = json.loads(InvalidRequest("v" * 10**6, param="p" * 10**6).body())["error"]
    assert error["message"] == "v" * 16_384 + "…"
    assert error["param"] == "p" * 16_384 + "…"


def test_errors_have_names_that_the_log_and_the_journal_can_show() -> None:
    importlib.import_module("simulator.assembly.simulator")
    found = [ApiError]
    for kind in found:
        found += kind.__subclasses__()
    shown = [kind.__name__ for kind in found if not kind.__subclasses__()]
    assert [name for name in shown if name.startswith("_")] == []


def _drawn() -> dict[str, tuple[str, int | None]]:
    """Each error of the tree in the package's docstring: the one above it, and its status."""
    found: dict[str, tuple[str, int | None]] = {}
    above = ["ApiError"]
    for branch, name, status in re.findall(
        r"^([│ ]*[├└]── )(\w+)(?: +([45]\d\d))?", errors.__doc__ or "", re.MULTILINE
    ):
        depth = len(branch) // len("├── ")
        above[depth:] = [name]
        found[name] = (above[depth - 1], int(status) if status else None)
    return found


def test_the_tree_of_errors_shows_each_of_them_below_its_base_with_its_status() -> None:
    drawn = _drawn()
    kinds = [ApiError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    own = {kind for kind in kinds[1:] if kind.__module__.startswith("simulator.errors.")}
    named = {kind.__name__: kind for kind in own if not kind.__name__.startswith("_")}
    assert drawn.keys() == named.keys()
    for name, (above, status) in drawn.items():
        bases = [kind.__name__ for kind in named[name].__mro__[1:]]
        assert next(base for base in bases if not base.startswith("_")) == above, name
        assert status is None or named[name].status == status, name
