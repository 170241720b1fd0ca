"""What the oldest Python of the package refuses, and type checkers do not see."""

import dataclasses
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from types import MappingProxyType

import simulator


def dataclasses_of_the_package() -> Iterator[type]:
    for found in pkgutil.walk_packages(simulator.__path__, "simulator."):
        if not found.name.endswith("__main__"):
            module = importlib.import_module(found.name)
            for _, defined in inspect.getmembers(module, inspect.isclass):
                if dataclasses.is_dataclass(defined) and defined.__module__ == found.name:
                    yield defined


def test_no_default_is_a_read_only_mapping_which_has_no_hash_on_311() -> None:
    classes = list(dataclasses_of_the_package())
    assert len(classes) > 100
    assert [
        f"{one.__module__}.{one.__qualname__}.{field.name}"
        for one in classes
        for field in dataclasses.fields(one)
        if isinstance(field.default, MappingProxyType)
    ] == []
