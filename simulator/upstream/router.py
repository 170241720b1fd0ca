"""The choice of the upstream for each request, by default or by an extension's forwarder."""

from collections.abc import Callable

from msgspec import structs

from simulator.errors import UpstreamUnavailable
from simulator.messages import Request
from simulator.upstream.client import Upstream, UpstreamAnswer
from simulator.upstream.credentials import Credential, NoCredential
from simulator.upstream.forward import Forward, Forwarder
from simulator.upstream.forwarding_policy import ForwardingPolicy
from simulator.upstream.resource_upstream import UpstreamOf

_DEFAULT_POLICY = ForwardingPolicy()

MOST_UPSTREAMS = 1_000
"""Endpoints beside that of the setting, in the life of a process."""
CreateUpstream = Callable[[str, NoCredential], Upstream]


def _nobodys(_: str) -> None:
    return None


class Router:
    """Sends requests on. `upstream` is None where no `AZURE_OPENAI_ENDPOINT` is set; `create` makes
    the upstreams of other endpoints, each once. `upstream_of` finds that of a fleet's resource, which
    takes its own key or a token of the `identity`, and never the key of `upstream`.
    """

    def __init__(
        self,
        upstream: Upstream | None,
        forwarders: tuple[Forwarder, ...] = (),
        create: CreateUpstream = Upstream,
        policy: ForwardingPolicy = _DEFAULT_POLICY,
        *,
        upstream_of: UpstreamOf = _nobodys,
        identity: Credential | None = None,
    ) -> None:
        self._upstream = upstream
        self._forwarders = forwarders
        self._create = create
        self._forwarding_policy = policy
        self._upstream_of = upstream_of
        self._identity = identity
        self._others: dict[str, Upstream] = {}

    async def onward(self, request: Request, *, known: bool = True) -> Forward:
        """Return the `Forward` of the first forwarder that returns one, with the headers that go on.

        Raises `NotForwarded` for a request that is not to be forwarded: one that no forwarder takes, and
        whose route is not `known` as an operation's.
        """
        for forwarder in self._forwarders:
            forward = await forwarder(request)
            if forward is not None:
                headers = self._forwarding_policy.forwarded(
                    forward.request.headers, request.headers
                )
                altered = structs.replace(forward.request, headers=headers)
                return structs.replace(forward, request=altered)
        if not known:
            self._forwarding_policy.check(request)
        headers = self._forwarding_policy.forwarded(request.headers)
        return self._to_resource(Forward(structs.replace(request, headers=headers)))

    def _to_resource(self, forward: Forward) -> Forward:
        own = self._upstream_of(forward.request.resource) if forward.request.resource else None
        if own is None:
            return forward
        return structs.replace(forward, endpoint=own.endpoint, credential=own.key or self._identity)

    async def send(self, forward: Forward) -> UpstreamAnswer:
        """Return the answer of the upstream that a request goes to. Raises as `Upstream.send`."""
        upstream = self._other(forward.endpoint) if forward.endpoint else self._upstream
        if upstream is None:
            raise UpstreamUnavailable(
                "AZURE_OPENAI_ENDPOINT is not set, and neither the resource of a fleet nor a forwarder "
                f"of the extension takes {forward.request.method} {forward.request.path}."
            )
        return await upstream.send(forward.request, forward.credential)

    async def close(self) -> None:
        for upstream in (self._upstream, *self._others.values()):
            if upstream is not None:
                await upstream.close()

    def _other(self, endpoint: str) -> Upstream:
        if endpoint not in self._others and len(self._others) >= MOST_UPSTREAMS:
            raise UpstreamUnavailable(
                f"Requests have gone to {MOST_UPSTREAMS:,} endpoints since the start of the simulator, "
                "which is the most; restart it."
            )
        if endpoint not in self._others:
            self._others[endpoint] = self._create(endpoint, NoCredential())
        return self._others[endpoint]
