"""Finding a model in the catalogue, by the names that people use for it."""

import difflib
from collections.abc import Mapping
from types import MappingProxyType

from simulator.catalogue.model_table import MODELS, OTHER_MODELS, Capability, Model

__all__ = [
    "Capability",
    "Model",
    "UnknownModel",
    "UnknownVersion",
    "all_models",
    "find_model",
    "other_models",
    "routed_model",
]


def _by_name() -> Mapping[str, tuple[Model, ...]]:
    versions: dict[str, tuple[Model, ...]] = {}
    for model in (*MODELS, *OTHER_MODELS):
        key = model.name.lower()
        versions[key] = (*versions.get(key, ()), model)
    return MappingProxyType(versions)


_VERSIONS = _by_name()
_DATED = MappingProxyType({f"{model.name}-{model.version.lower()}": model for model in MODELS})


_SHORT_BODY = 400
"""Bytes of a request that a router gives to the smallest model."""


class UnknownModel(LookupError):
    """No model has this name; the text says which names come nearest."""


class UnknownVersion(UnknownModel):
    """The model is known, this version of it is not; the text lists those that are."""


def all_models() -> tuple[Model, ...]:
    """Every version of every model of OpenAI; of several versions of a name, its default comes first."""
    return MODELS


def other_models() -> tuple[Model, ...]:
    """The models of other makers, which only a deployment that names them serves."""
    return OTHER_MODELS


def find_model(name: str, version: str | None = None) -> Model:
    """The model of that name, in its default version unless one is given.

    OpenAI's spelling (gpt-3.5-turbo) and a version in the name (gpt-4o-2024-08-06) are understood.
    Raises `UnknownModel` or `UnknownVersion`.
    """
    spelled = name.strip().lower().replace("gpt-3.5", "gpt-35")
    versions = _VERSIONS.get(spelled)
    if versions is None and version is None and spelled in _DATED:
        return _DATED[spelled]
    if versions is None:
        raise UnknownModel(_nearest(name, spelled))
    if version is None:
        return versions[0]
    for model in versions:
        if model.version.lower() == version.strip().lower():
            return model
    known = ", ".join(model.version for model in versions)
    raise UnknownVersion(f"{name!r} has no version {version!r}; it has {known}")


def routed_model(model: Model, length: int) -> Model:
    """The model that a router chooses for a body of this length; any other model is its own choice.

    Each model of the list takes bodies four times as long as the one before.
    """
    if not model.routes_to:
        return model
    step, longest = 0, _SHORT_BODY
    while length > longest and step < len(model.routes_to) - 1:
        step, longest = step + 1, longest * 4
    return find_model(model.routes_to[step])


def _nearest(name: str, spelled: str) -> str:
    near = difflib.get_close_matches(spelled, _VERSIONS, n=3, cutoff=0.5)
    hint = (
        f"nearest: {', '.join(_VERSIONS[key][0].name for key in near)}"
        if near
        else f"known: {', '.join(_VERSIONS)}"
    )
    return f"{name!r} is no known model; {hint}"
