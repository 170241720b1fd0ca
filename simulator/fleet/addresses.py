"""The addresses of resources: by the first label of the host's name, or by the path."""

from collections.abc import Collection

from msgspec import structs

from simulator.messages import Request
from simulator.wire.origin import host_label

FOLDER = "/resources/"


def addressed(request: Request, names: Collection[str]) -> Request:
    """The request with its resource, and without the beginning of its path that leads there.

    A path decides before the host's name; what is no resource's name in a host leads to none.
    """
    if request.path.startswith(FOLDER):
        name, slash, rest = request.path.removeprefix(FOLDER).partition("/")
        prefix = f"{FOLDER}{name}"
        return structs.replace(
            request, path=f"{slash}{rest}" or "/", resource=name.lower(), prefix=prefix
        )
    label = host_label(request.headers).lower()
    return structs.replace(request, resource=label) if label in names else request
