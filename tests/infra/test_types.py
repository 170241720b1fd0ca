"""The Bicep files against Microsoft's type definitions: known properties, required and read-only ones,
and the values that are allowed.

`data/bicep_types.json` has what Azure/bicep-types-az says (its commit and date are in it) of the types
that are used here: all names of each object, and the types below those that the files set.
"""

import copy
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.infra.bicep import ALL, File, Resource

TYPES: Mapping[str, Any] = json.loads(
    (Path(__file__).parent / "data" / "bicep_types.json").read_text(encoding="utf-8")
)["types"]
RESOURCES = [(file, found) for file in ALL for found in file.resources]
# Bicep's own, on any resource.
LANGUAGE = {"parent", "scope", "dependsOn"}


def literals(value: Any) -> Iterator[Any]:
    """The values that are written out: either branch of a condition, the body of a loop."""
    if isinstance(value, dict) and "operator" in value:
        for branch in ("true_value", "false_value"):
            yield from literals(value["operator"]["operands"].get(branch, {"function": None}))
    elif isinstance(value, dict) and "loop_type" in value:
        yield [value["config"]]
    elif not (isinstance(value, dict) and "function" in value):
        yield value


def problems(file: File, kind: Any, value: Any, place: str) -> Iterator[str]:
    """What the definitions do not allow; expressions are taken for whatever is wanted."""
    for found in literals(value):
        if isinstance(kind, dict) and "object" in kind and isinstance(found, dict):
            yield from of_object(file, kind, found, place)
        elif isinstance(kind, dict) and "array" in kind and isinstance(found, list):
            for index, item in enumerate(found):
                yield from problems(file, kind["array"], item, f"{place}[{index}]")
        elif found is not None and not fits(file, kind, found):
            yield f"{place}: {found!r} is not {kind}"


def of_object(file: File, kind: Any, found: dict[str, Any], place: str) -> Iterator[str]:
    known = kind["object"]
    for name, property_ in known.items():
        if "required" in property_["flags"] and name not in found:
            yield f"{place}: {name} is required"
    for name, member in found.items():
        property_ = known.get(name)
        if property_ is None:
            if not kind.get("additional"):
                yield f"{place}: there is no {name}"
        elif "readOnly" in property_["flags"]:
            yield f"{place}: {name} is read-only"
        elif property_["type"] is None:
            yield f"{place}: {name} is not in the table; take its type over from the definitions"
        else:
            yield from problems(file, property_["type"], member, f"{place}.{name}")


def fits(file: File, kind: Any, found: Any) -> bool:
    if kind == "any" or is_expression(file, found):
        return True
    if kind == "string":
        return isinstance(found, str)
    if kind in ("int", "bool"):
        return type(found).__name__ == kind
    if isinstance(kind, dict) and "enum" in kind:
        return isinstance(found, str) and (kind["open"] or found in kind["enum"])
    return False


def is_expression(file: File, found: Any) -> bool:
    """Names and literals look alike once they are parsed: what is a name of the file is one."""
    names = {*file.parameters, *file.variables, *(one.symbol for one in file.resources), "kind"}
    return isinstance(found, str) and (found in names or "${" in found)


def found_in(file: File, resource: Resource, config: Mapping[str, Any]) -> list[str]:
    kind = copy.deepcopy(TYPES[f"{resource.type}@{resource.api_version}"])
    for name in ("id", "type", "apiVersion"):  # Bicep sets them
        kind["object"].pop(name, None)
    own = {name: value for name, value in config.items() if name not in LANGUAGE}
    return list(problems(file, kind, own, resource.type))


@pytest.mark.parametrize(
    ("file", "resource"),
    RESOURCES,
    ids=[f"{file.path.stem}-{one.symbol}" for file, one in RESOURCES],
)
def test_a_resource_is_as_its_type_is_defined(file: File, resource: Resource) -> None:
    assert found_in(file, resource, resource.config) == []


def changed(config: Mapping[str, Any], path: str, value: object) -> dict[str, Any]:
    """A copy with another value at a path; None leaves the member out."""
    copied = copy.deepcopy(dict(config))
    *above, last = path.split(".")
    inner = copied
    for name in above:
        inner = inner[name]
    if value is None:
        del inner[last]
    else:
        inner[last] = value
    return copied


SCALE = "properties.functionAppConfig.scaleAndConcurrency"


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("properties.htpsOnly", True, "there is no htpsOnly"),
        (f"{SCALE}.maximumInstances", 1, "there is no maximumInstances"),
        ("location", None, "location is required"),
        ("properties.state", "Running", "state is read-only"),
        ("properties.httpsOnly", "yes", "'yes' is not bool"),
        (f"{SCALE}.instanceMemoryMB", "much", "'much' is not int"),
        ("properties.functionAppConfig.deployment.storage.type", 1, "1 is not"),
        ("properties.siteConfig.http20Enabled", True, "not in the table"),
    ],
)
def test_a_mistake_in_the_app_is_found(path: str, value: object, problem: str) -> None:
    assert_found("flex-app", "app", path, value, problem)


@pytest.mark.parametrize(
    ("symbol", "path", "value", "problem"),
    [
        ("app", "properties.siteConfig.functionAppScaleLimit", "one", "'one' is not int"),
        ("app", "properties.siteConfig.functionAppScaleLimits", 1, "there is no functionApp"),
        ("app", "properties.siteConfig.vnetRouteAllEnabled", "yes", "'yes' is not bool"),
        ("app", "properties.siteConfig.ftpsState", 1, "1 is not"),
        ("plan", "properties.maximumElasticWorkerCount", "one", "'one' is not int"),
        ("plan", "properties.maximumNumberOfWorkers", 1, "maximumNumberOfWorkers is read-only"),
        ("plan", "sku.capacity", "one", "'one' is not int"),
    ],
)
def test_a_mistake_in_the_premium_plan_is_found(
    symbol: str, path: str, value: object, problem: str
) -> None:
    assert_found("premium-app", symbol, path, value, problem)


def assert_found(module: str, symbol: str, path: str, value: object, problem: str) -> None:
    file, resource = next(
        (file, found)
        for file, found in RESOURCES
        if (file.path.stem, found.symbol) == (module, symbol)
    )
    (found,) = found_in(file, resource, changed(resource.config, path, value))
    assert problem in found


def test_a_value_that_is_not_allowed_is_found() -> None:
    file, account = next(
        (file, found)
        for file, found in RESOURCES
        if found.type == "Microsoft.Storage/storageAccounts"
    )
    mistaken = changed(account.config, "properties.networkAcls.bypass", 7)
    assert found_in(file, account, mistaken) != []
    kind = {"enum": ["None"], "open": False}
    assert list(problems(file, kind, "Some", "x")) == [f"x: 'Some' is not {kind}"]
