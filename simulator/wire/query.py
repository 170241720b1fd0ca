"""The query of an address: the parameters that carry a secret."""

from urllib.parse import unquote_plus

from simulator.caching import cached

SECRET_PARAMETERS = frozenset({"api-key", "code", "sig", "subscription-key"})
"""Keys of Azure OpenAI, of the Functions host and of API Management, and signatures of storage."""


def _stripped(query_string: str) -> str:
    """Return the query without secret parameters (in any case), the rest as it was written."""
    kept = [
        pair
        for pair in query_string.split("&")
        if unquote_plus(pair.partition("=")[0]).lower() not in SECRET_PARAMETERS
    ]
    return "&".join(kept)


without_secrets = cached(_stripped, most=256)
