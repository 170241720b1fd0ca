"""Deployments as members of the document, with the deployment file's fields in snake case."""

from collections.abc import Mapping

import msgspec

from simulator.catalogue.deployment_file import DeploymentFileError, parse_deployments
from simulator.catalogue.deployments import Deployment
from simulator.errors import InvalidRequest

MEMBER = "openai_deployments"

Entry = Mapping[str, object]


class EntryPatch(msgspec.Struct, forbid_unknown_fields=True):
    """The types of an entry's fields; the deployment file's rules are checked with the others."""

    model: str | None = None
    model_version: str | None = None
    tokens_per_minute: int | None = None
    requests_per_minute: int | None = None
    embedding_size: int | None = None
    sku: str | None = None
    ptu: int | None = None
    spillover_deployment: str | None = None


_FILE_NAMES = {
    name: "".join(
        part.capitalize() if number else part for number, part in enumerate(name.split("_"))
    )
    for name in EntryPatch.__struct_fields__
}
_OWN_NAMES = {theirs: ours for ours, theirs in _FILE_NAMES.items()}
# What belongs to a model, and is not carried over to another one.
_OF_THE_MODEL = ("model_version", "embedding_size")


def shown(deployment: Deployment) -> dict[str, object]:
    """All fields of a deployment, as they are in force."""
    return {
        "model": deployment.model.name,
        "model_version": deployment.model.version,
        "tokens_per_minute": deployment.tokens_per_minute,
        "requests_per_minute": deployment.requests_per_minute,
        "embedding_size": deployment.embedding_size,
        "sku": deployment.sku,
        "ptu": deployment.ptu,
        "spillover_deployment": deployment.spillover_deployment,
    }


def entry_of(deployment: Deployment) -> dict[str, object]:
    """The fields that make the deployment; requests per minute that follow from the tokens are not
    one of them."""
    fields = shown(deployment)
    follows = deployment.model.requests_per_minute(deployment.tokens_per_minute)
    if deployment.requests_per_minute == follows:
        fields["requests_per_minute"] = None
    return {name: value for name, value in fields.items() if value is not None}


def revised(entry: Entry, patch: Entry) -> dict[str, object]:
    """The entry with the fields of the patch; a field that is null goes back to its default."""
    kept = dict(entry)
    if patch.get("model", entry.get("model")) != entry.get("model"):
        kept = {name: value for name, value in kept.items() if name not in _OF_THE_MODEL}
    return {name: value for name, value in {**kept, **patch}.items() if value is not None}


def replaced(
    deployments: Mapping[str, Deployment], entries: Mapping[str, Entry | None]
) -> Mapping[str, Deployment]:
    """The deployments with those of the entries in their places; None removes one.

    What is not mentioned stays the very same object. `InvalidRequest` names a field that is not
    allowed by the rules of the deployment file.
    """
    if not entries:
        return deployments
    whole = {**{name: entry_of(one) for name, one in deployments.items()}, **entries}
    document = {name: _for_file(entry) for name, entry in whole.items() if entry is not None}
    try:
        parsed = parse_deployments(msgspec.json.encode(document), MEMBER)
    except DeploymentFileError as error:
        raise _refusal(error) from error
    return {name: one if name in entries else deployments[name] for name, one in parsed.items()}


def _for_file(entry: Entry) -> dict[str, object]:
    return {_FILE_NAMES.get(name, name): value for name, value in entry.items()}


def _refusal(error: DeploymentFileError) -> InvalidRequest:
    field = _OWN_NAMES.get(error.field, error.field)
    name = ".".join(filter(None, (MEMBER, error.deployment, field)))
    problem = error.problem or str(error)
    return InvalidRequest(
        f"Invalid value for '{name}': {problem}.", param=name, code="invalid_value"
    )
