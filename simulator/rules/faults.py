"""The faults that rules can have, with the service's own bodies and headers."""

import math
import uuid
from collections.abc import Callable

import msgspec
from msgspec import UNSET

from simulator.errors import ApiError, GatewayError, InvalidRequest, RateLimited, ServerError
from simulator.latency import Slowdown
from simulator.limits.refusal import Refusals, Refused
from simulator.messages import NO_HEADERS, Answer, Breakage
from simulator.operations.base import Call
from simulator.rules.errors import BadRule
from simulator.rules.fields import FaultFields, FaultKind, RuleFields
from simulator.wire.faults import Fault, Spoil, SpoilKind

QUOTA_SECONDS = 86_400
_HANG_SECONDS = 600.0
_STALL_SECONDS = 30.0
_SLOW_MS = 1_000.0
_RETRY_AFTER = {"rate_limit": 10.0, "ptu_limit": 5.0, "quota": float(QUOTA_SECONDS)}
_SPOILS: dict[FaultKind, SpoilKind] = {
    "disconnect": "disconnect",
    "truncate": "truncate",
    "stall": "stall",
    "malformed": "malformed",
    "error_event": "error_event",
    "failed_event": "failed_event",
    "empty": "empty",
    "no_usage": "no_usage",
}
_PLACED = frozenset({"disconnect", "truncate", "stall", "malformed", "error_event", "failed_event"})


class GatewayFault(GatewayError):
    """An error of the gateway with a status of its own."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message, code=code)
        self.status = status


class FrontFault(ApiError):
    """An error of what stands in front of the service: `{"statusCode", "message"}`."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status

    def body(self) -> bytes:
        return msgspec.json.encode({"statusCode": self.status, "message": self.message})


class NoCapacity(InvalidRequest):
    """A region that has no room. Its status and words are our guess, no source was at hand."""

    status = 503
    type = "server_error"

    def __init__(self) -> None:
        super().__init__(
            "The system is currently experiencing high demand and cannot process your request. Your "
            "request exceeds the maximum usage size allowed during peak load. For improved capacity "
            "reliability, consider switching to Provisioned Throughput."
        )


class ConnectionFault(ApiError):
    """A connection that is reset or hangs before a byte has left."""

    def __init__(self, breakage: Breakage) -> None:
        super().__init__(f"A rule breaks the connection: {breakage.kind}.")
        self._breakage = breakage

    def body(self) -> bytes:
        return b""

    def answer(self) -> Answer:
        return Answer(self.status, (), breakage=self._breakage)


class Faults:
    """Makes the faults of rules; `refusals` words those of the limits."""

    def __init__(self, refusals: Refusals) -> None:
        self._refusals = refusals

    def of(self, fields: FaultFields, call: Call[object]) -> Fault | None:
        """Return the fault of a rule; None for one that is slowness alone."""
        kind = fields.kind
        if kind == "slow":
            return None
        if spoil := _SPOILS.get(kind):
            return Fault(kind, fields.charged is not False, spoil=_spoil(spoil, fields))
        return Fault(kind, bool(fields.charged), refusal=self._refusal(fields, call))

    def _refusal(self, fields: FaultFields, call: Call[object]) -> ApiError:
        match fields.kind:
            case "rate_limit" | "quota":
                return self._rate_limited(fields, call)
            case "ptu_limit":
                return self._refusals.provisioned(NO_HEADERS, _retry_after(fields))
            case "capacity":
                return NoCapacity()
            case "server_error":
                return ServerError(str(uuid.uuid4()))
            case "reset":
                return ConnectionFault(Breakage("reset"))
            case "hang":
                seconds = _HANG_SECONDS if fields.seconds is None else fields.seconds
                return ConnectionFault(Breakage("hang", seconds))
            case _:
                return _GATEWAY[fields.kind]()

    def _rate_limited(self, fields: FaultFields, call: Call[object]) -> ApiError:
        if call.deployment is None:
            seconds = math.ceil(_retry_after(fields))
            return RateLimited(
                f"Rate limit is exceeded. Try again in {seconds} seconds.",
                retry_after=_retry_after(fields),
                code="429",
            )
        refused = Refused(
            deployment=call.deployment,
            operation=call.operation.limit_name,
            api_version=call.api_version or "v1",
            cause="tokens",
            retry_after=_retry_after(fields),
            headers=NO_HEADERS,
        )
        return self._refusals.standard(refused)


# Statuses are the real ones; apart from 408, codes and words are our guess.
_GATEWAY: dict[str, Callable[[], ApiError]] = {
    "gateway_error": lambda: FrontFault(502, "Bad gateway"),
    "unavailable": lambda: GatewayFault(
        503, "ServiceUnavailable", "The service is temporarily unavailable. Please try again later."
    ),
    "timeout": lambda: GatewayFault(408, "Timeout", "The operation was timeout."),
    "gateway_timeout": lambda: FrontFault(504, "Gateway timeout"),
    "forbidden_network": lambda: GatewayFault(
        403, "AccessDenied", "Access denied due to Virtual Network/Firewall rules."
    ),
    "suspended": lambda: GatewayFault(
        403, "AccountSuspended", "The account or subscription of this resource is suspended."
    ),
}


def slowdown_of_fault(fields: FaultFields) -> Slowdown | None:
    if fields.kind != "slow":
        return None
    return Slowdown(between=(_SLOW_MS if fields.token_ms is None else fields.token_ms) / 1000)


def check_fault(name: str, fields: RuleFields) -> None:
    """Raises `BadRule` for a member that the kind of fault has no use for."""
    fault = fields.fault
    if fault is UNSET:
        return
    uses: dict[str, bool] = {
        "retry_after": fault.kind in _RETRY_AFTER,
        "after_events": fault.kind in _PLACED,
        "after_tokens": fault.kind in _PLACED,
        "seconds": fault.kind in ("stall", "hang"),
        "token_ms": fault.kind == "slow",
    }
    for member, used in uses.items():
        if getattr(fault, member) is not None and not used:
            raise BadRule(name, f"{fault.kind} has no use for it.", member=f"fault.{member}")
    if fault.after_events is not None and fault.after_tokens is not None:
        raise BadRule(name, "give one of after_events and after_tokens.", member="fault")


def _retry_after(fields: FaultFields) -> float:
    if fields.retry_after is not None:
        return fields.retry_after
    return _RETRY_AFTER[fields.kind]


def _spoil(kind: SpoilKind, fields: FaultFields) -> Spoil:
    seconds = 0.0
    if kind == "stall":
        seconds = _STALL_SECONDS if fields.seconds is None else fields.seconds
    if fields.after_events is not None:
        return Spoil(kind, fields.after_events, by_tokens=False, seconds=seconds)
    after = 1 if fields.after_tokens is None else fields.after_tokens
    return Spoil(kind, after, seconds=seconds)
