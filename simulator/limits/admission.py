"""Admission: every request is charged to its deployment's limits before any work, or refused."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from msgspec import Struct

from simulator.authentication.caller import Caller
from simulator.catalogue.deployments import Deployment
from simulator.errors import CONTEXT_LENGTH, ApiError, InvalidRequest, RateLimited
from simulator.limits.estimate import CHAT_MAX_TOKENS
from simulator.limits.headers import StandardHeaders, provisioned_headers, spillover_headers
from simulator.limits.quota import LimitKind, ProvisionedLimits, StandardLimits
from simulator.limits.refusal import Refusals, Refused
from simulator.limits.store import Store
from simulator.limits.window import SECOND
from simulator.messages import Usage

PROVISIONED_PROMPT_TOKENS = 128_000
"""The longest prompt a provisioned deployment takes (Microsoft's documentation, spillover)."""
PROVISIONED_OUTPUT_TOKENS = CHAT_MAX_TOKENS
"""The tokens that a provisioned deployment assumes of an answer of unset length (our choice)."""
_SPILLING_STATUSES = frozenset({429, 500, 503})
_MOST_TERMS = 4_096
_OF_KEYS = "key:"
"""No deployment's name has a colon."""


class Charge(Struct, frozen=True):
    """The charge of one request, and the names that its 429 carries.

    `tokens` is the estimate for standard deployments; `prompt_tokens` and `max_output` (None:
    unset; all choices together) are what a provisioned one estimates from. `operation` is the name
    in a 429 body, `api_version` "" on v1 routes, `spillover` the deployment that takes over.
    """

    operation: str
    api_version: str
    tokens: int = 0
    prompt_tokens: int = 0
    max_output: int | None = None
    spillover: Deployment | None = None
    max_tokens: int | None = None
    """The longest answer that the client takes, for each choice."""


class Admission(Struct, frozen=True):
    """An admitted request: the deployment that serves it, if one is involved, and the headers its
    answer carries.

    `settle` is awaited when the answer is done, with what it really used (`Usage(0)` if it failed):
    it corrects a provisioned deployment's utilization, and does nothing for a standard one.
    """

    deployment: Deployment | None
    headers: Mapping[str, str]
    correct: Callable[[Usage], Awaitable[None]] | None = None
    charged: int = 0
    """Tokens that the limits have counted for it."""
    charge: Charge | None = None

    async def settle(self, usage: Usage) -> None:
        if self.correct is not None:
            await self.correct(usage)


class Used(Struct, frozen=True):
    """The used part of a deployment's limits: tokens and requests of the last minute, or the
    utilization of a provisioned one (1.0 is full); None where there is no such limit.
    """

    tokens: int | None = None
    requests: int | None = None
    utilization: float | None = None


@dataclass(frozen=True, slots=True)
class _Terms:
    """A deployment's limits and headers, worked out on first use."""

    deployment: Deployment
    counted_as: str
    """The name of its counts in the store."""
    headers: StandardHeaders
    standard: StandardLimits | None = None
    provisioned: ProvisionedLimits | None = None

    @classmethod
    def of(cls, deployment: Deployment) -> "_Terms":
        model, counted_as = deployment.model, deployment.quota or deployment.full_name
        limits = StandardLimits(deployment.tokens_per_minute, deployment.requests_per_minute)
        headers = StandardHeaders(deployment.name, limits)
        if deployment.provisioned and deployment.ptu and model.input_tpm_per_ptu:
            units = ProvisionedLimits(
                deployment.ptu, model.input_tpm_per_ptu, model.output_ratio or 1
            )
            return cls(deployment, counted_as, headers, provisioned=units)
        unlimited = limits == StandardLimits(None, None)
        return cls(deployment, counted_as, headers, standard=None if unlimited else limits)


class RateLimiter:
    """Admits requests, each charged once, on arrival; what is refused is not charged."""

    def __init__(self, store: Store, refusals: Refusals) -> None:
        self._store = store
        self._refusals = refusals
        self._terms: dict[str, _Terms] = {}

    def admit(self, deployment: Deployment, charge: Charge) -> Awaitable[Admission]:
        """Charge a request to its deployment, or to the one that takes over. Raises `RateLimited`,
        `InvalidRequest` (a prompt too long for a provisioned deployment) or `Unavailable` (the limits are
        shared, closed, and their store is unreachable).
        """
        terms = self._terms_of(deployment)
        if terms.provisioned is None:
            return self._admit_standard(terms, charge)
        return self._admit_or_spill(terms, terms.provisioned, charge)

    async def _admit_or_spill(
        self, terms: _Terms, limits: ProvisionedLimits, charge: Charge
    ) -> Admission:
        try:
            return await self._admit_provisioned(terms, limits, charge)
        except (RateLimited, InvalidRequest) as error:
            spilled = await self.spill(terms.deployment, charge, error)
            if spilled is None:
                raise
            return spilled

    async def admit_caller(self, caller: Caller, charge: Charge) -> None:
        """Charge the limits of the caller's own key, before those of the deployment; what these refuse
        stays charged to the key, as a gateway counts. Raises `RateLimited` or `Unavailable`."""
        own: tuple[tuple[LimitKind, int | None, int], ...] = (
            ("requests", caller.requests_per_minute, 1),
            ("tokens", caller.tokens_per_minute, charge.tokens),
        )
        for kind, limit, amount in own:
            if limit is None:
                continue
            # Counted as tokens are: by the minute alone, without a deployment's slices of seconds.
            name = f"{_OF_KEYS}{kind}:{caller.name}"
            decision = await self._store.hit(name, StandardLimits(limit, None), amount)
            if decision.wait:
                raise self._refusals.of_key(caller.name, kind, decision.wait / SECOND)

    async def used(self, deployment: Deployment) -> Used:
        """Return how much of its limits a deployment has used in the last minute."""
        terms = self._terms_of(deployment)
        if terms.provisioned is not None:
            fill = await self._store.utilization(terms.counted_as, terms.provisioned)
            return Used(utilization=round(fill.utilization, 4))
        if terms.standard is None:
            return Used()
        windows = await self._store.used(terms.counted_as)
        return Used(windows.tokens, windows.requests)

    async def headers_of(self, deployment: Deployment) -> Mapping[str, str]:
        """Return the headers of an answer that is not charged: what is left of the limits."""
        terms = self._terms_of(deployment)
        if terms.provisioned is not None:
            fill = await self._store.utilization(terms.counted_as, terms.provisioned)
            return provisioned_headers(fill.utilization)
        if terms.standard is None:
            return terms.headers.fixed
        return terms.headers.of(await self._store.used(terms.counted_as))

    async def spill(
        self, deployment: Deployment, charge: Charge, error: ApiError
    ) -> Admission | None:
        """Admission to the standard deployment that takes what a provisioned one fails with 400 for
        length, 429, 500 or 503; None where nothing is to spill over. Raises as `admit`, and then the
        client sees the standard deployment's refusal."""
        target = charge.spillover
        too_long = isinstance(error, InvalidRequest) and error.code == CONTEXT_LENGTH
        if target is None or not (too_long or error.status in _SPILLING_STATUSES):
            return None
        headers = spillover_headers(deployment.name, target.name, error.status)
        try:
            admission = await self.admit(target, charge)
        except RateLimited as refusal:
            refusal.headers = {**refusal.headers, **headers}
            raise
        return Admission(
            admission.deployment,
            {**admission.headers, **headers},
            charged=admission.charged,
            charge=charge,
        )

    def _terms_of(self, deployment: Deployment) -> _Terms:
        terms = self._terms.get(deployment.full_name)
        if terms is None or terms.deployment is not deployment:
            return self._remember(deployment)
        return terms

    def _remember(self, deployment: Deployment) -> _Terms:
        # Any name may be a deployment where undefined ones are allowed, so names may never end.
        if len(self._terms) >= _MOST_TERMS:
            self._terms.clear()
        terms = self._terms[deployment.full_name] = _Terms.of(deployment)
        return terms

    async def _admit_standard(self, terms: _Terms, charge: Charge) -> Admission:
        limits, deployment = terms.standard, terms.deployment
        if limits is None:
            return Admission(deployment, terms.headers.fixed, charge=charge)
        decision = await self._store.hit(terms.counted_as, limits, charge.tokens)
        headers = terms.headers.of(decision)
        if not decision.wait:
            return Admission(deployment, headers, None, charge.tokens, charge)
        raise self._refusals.standard(
            Refused(
                deployment=deployment,
                operation=charge.operation,
                api_version=charge.api_version or "v1",
                cause=decision.cause,
                retry_after=decision.wait / SECOND,
                headers=headers,
            )
        )

    async def _admit_provisioned(
        self, terms: _Terms, limits: ProvisionedLimits, charge: Charge
    ) -> Admission:
        check_provisioned_prompt(charge.prompt_tokens)
        output = PROVISIONED_OUTPUT_TOKENS if charge.max_output is None else charge.max_output
        estimated = limits.weight(charge.prompt_tokens, output)
        name = terms.counted_as
        fill = await self._store.fill(name, limits, estimated)
        headers = provisioned_headers(fill.utilization)
        if fill.wait:
            raise self._refusals.provisioned(headers, fill.wait / SECOND)

        async def correct(usage: Usage) -> None:
            actual = limits.weight(usage.prompt - usage.cached, usage.completion)
            await self._store.correct(name, limits, actual - estimated)

        return Admission(terms.deployment, headers, correct, estimated, charge)


def check_provisioned_prompt(tokens: int) -> None:
    """Raise for a prompt that is too long for a provisioned deployment.

    The status is documented; the words are those of a model's own context check.
    """
    if tokens > PROVISIONED_PROMPT_TOKENS:
        raise InvalidRequest(
            f"This deployment's maximum prompt length is {PROVISIONED_PROMPT_TOKENS} tokens. However, "
            f"your prompt resulted in {tokens} tokens. Please reduce the length of the prompt.",
            param="messages",
            code=CONTEXT_LENGTH,
        )
