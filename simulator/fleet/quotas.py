"""Quotas of a subscription, of which deployments of a model in a region draw what they need."""

import dataclasses
from collections.abc import Mapping, Sequence

from simulator.catalogue.deployments import Deployment
from simulator.fleet.fields import QuotaFields
from simulator.fleet.resource import Resources

Pool = tuple[str, str, str]
"""A subscription, a region and a model, of which there is at most one quota."""


def with_quotas(
    quotas: Mapping[str, QuotaFields],
    subscriptions: Mapping[str, str],
    resources: Resources,
    tokens: Mapping[str, int],
) -> Resources:
    """The resources, in which deployments without tokens of their own share what is left of a quota;
    `tokens` are those of the quotas at the moment.
    """
    if not quotas:
        return resources
    drawing: dict[str, dict[str, Deployment]] = {}
    pools = pools_of(subscriptions, resources)
    for name, quota in quotas.items():
        standard = [one for one in pools.get(pool_of(quota), ()) if not one.provisioned]
        left = max(0, tokens[name] - sum(one.tokens_per_minute or 0 for one in standard))
        for one in filter(_has_nothing_of_its_own, standard):
            drawing.setdefault(one.resource, {})[one.name] = _drawing(one, name, left)
    return {
        name: dataclasses.replace(one, deployments={**(one.deployments or {}), **drawing[name]})
        if name in drawing
        else one
        for name, one in resources.items()
    }


def pool_of(quota: QuotaFields) -> Pool:
    return quota.subscription, region_name(quota.region), quota.model


def pools_of(
    subscriptions: Mapping[str, str], resources: Resources
) -> Mapping[Pool, Sequence[Deployment]]:
    """The deployments of each model in each subscription and region."""
    pools: dict[Pool, list[Deployment]] = {}
    for name, resource in resources.items():
        region = region_name(resource.region)
        for one in (resource.deployments or {}).values():
            pools.setdefault((subscriptions[name], region, one.model.name), []).append(one)
    return pools


def region_name(region: str) -> str:
    """The region as Azure writes it in programs: `swedencentral` for `Sweden Central`."""
    return region.replace(" ", "").lower()


def _has_nothing_of_its_own(deployment: Deployment) -> bool:
    requests = deployment.requests_per_minute
    return deployment.tokens_per_minute is None and requests in (None, deployment.model.fixed_rpm)


def _drawing(deployment: Deployment, quota: str, left: int) -> Deployment:
    return dataclasses.replace(
        deployment,
        tokens_per_minute=left,
        requests_per_minute=deployment.model.requests_per_minute(left),
        quota=f"quota:{quota}",
    )
