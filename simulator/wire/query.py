"""The query of an address: the parameters that carry a secret."""

from urllib.parse import unquote_plus

SECRET_PARAMETERS = frozenset({"api-key", "code", "sig", "subscription-key"})
"""Keys of Azure OpenAI, of the Functions host and of API Management, and signatures of storage."""


def without_secrets(query_string: str) -> str:
    """Return the query without secret parameters (in any case), the rest as it was written."""
    kept = [
        pair
        for pair in query_string.split("&")
        if unquote_plus(pair.partition("=")[0]).lower() not in SECRET_PARAMETERS
    ]
    return "&".join(kept)
