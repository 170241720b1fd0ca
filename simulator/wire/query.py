"""The query of an address: the parameters that carry a secret."""

import re
from collections.abc import Callable
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
_HOST = re.compile(rb":(?:\\?/){2}")
# While a pattern matches, no other thread runs: so it matches a piece, and then the next one.
_OF_ADDRESS = re.compile(rb"(?:[^\s\"'<>\\]|\\u0026|\\/){1,4096}+")
_OF_VALUE = re.compile(rb"(?:(?!\\u0026)[^&#;\"'\s<>]){1,4096}+")
_WINDOW, _LONGEST_HEAD = 8_192, 128
_NAMES = "|".join(re.escape(name).replace(r"\-", "(?:-|%2d)") for name in SECRET_PARAMETERS)
_PARAMETER = re.compile(
    rb"(?:[?&;#]|\\u0026)(?:" + _NAMES.encode() + rb")=",
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
    return _replaced(text, _HOST, _OF_ADDRESS, _mask_parameters)


def _mask_parameters(address: bytes) -> bytes:
    return _replaced(address, _PARAMETER, _OF_VALUE, lambda _: MASK.encode())


def _replaced(
    text: bytes, head: re.Pattern[bytes], rest: re.Pattern[bytes], new: Callable[[bytes], bytes]
) -> bytes:
    """The text, with something new in the place of whatever follows a head, as far as `rest` goes."""
    replaced = bytearray()
    done = at = 0
    while found := _first(head, text, at):
        start = at = found.end()
        while more := rest.match(text, at):
            at = more.end()
        if at > start:
            replaced += text[done:start]
            replaced += new(text[start:at])
            done = at
    return bytes(replaced + text[done:]) if done else text


def _first(head: re.Pattern[bytes], text: bytes, at: int) -> re.Match[bytes] | None:
    for start in range(at, len(text), _WINDOW):
        if found := head.search(text, start, start + _WINDOW + _LONGEST_HEAD):
            return found
    return None
