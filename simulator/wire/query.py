"""The query of an address: the parameters that carry a secret."""

import re
from urllib.parse import unquote_plus

from simulator.caching import cached

SECRET_PARAMETERS = frozenset(
    {
        "access_token",
        "api-key",
        "api_key",
        "apikey",
        "auth",
        "authorization",
        "client_secret",
        "code",
        "id_token",
        "ocp-apim-subscription-key",
        "password",
        "refresh_token",
        "sas",
        "secret",
        "sig",
        "signature",
        "subscription-key",
        "token",
        "x-amz-credential",
        "x-amz-security-token",
        "x-amz-signature",
        "x-api-key",
        "x-functions-key",
        "x-goog-signature",
    }
)
"""Keys of Azure OpenAI, the Functions host and API Management; tokens; signatures of storage."""
MASK = "***"

# In JSON, an ampersand may be written as \\u0026 and a slash as \\/.
# A pattern that begins with one byte is searched for as fast as that byte is.
_ADDRESS = re.compile(rb":(?:\\?/){2}(?:[^\s\"'<>\\]|\\u0026|\\/)+")
_NAMES = "|".join(re.escape(name).replace(r"\-", "(?:-|%2d)") for name in SECRET_PARAMETERS)
_PARAMETER = re.compile(
    rb"((?:[?&;#]|\\u0026)(?:" + _NAMES.encode() + rb")=)(?:(?!\\u0026)[^&#;\"'\s<>])+",
    re.IGNORECASE,
)


def _stripped(query_string: str) -> str:
    """Return the query without secret parameters (in any case), the rest as it was written."""
    kept = [
        pair
        for pair in query_string.split("&")
        if unquote_plus(pair.partition("=")[0]).lower() not in SECRET_PARAMETERS
    ]
    return "&".join(kept)


without_secrets = cached(_stripped, most=256)


def masked_address(address: str) -> str:
    """The address, which may be relative, with the values of secret parameters masked."""
    return _mask_parameters(address.encode("latin-1", "replace")).decode("latin-1")


def mask_addresses(text: bytes) -> bytes:
    """The text, with the values of secret parameters masked in the addresses within it."""
    if b"://" not in text and b":\\/\\/" not in text:
        return text
    return _ADDRESS.sub(lambda found: _mask_parameters(found[0]), text)


def _mask_parameters(address: bytes) -> bytes:
    return _PARAMETER.sub(rb"\1" + MASK.encode(), address)
