"""Projects of Foundry: `/api/projects/{project}` before the v1 routes leads to the same routes, but for
embeddings, which are a 404 there (users of Azure, 2025-12, 2026-05 and 2026-11)."""

import re

from msgspec import structs

from simulator.messages import Request

_ROOT = "/api/projects/"
_ADDRESS = re.compile(
    r"/api/projects/[^/]+(?=/openai/v1(?:/|\Z))(?!/openai/v1/embeddings/?\Z)", re.IGNORECASE
)


def without_project(request: Request) -> Request:
    """Return the request with the path that it has without a project; the prefix keeps the project."""
    found = _ADDRESS.match(request.path)
    if found is None:
        return request
    project = found.group()
    return structs.replace(
        request, path=request.path[len(project) :], prefix=request.prefix + project
    )


def in_project(request: Request) -> bool:
    """Return True for what a project has beside the v1 routes."""
    return request.path.lower().startswith(_ROOT)


def resource_prefix(request: Request) -> str:
    """Return the part of the prefix that leads to a resource, without the project."""
    return _ADDRESS.sub("", request.prefix + request.path).removesuffix(request.path)
