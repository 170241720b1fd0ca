"""The bodies of requests that are under way: the largest one, and the room for all of them together."""

from simulator.errors import BodyTooLarge, Unavailable

SMALL = 2**17
"""Bytes up to which a body takes no room: requests in flight have a bound of their own."""
_IN_MEMORY = 2**30
_ON_DISK = 2**32
_LARGEST_ONES = 2


class Room:
    """Bytes that bodies take together, at most `most`; `place` stands in the refusal of more."""

    def __init__(self, most: int, place: str) -> None:
        self._most = most
        self._place = place
        self._taken = 0

    def take(self, size: int) -> None:
        """Take as many bytes more; raises `Unavailable` where they are not left."""
        if self._taken + size > self._most:
            raise Unavailable(
                f"The bodies of requests take all of their room {self._place} of the simulator "
                f"({self._most // 2**20} MB). Please try again.",
                headers={"retry-after": "1"},
            )
        self._taken += size

    def give(self, size: int) -> None:
        """Give back what was taken."""
        self._taken -= size


class Bodies:
    """The bounds of bodies; `largest` is in bytes. There is room for two of the largest at least."""

    def __init__(self, largest: int) -> None:
        self.largest = largest
        self.memory = Room(max(_IN_MEMORY, _LARGEST_ONES * largest), "in the memory")
        self.disk = Room(max(_ON_DISK, _LARGEST_ONES * largest), "on the disk")

    def check(self, length: int) -> None:
        """Raise `BodyTooLarge` for a body of this length."""
        if length > self.largest:
            raise BodyTooLarge(self.largest)
