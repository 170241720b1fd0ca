"""Events of webhooks, signed in the manner of Standard Webhooks."""

import base64
import binascii
import hashlib
import hmac
import random
from collections.abc import Mapping
from typing import NamedTuple

import msgspec

_PREFIX = "whsec_"
_SECRET_BYTES = 32


class Event(NamedTuple):
    """An event with its bytes; the same moment of the same thing is the same event."""

    id: str
    body: bytes


def new_secret(rng: random.Random) -> str:
    return _PREFIX + base64.b64encode(rng.randbytes(_SECRET_BYTES)).decode()


def event_of(kind: str, identifier: str, moment: float) -> Event:
    """The event of a kind, about the thing of an id."""
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


def signed_headers(event: Event, secret: str, now: float) -> Mapping[str, str]:
    """The headers with which whoever knows the secret can verify the event."""
    timestamp = str(int(now))
    content = f"{event.id}.{timestamp}.".encode() + event.body
    signature = base64.b64encode(hmac.digest(_key(secret), content, "sha256")).decode()
    return {
        "content-type": "application/json",
        "webhook-id": event.id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{signature}",
    }


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        return secret.encode()
