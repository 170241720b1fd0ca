"""The reasoning effort of a model when the request sets none."""

from simulator.catalogue.models import Model


def effort_of(asked: str | None, model: Model) -> str | None:
    """The reasoning effort of an answer; None for a model that does not reason.

    Microsoft's page on reasoning models: gpt-5.1 and later reason only on request, all others and
    the pro and codex models by themselves.
    """
    if not model.reasoning:
        return None
    if asked is not None:
        return asked
    silent = model.name.startswith("gpt-5.") and not model.name.endswith("-pro")
    return "none" if silent and "codex" not in model.name else "medium"
