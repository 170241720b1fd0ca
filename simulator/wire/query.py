"""The query of an address: the parameters that carry a key."""

from urllib.parse import unquote_plus

KEY_PARAMETERS = frozenset({"api-key", "code", "subscription-key"})


def without_parameters(query_string: str, names: frozenset[str]) -> str:
    """The query without the parameters of these names (in any case), the rest as it was written."""
    kept = [
        pair
        for pair in query_string.split("&")
        if unquote_plus(pair.partition("=")[0]).lower() not in names
    ]
    return "&".join(kept)
