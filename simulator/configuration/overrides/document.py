"""The document that shows the configuration in force."""

import hashlib
from typing import Literal

import msgspec

from simulator.configuration.overrides import deployment_members as entries
from simulator.configuration.overrides import setting_members as fields
from simulator.configuration.overrides.patch import Configuration

KeptIn = Literal["memory", "folder", "blobs"]


def document_of(configuration: Configuration, kept_in: KeptIn) -> dict[str, object]:
    """All that may be changed, and what it helps to see beside it; secrets are `***` if set."""
    settings = configuration.settings
    connection = settings.storage
    return {
        **fields.nested(fields.values_of(settings)),
        entries.MEMBER: {
            name: entries.shown(deployment)
            for name, deployment in configuration.deployments.items()
        },
        "azure_openai_endpoint": settings.upstream_endpoint or None,
        "secrets": {
            **fields.secrets_of(settings),
            "RecordingStorage": "***" if connection and connection.connection_string else None,
        },
        "kept_in": kept_in,
    }


def encoded(document: dict[str, object]) -> bytes:
    return msgspec.json.encode(document)


def etag_of(document: bytes) -> str:
    """The ETag of what a client reads: it is the same on every instance that shows the same."""
    return f'"{hashlib.sha256(document).hexdigest()[:20]}"'
