"""The rate-limit headers of answers, in their newest era (recorded 2026-06)."""

from simulator.headers import Headers, SharedHeaders
from simulator.limits.quota import StandardLimits
from simulator.limits.window import Decision

SPILLED = "x-ms-is-spilled-over"
UTILIZATION = "azure-openai-deployment-utilization"
_RENEWAL = "60"


class StandardHeaders:
    """The headers of one standard deployment; the fixed ones are worked out once.

    An absent limit has no headers. `reset` is the share of the minute that is used, in whole
    seconds (recorded: 1 of 5 is 12, 1 of 2,500 is 0).
    """

    def __init__(self, name: str, limits: StandardLimits) -> None:
        self._requests = limits.requests_per_minute
        self._tokens = limits.tokens_per_minute
        fixed = {
            SPILLED: "false",
            "x-ratelimit-abusepenalty-active": "False",
            "x-ratelimit-key": name,
        }
        for kind, limit in (("requests", self._requests), ("tokens", self._tokens)):
            if limit is not None:
                fixed[f"x-ratelimit-limit-{kind}"] = str(limit)
                fixed[f"x-ratelimit-renewalperiod-{kind}"] = _RENEWAL
        self._shared = SharedHeaders(fixed)
        self.fixed = Headers(self._shared, {})
        """The headers that do not depend on use."""

    def of(self, decision: Decision) -> Headers:
        own: dict[str, str] = {}
        requests, tokens = self._requests, self._tokens
        if requests is not None:
            used = decision.requests
            own["x-ratelimit-remaining-requests"] = str(requests - used if used < requests else 0)
            own["x-ratelimit-reset-requests"] = str(used * 60 // (requests or 1))
        if tokens is not None:
            used = decision.tokens
            own["x-ratelimit-remaining-tokens"] = str(tokens - used if used < tokens else 0)
            own["x-ratelimit-reset-tokens"] = str(used * 60 // (tokens or 1))
        return Headers(self._shared, own)


def provisioned_headers(utilization: float) -> dict[str, str]:
    """Return the utilization of a provisioned deployment (1.0 is `100.0%`), and no tokens."""
    return {SPILLED: "false", UTILIZATION: f"{utilization * 100:.1f}%"}


def spillover_headers(origin: str, target: str, status: int) -> dict[str, str]:
    """The headers of an answer that `target` gave after `origin` failed with `status`."""
    return {
        SPILLED: "true",
        "x-ms-deployment-name": target,
        "x-ms-spillover-error": str(status),
        "x-ms-spillover-from-deployment": origin,
    }
