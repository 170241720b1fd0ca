"""Images that are fetched by their address until they expire, seen by every instance."""

import re
import secrets
import time
import urllib.parse
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from uuid import UUID

from simulator.operations.stores import ReportingContainer
from simulator.storage.container import Container
from simulator.storage.several import each

FOLDER = ".images/"
PATH = "private/images/{image}/generated_00.png"
RETENTION = 24 * 3600
"""Seconds that an image can be fetched (Microsoft's page on DALL-E)."""

# The number of images that are removed at most when one is added.
_SWEEP_SIZE = 50
_EXPIRY = "%Y-%m-%dT%H:%M:%SZ"
_IMAGE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class ImageExpired(LookupError):
    """The image's time is over, or its address does not say when that is."""


class ImageStore:
    """Keeps images in a container. A container that fails is reported as `Unavailable`.

    The moment of expiry is part of an image's name in the container as it is of its address, so
    names come in the order in which they expire, and nobody can lengthen an image's life.
    """

    def __init__(self, container: Container, now: Callable[[], float]) -> None:
        self._container = ReportingContainer(container, "images")
        self._now = now

    async def publish(self, data: bytes) -> str:
        """The path and query under which a PNG can be fetched. Nobody can guess them."""
        image = str(UUID(bytes=secrets.token_bytes(16), version=4))
        expires = int(self._now()) + RETENTION
        await self._sweep()
        await self._container.put(_name(expires, image), data)
        expiry = time.strftime(_EXPIRY, time.gmtime(expires))
        query = urllib.parse.urlencode({"se": expiry, "sr": "b"})
        return f"/{PATH.replace('{image}', image)}?{query}"

    async def fetch(self, image: str, query: Mapping[str, str]) -> bytes | None:
        """The image of an address; None if there is none. Raises `ImageExpired`."""
        expires = _expiry(query.get("se", ""))
        if expires is None:
            raise ImageExpired
        if not _IMAGE.fullmatch(image):
            return None
        name = _name(expires, image)
        if expires <= self._now():
            await self._container.delete(name)
            raise ImageExpired
        blob = await self._container.get(name)
        return blob.data if blob else None

    async def _sweep(self) -> None:
        expired: list[str] = []
        first_alive = f"{FOLDER}{int(self._now()) + 1:012d}"
        async for name in self._container.names(FOLDER):
            if name >= first_alive or len(expired) == _SWEEP_SIZE:
                break
            expired.append(name)
        await each(expired, self._container.delete)


def _name(expires: int, image: str) -> str:
    # Twelve digits sort as the numbers do.
    return f"{FOLDER}{expires:012d}-{image}.png"


def _expiry(text: str) -> int | None:
    try:
        return int(datetime.strptime(text, _EXPIRY).replace(tzinfo=UTC).timestamp())
    except ValueError:
        return None
