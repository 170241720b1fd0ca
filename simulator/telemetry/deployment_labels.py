"""The deployment names that telemetry distinguishes."""

from collections.abc import Iterable

OTHER = "other"
_MOST = 200


class Names:
    """Keeps the number of names finite, for each makes time series of its own in every backend.

    The deployments that are `known` keep their names, and so do the first 200 others that were called
    by requests which were understood; all further ones count as `other`.
    """

    def __init__(self, known: Iterable[str] = (), most: int = _MOST) -> None:
        self._names = set(known)
        self._most = len(self._names) + most

    def of(self, name: str, *, understood: bool = True) -> str:
        """The name, or `other`. What a request without a key names takes no place."""
        if name in self._names:
            return name
        if not understood or len(self._names) >= self._most:
            return OTHER
        self._names.add(name)
        return name
