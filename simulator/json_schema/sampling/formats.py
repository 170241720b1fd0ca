"""Strings of the named formats of JSON Schema (RFC 3339, 5321, 4122 and their neighbours)."""

import datetime
import random
import uuid
from collections.abc import Callable

from simulator.json_schema.patterns.writing import LETTERS

_FIRST_DAY = datetime.date(2020, 1, 1).toordinal()


def _name(rng: random.Random) -> str:
    return "".join(rng.choice(LETTERS) for _ in range(rng.randint(4, 8)))


def _date(rng: random.Random) -> str:
    return datetime.date.fromordinal(_FIRST_DAY + rng.randrange(3650)).isoformat()


def _time(rng: random.Random) -> str:
    return f"{rng.randrange(24):02}:{rng.randrange(60):02}:{rng.randrange(60):02}Z"


def _duration(rng: random.Random) -> str:
    return f"P{rng.randint(1, 30)}DT{rng.randint(1, 23)}H"


def _host(rng: random.Random) -> str:
    return f"{_name(rng)}.example.com"


def _ipv4(rng: random.Random) -> str:
    # The three networks that RFC 5737 keeps for documentation.
    return f"{rng.choice(('192.0.2', '198.51.100', '203.0.113'))}.{rng.randint(1, 254)}"


def _uri(rng: random.Random) -> str:
    return f"https://{_host(rng)}/{_name(rng)}"


FORMATS: dict[str, Callable[[random.Random], str]] = {
    "date": _date,
    "time": _time,
    "date-time": lambda rng: f"{_date(rng)}T{_time(rng)}",
    "duration": _duration,
    "email": lambda rng: f"{_name(rng)}@example.com",
    "idn-email": lambda rng: f"{_name(rng)}@example.com",
    "hostname": _host,
    "idn-hostname": _host,
    "ipv4": _ipv4,
    "ipv6": lambda rng: f"2001:db8::{rng.randint(1, 0xFFFF):x}",
    "uuid": lambda rng: str(uuid.UUID(int=rng.getrandbits(128), version=4)),
    "uri": _uri,
    "url": _uri,
    "iri": _uri,
    "uri-reference": lambda rng: f"/{_name(rng)}/{_name(rng)}",
    "iri-reference": lambda rng: f"/{_name(rng)}/{_name(rng)}",
    "uri-template": lambda rng: f"https://{_host(rng)}/{{{_name(rng)}}}",
    "json-pointer": lambda rng: f"/{_name(rng)}/{rng.randrange(10)}",
    "relative-json-pointer": lambda rng: f"{rng.randrange(3)}/{_name(rng)}",
    "regex": lambda rng: f"^{_name(rng)}$",
}
