"""Redaction of exchanges as they are stored: headers by allow-lists, so that a secret nobody thought of
is not stored, and secrets in bodies by what is known of them."""

from collections.abc import Callable, Mapping

from msgspec import structs

from simulator.messages import NO_HEADERS, Request
from simulator.recordings.exchange import Exchange, Piece
from simulator.recordings.secret_members import MEMBERS, SecretMembers
from simulator.storage.container import StorageError
from simulator.wire.query import mask_addresses, masked_address, without_secrets

REQUEST_HEADERS = frozenset({"accept", "content-type"})
RESPONSE_HEADERS = frozenset(
    {
        "azure-asyncoperation",
        "azureai-fe-is-streaming",
        "azureai-fe-offer-type",
        "azureml-model-session",
        "cache-control",
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-type",
        "csp-billing-usage",
        "location",
        "ms-azureml-model-error-reason",
        "ms-azureml-model-error-statuscode",
        "openai-model",
        "openai-processing-ms",
        "openai-version",
        "operation-location",
        "retry-after",
        "retry-after-ms",
        "skip-error-remapping",
        "x-accel-buffering",
        "x-ms-aoai-configured-data-retention-days",
        "x-ms-deployment-name",
        "x-ms-rai-invoked",
        "x-ms-region",
        "x-ms-served-model",
        "x-request-id",
    }
)


_ADDRESSES = frozenset({"azure-asyncoperation", "location", "operation-location"})
Redact = Callable[[bytes], bytes]
"""An extension's: returns a body, or an event of a stream, as it may be stored."""


class Redaction:
    """Masks, in bodies, the values of `members` and of secret parameters in addresses; `hooks` see
    what is left. A secret member of the request is masked in the answer, too.
    """

    def __init__(self, members: tuple[str, ...] = MEMBERS, hooks: tuple[Redact, ...] = ()) -> None:
        self._members = SecretMembers(members)
        self._hooks = hooks

    def exchange(self, exchange: Exchange, counted: Mapping[str, str] = NO_HEADERS) -> Exchange:
        """The exchange as it may be stored; `counted` are the headers of the request's key.

        Raises `StorageError` if an extension fails, for then it may not.
        """
        secrets: set[bytes] = set()
        request = self._members.mask(exchange.request.body, secrets)
        pieces = [(self._members.mask(data, secrets), t_ms) for data, t_ms in exchange.pieces]
        return structs.replace(
            exchange,
            request=_request(exchange.request, self._text(request, secrets), counted),
            headers=_headers(exchange.headers),
            pieces=tuple([Piece(self._text(data, secrets), t_ms) for data, t_ms in pieces]),
        )

    def body(self, body: bytes) -> bytes:
        """The body of a request, as it is stored."""
        secrets: set[bytes] = set()
        return self._text(self._members.mask(body, secrets), secrets)

    def bodies(self, request: bytes, response: bytes) -> tuple[bytes, bytes]:
        """The bodies of a request and of its answer. Raises `StorageError` if an extension fails."""
        secrets: set[bytes] = set()
        masked = [self._members.mask(body, secrets) for body in (request, response)]
        return self._text(masked[0], secrets), self._text(masked[1], secrets)

    def _text(self, data: bytes, secrets: set[bytes]) -> bytes:
        for secret in secrets:
            data = data.replace(secret, b"***")
        data = mask_addresses(data)
        try:
            for hook in self._hooks:
                data = hook(data)
        except Exception as error:
            raise StorageError(f"a redaction of the extension failed: {error!r}") from error
        return data


def _request(request: Request, body: bytes, counted: Mapping[str, str]) -> Request:
    headers = {name: value for name, value in request.headers.items() if name in REQUEST_HEADERS}
    headers |= counted
    query = without_secrets(request.query_string)
    return structs.replace(request, headers=headers, query_string=query, body=body)


def _headers(headers: Mapping[str, str]) -> dict[str, str]:
    return {
        name: masked_address(value) if name in _ADDRESSES else value
        for name, value in headers.items()
        if name in RESPONSE_HEADERS
    }
