"""The variables of a deployment (`DEPLOY_…`): which there are, and what they may be."""

import ipaddress
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from simulator.configuration.setting_fields import SettingError
from simulator.suggestions import nearest

_FIRST = "DEPLOY_"
_MOST_ON_PREMIUM = 100
"""Workers that an Elastic Premium plan may have."""


@dataclass(frozen=True, slots=True)
class Variable:
    """What a variable may be: `allows` says whether a text is, `words` say it to people."""

    allows: Callable[[str], bool]
    words: str


def one_of(*names: str) -> Variable:
    return Variable(lambda text: text in names, f"use {', '.join(names[:-1])} or {names[-1]}")


def whole_number(lowest: int, highest: int) -> Variable:
    def allows(text: str) -> bool:
        return re.fullmatch(r"[0-9]{1,9}", text) is not None and lowest <= int(text) <= highest

    return Variable(allows, f"use a whole number from {lowest} to {highest}")


def _is_object(text: str) -> bool:
    try:
        found = json.loads(text)
    except ValueError:
        return False
    return isinstance(found, dict)


def _is_network(text: str) -> bool:
    try:
        return ipaddress.IPv4Network(text).prefixlen <= 24
    except ValueError:
        return False


_SWITCH = one_of("true", "false")
VARIABLES: Mapping[str, Variable] = {
    "DEPLOY_PLAN": one_of("flex", "premium"),
    "DEPLOY_INSTANCE_MEMORY_MB": one_of("512", "2048", "4096"),
    "DEPLOY_HTTP_CONCURRENCY": whole_number(1, 1000),
    "DEPLOY_ALWAYS_READY_INSTANCES": whole_number(0, 1000),
    "DEPLOY_REDIS": _SWITCH,
    "DEPLOY_REDIS_SKU": one_of(*(f"Balanced_B{size}" for size in (0, 1, 3, 5, 10, 20, 50))),
    "DEPLOY_REDIS_HIGH_AVAILABILITY": _SWITCH,
    "DEPLOY_MAXIMUM_INSTANCES": whole_number(1, 1000),
    "DEPLOY_MAXIMUM_INSTANCES_WITH_REDIS": whole_number(1, 1000),
    "DEPLOY_BLOB_VERSIONING": _SWITCH,
    "DEPLOY_SOFT_DELETE_DAYS": whole_number(0, 365),
    "DEPLOY_STORAGE_SKU": one_of("Standard_LRS", "Standard_ZRS", "Standard_GRS", "Standard_GZRS"),
    "DEPLOY_PRIVATE_NETWORK": _SWITCH,
    "DEPLOY_NETWORK_ADDRESS_PREFIX": Variable(
        _is_network, "use a network of IPv4, a /24 or larger"
    ),
    "DEPLOY_PUBLIC_ACCESS": _SWITCH,
    "DEPLOY_VAULT_PURGE_PROTECTION": _SWITCH,
    "DEPLOY_LOG_RETENTION_DAYS": whole_number(30, 730),
    "DEPLOY_TAGS": Variable(_is_object, "use a JSON object"),
    "DEPLOY_SETTINGS": Variable(bool, "use names, separated by commas"),
}


def check(environment: Mapping[str, str]) -> None:
    """Raises `SettingError` for the first variable that is not allowed; an empty one is unset."""
    for name, variable in VARIABLES.items():
        text = environment.get(name, "")
        if text and not variable.allows(text):
            raise SettingError(name, repr(text), variable.words)
    _check_together(environment)


def _check_together(environment: Mapping[str, str]) -> None:
    if environment.get("DEPLOY_PLAN") == "premium":
        for name in ("DEPLOY_MAXIMUM_INSTANCES", "DEPLOY_MAXIMUM_INSTANCES_WITH_REDIS"):
            if int(environment.get(name) or 1) > _MOST_ON_PREMIUM:
                words = f"Elastic Premium takes {_MOST_ON_PREMIUM} at most"
                raise SettingError(name, repr(environment[name]), words)
    private = environment.get("DEPLOY_PRIVATE_NETWORK") == "true"
    if environment.get("DEPLOY_PUBLIC_ACCESS") == "false" and not private:
        words = "nobody could reach the simulator; set DEPLOY_PRIVATE_NETWORK=true, too"
        raise SettingError("DEPLOY_PUBLIC_ACCESS", "'false'", words)


def mistaken(environment: Mapping[str, str]) -> Sequence[str]:
    """Return a line for each name that is nearly one of the variables, and set to something."""
    found = (name for name in sorted(environment) if name.startswith(_FIRST) and environment[name])
    near = ((name, nearest(name, VARIABLES, 0.9)) for name in found if name not in VARIABLES)
    return [
        f"{name} is no variable of a deployment; did you mean {one}?" for name, one in near if one
    ]
