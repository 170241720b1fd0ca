"""Events of webhooks, signed in the manner of Standard Webhooks."""

import base64
import binascii
import hashlib
import hmac
import random
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

_PREFIX = "whsec_"
_SECRET_BYTES = 32


class Ended(NamedTuple):
    """The end of a kind that the thing of an id has had, at a moment (seconds since 1970)."""

    kind: str
    identifier: str
    moment: float


class Event(NamedTuple):
    """An event with its bytes; the same end of the same thing is the same event."""

    id: str
    body: bytes


def new_secret(rng: random.Random) -> str:
    return _PREFIX + base64.b64encode(rng.randbytes(_SECRET_BYTES)).decode()


def event_of(ended: Ended) -> Event:
    """The event that says how something has ended."""
    kind, identifier, moment = ended
    digest = hashlib.sha256(f"{kind}\0{identifier}".encode()).hexdigest()
    name = f"evt_{digest[:32]}"
    body = {
        "id": name,
        "object": "event",
        "created_at": int(moment),
        "type": kind,
        "data": {"id": identifier},
    }
    return Event(name, msgspec.json.encode(body))


def signed_headers(event: Event, secrets: Sequence[str], now: float) -> Mapping[str, str]:
    """The headers with which whoever knows one of the secrets can verify the event."""
    timestamp = str(int(now))
    content = f"{event.id}.{timestamp}.".encode() + event.body
    digests = [hmac.digest(_key(secret), content, "sha256") for secret in secrets]
    return {
        "content-type": "application/json",
        "webhook-id": event.id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(
            f"v1,{base64.b64encode(digest).decode()}" for digest in digests
        ),
    }


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        return secret.encode()
