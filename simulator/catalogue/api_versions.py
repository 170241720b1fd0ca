"""The api-versions that exist, and the one that a request names."""

from collections.abc import Collection

from simulator.errors import ResourceNotFound, VersionNotSupported

# Microsoft's api-version lifecycle page and the directories of the OpenAPI documents. The retired
# previews of 2023 are still answered by the real service (recorded mid-2025).
KNOWN = frozenset(
    {
        "2022-12-01",
        "2023-03-15-preview",
        "2023-05-15",
        "2023-06-01-preview",
        "2023-07-01-preview",
        "2023-08-01-preview",
        "2023-09-01-preview",
        "2023-10-01-preview",
        "2023-12-01-preview",
        "2024-02-01",
        "2024-02-15-preview",
        "2024-03-01-preview",
        "2024-04-01-preview",
        "2024-05-01-preview",
        "2024-06-01",
        "2024-07-01-preview",
        "2024-08-01-preview",
        "2024-09-01-preview",
        "2024-10-01-preview",
        "2024-10-21",
        "2024-12-01-preview",
        "2025-01-01-preview",
        "2025-02-01-preview",
        "2025-03-01-preview",
        "2025-04-01-preview",
    }
)
INFERENCE = KNOWN | {"2025-04-01", "2025-05-01", "2025-05-15-preview"}
"""The api-versions of Azure AI Inference, which takes Azure OpenAI's, too (reported by users)."""
PROJECTS = frozenset({"v1", "2025-05-01", "2025-05-15-preview", "2025-11-15-preview"})
"""The api-versions of the projects of Foundry; the releases of azure-ai-projects ask for."""
V1 = frozenset({"v1", "preview", "latest"})


def check_version(template: str, version: str, *, unversioned: bool = False) -> None:
    """Refuses an api-version as the real service does; on the v1 routes it may be left out, and for models
    of other makers (`unversioned`) it has to be (reported by users, 2026-04).
    """
    if unversioned:
        raise VersionNotSupported("api-version query parameter is not allowed when using /v1 path")
    if template.startswith("openai/v1"):
        if version and version not in V1:
            raise VersionNotSupported("API version not supported")
    elif template.startswith("openai/"):
        if version not in KNOWN:
            raise ResourceNotFound
    elif template.startswith("models/"):
        _check_required(version, INFERENCE)
    elif template.startswith("api/projects/"):
        _check_required(version, PROJECTS)


def _check_required(version: str, known: Collection[str]) -> None:
    """Refuse in the words of Azure AI Inference, which are taken to be those of projects, too."""
    if not version:
        raise VersionNotSupported("Missing required query parameter: api-version")
    if version not in known:
        raise VersionNotSupported("API version not supported")


def older_than(version: str, first: str) -> bool:
    """Return True if a dated api-version came before `first`; the v1 routes are newer than all
    dated ones.
    """
    return version[:4].isdigit() and version[:10] < first[:10]
