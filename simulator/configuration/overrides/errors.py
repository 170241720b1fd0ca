"""Errors of a change of the configuration, other than a fault in the change itself.

GatewayError
├── SomebodyWasFaster   412  the configuration is not the one of `If-Match` any more
└── ChangesUnusable     409  the stored overrides were edited, and cannot be understood
"""

from simulator.configuration.overrides.blob import NAME, StoredOverrides
from simulator.errors import GatewayError


class SomebodyWasFaster(GatewayError):
    """Says who made the last change, when and of what, and carries the ETag to go on with."""

    status = 412
    code = "PreconditionFailed"

    def __init__(self, kept: StoredOverrides, etag: str) -> None:
        if kept.changed_at:
            what = f"At {kept.changed_at}, {kept.changed_by} changed {', '.join(kept.changed)}."
        else:
            what = "The simulator was started with other settings, or other deployments."
        super().__init__(
            f"The configuration is not the one with this ETag any more, and nothing was changed. {what} "
            "Read it again and repeat the change with its new ETag, or leave If-Match out.",
            headers={"etag": etag},
        )


class ChangesUnusable(GatewayError):
    """Raised if the stored overrides are unusable; the message says how to reset them."""

    status = 409
    code = "Conflict"

    def __init__(self, cause: str) -> None:
        super().__init__(
            f"The changes kept as {NAME} cannot be used, and nothing was changed: {cause} Mend it, or "
            "forget all changes with DELETE /++/config."
        )
