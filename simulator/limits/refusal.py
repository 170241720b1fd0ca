"""The message that a client reads when a limit is used up."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from simulator.catalogue.deployments import Deployment
from simulator.errors import MakerRateLimited, RateLimited, ThroughputExceeded
from simulator.limits.quota import LimitKind

BodyStyle = Literal["new", "classic"]


@dataclass(frozen=True, slots=True)
class Refused:
    """A request that is refused: for what, by which limit, for how many seconds."""

    deployment: Deployment
    operation: str
    api_version: str
    cause: LimitKind
    retry_after: float
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Refusals:
    """Words them in the newest or the classic (to 2025) body. `region` is that of deployments which name
    none, e.g. `Sweden Central`."""

    region: str
    style: BodyStyle = "new"

    def standard(self, refused: Refused) -> RateLimited:
        """Both bodies as users have shown them; of models of other makers the one that was recorded."""
        if self.style == "new" and refused.deployment.model.maker_shape:
            return MakerRateLimited(self._makers(refused), retry_after=refused.retry_after)
        headers = {**refused.headers, "x-ratelimit-type": refused.cause.capitalize()}
        return RateLimited(
            self._classic(refused) if self.style == "classic" else self._new(refused),
            retry_after=refused.retry_after,
            classic=self.style == "classic",
            headers=headers,
        )

    def provisioned(self, headers: Mapping[str, str], retry_after: float) -> RateLimited:
        """The newest body, or in classic style the gateway's short one (a guess)."""
        if self.style == "new":
            return ThroughputExceeded(retry_after=retry_after, headers=headers)
        return _gateways(headers, retry_after)

    def of_key(self, name: str, cause: LimitKind, retry_after: float) -> RateLimited:
        """A key's own limit, in the short words of a gateway; `name` is for the hint and the journal."""
        headers = {"x-ratelimit-type": cause.capitalize()}
        refusal = _gateways(headers, retry_after)
        refusal.limited = f"the key {name!r}"
        return refusal

    def _new(self, refused: Refused) -> str:
        deployment = refused.deployment
        region = deployment.region or self.region
        return (
            f"Your requests to {deployment.name} for {deployment.model.name} in {region} have "
            f"exceeded the {_limit(refused.cause)} rate limit for your current AIServices S0 pricing "
            f"tier. This request was for {refused.operation} under Azure OpenAI API version "
            f"{refused.api_version}. Please retry after {_seconds(refused.retry_after)}. To increase "
            "your default rate limit, visit: https://aka.ms/oai/quotaincrease."
        )

    def _makers(self, refused: Refused) -> str:
        deployment = refused.deployment
        region = (deployment.region or self.region).replace(" ", "").lower()
        return (
            f"Your requests to {deployment.model.name} for {deployment.name} in {region} have exceeded "
            "rate limit."
        )

    def _classic(self, refused: Refused) -> str:
        return (
            f"Requests to the {refused.operation} Operation under Azure OpenAI API version "
            f"{refused.api_version} have exceeded {_limit(refused.cause)} rate limit of your current "
            f"OpenAI S0 pricing tier. Please retry after {_seconds(refused.retry_after)}. Please go "
            "here: https://aka.ms/oai/quotaincrease if you would like to further increase the "
            "default rate limit."
        )


def _gateways(headers: Mapping[str, str], retry_after: float) -> RateLimited:
    return RateLimited(
        f"Rate limit is exceeded. Try again in {_seconds(retry_after)}.",
        retry_after=retry_after,
        code="429",
        headers=headers,
    )


def _limit(cause: LimitKind) -> str:
    return "call" if cause == "requests" else "token"


def _seconds(time: float) -> str:
    seconds = max(1, math.ceil(time))
    return "1 second" if seconds == 1 else f"{seconds} seconds"
