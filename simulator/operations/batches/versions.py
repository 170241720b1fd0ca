"""The api-versions that have batches."""

from simulator.catalogue.api_versions import older_than
from simulator.errors import ResourceNotFound

_SINCE = "2024-07-01-preview"
_FILTERED = ("2025-03-01-preview", "2025-04-01-preview")


def check_dated(version: str) -> None:
    """Refuse an api-version that is older than batches."""
    if older_than(version, _SINCE):
        raise ResourceNotFound


def has_filters(version: str) -> bool:
    """Return True if lists take `$filter` and `$orderby` (Microsoft's page on batches)."""
    return version in _FILTERED
