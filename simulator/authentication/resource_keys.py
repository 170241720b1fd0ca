"""The keys of one resource of a fleet."""

from collections.abc import Sequence

from simulator.authentication.authenticator import Key


class ResourceKeys(Key):
    """Good for their resource alone; there the simulator's own key is a wrong one."""

    def __init__(self, keys: Sequence[str]) -> None:
        super().__init__(keys[0])
        self._keys = tuple(map(Key, keys))

    def matches(self, offered: str) -> bool:
        """Return True if a header's value is one of the keys, in a time that does not say which."""
        return sum(key.matches(offered) for key in self._keys) > 0
