"""Loading an extension: a file or a package that is no part of the simulator."""

import importlib.util
import inspect
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType, ModuleType

from simulator.configuration.folders import ROOT
from simulator.configuration.setting_fields import SettingError
from simulator.errors import StartError
from simulator.extensions import Added, Extensions

# Apart from all other modules, whatever the file is called.
_MODULE = "simulator_extension"


class ExtensionError(StartError):
    """An extension cannot be used; the cause, if there is one, is the extension's own exception."""

    shows_cause = True


def load_extension(path: str, environment: Mapping[str, str]) -> Added:
    """Load the extension there and return the parts that it adds; an empty path adds nothing.
    Raises `ExtensionError`, or `SettingError` if there is no such file.
    """
    extensions = Extensions(MappingProxyType(dict(environment)))
    if not path:
        return extensions.added
    file = _file(path)
    try:
        initialize = getattr(_module(file), "initialize", None)
        if not callable(initialize):
            raise _setting(path, "a file or package with a function initialize(extensions)")
        if inspect.iscoroutinefunction(initialize):
            raise _setting(path, "one whose function initialize is not async")
        initialize(extensions)
    except SettingError:
        raise
    except Exception as error:
        raise ExtensionError(
            f"the extension EXTENSION_PATH={path!r} failed to load: {type(error).__name__}: {error}"
        ) from error
    return extensions.added


def check_names(added: Added, own: Iterable[str], names: Iterable[str]) -> None:
    """Raises `ExtensionError` if the extension's operations (called `own`) or wrappers do not fit the
    operations that there are (called `names`)."""
    known = sorted(names)
    taken = list(own)
    for name in taken:
        if name in known or taken.count(name) > 1:
            raise ExtensionError(f"the extension adds an operation {name!r}, but there is one")
    for name in added.wrappers:
        if name not in known and name not in taken:
            raise ExtensionError(
                f"the extension replaces the generator of {name!r}, but the operations are "
                f"{', '.join([*known, *taken])}"
            )


def _file(path: str) -> Path:
    found = ROOT / path
    file = found / "__init__.py" if found.is_dir() else found
    if not file.is_file():
        raise _setting(path, "a path to a Python file, or to a folder with an __init__.py")
    return file


def _module(file: Path) -> ModuleType:
    for name in [name for name in sys.modules if name.partition(".")[0] == _MODULE]:
        del sys.modules[name]  # of another simulator in this process
    package = [str(file.parent)] if file.name == "__init__.py" else None
    spec = importlib.util.spec_from_file_location(_MODULE, file, submodule_search_locations=package)
    if spec is None or spec.loader is None:
        raise _setting(str(file), "a file whose name ends in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[_MODULE] = module
    spec.loader.exec_module(module)
    return module


def _setting(path: str, allowed: str) -> SettingError:
    return SettingError("EXTENSION_PATH", repr(path), allowed)
