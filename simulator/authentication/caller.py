"""A caller: whoever a key, a token or an extension lets in, and what it may do."""

from typing import Literal

from msgspec import Struct

Role = Literal["user", "reader", "admin"]
"""`user` calls the API; `reader` reads journal, configuration, costs and the like; `admin` does all."""

USERS: frozenset[Role] = frozenset({"user", "admin"})
READERS: frozenset[Role] = frozenset({"reader", "admin"})
ADMINS: frozenset[Role] = frozenset({"admin"})


class Caller(Struct, frozen=True):
    """`deployments` are those that it may call, None for all; its own limits are counted over all of
    them, None for none.
    """

    name: str
    role: Role = "admin"
    deployments: frozenset[str] | None = None
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None

    @property
    def limited(self) -> bool:
        return self.requests_per_minute is not None or self.tokens_per_minute is not None

    def may_call(self, deployment: str) -> bool:
        return self.deployments is None or deployment in self.deployments


DEFAULT = Caller("default")
"""Whoever has the key of `SIMULATOR_API_KEY`."""
OF_RESOURCE = Caller("resource", "user")
"""Whoever has a key that is good for one resource of a fleet alone."""
BY_TOKEN = Caller("entra")
"""Whoever has an access token of the tenant."""
BY_EXTENSION = Caller("extension")
"""Whoever an extension lets in."""
NOBODY = Caller("", "user")
"""A caller of a route that needs no key."""
