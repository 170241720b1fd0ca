import pytest
from msgspec import structs

from simulator.errors import UpstreamUnavailable
from simulator.messages import Request
from simulator.upstream.credentials import ApiKey
from simulator.upstream.forward import Forward
from simulator.upstream.resource_upstream import ResourceUpstream
from simulator.upstream.router import MOST_UPSTREAMS, Router
from tests.modes.calls import asking, body_of
from tests.modes.worlds import UPSTREAMS_KEY
from tests.support import fake_upstream as fake
from tests.support.fake_upstream import running_upstream


@pytest.fixture
async def other():
    async with running_upstream() as running:
        yield running


def forwarding(**fields):
    """A forwarder of all requests, as the fields say."""

    async def forward(request):
        return Forward(request, **fields)

    return forward


async def nothing(request):
    return None


async def test_without_forwarders_a_request_goes_on_as_it_is():
    request = Request("GET", "/a")
    assert await Router(None).onward(request) == Forward(request)


async def test_the_first_forwarder_that_handles_a_request_decides():
    first, second = forwarding(endpoint="first"), forwarding(endpoint="second")
    onward = await Router(None, (nothing, first, second)).onward(Request("GET", "/a"))
    assert onward.endpoint == "first"


async def test_without_an_upstream_what_nobody_handles_has_nowhere_to_go():
    with pytest.raises(UpstreamUnavailable, match=r"AZURE_OPENAI_ENDPOINT is not set.* GET /a"):
        await Router(None, (nothing,)).send(Forward(Request("GET", "/a")))


OF_EAST = Request("GET", "/a", resource="east")


@pytest.mark.parametrize("key", [ApiKey("its-own"), None])
async def test_a_resource_of_a_fleet_is_asked_with_its_own_key_or_by_the_identity(key):
    identity = ApiKey("token", header="authorization")
    own = {"east": ResourceUpstream("https://east", key)}
    router = Router(None, upstream_of=own.get, identity=identity)
    onward = await router.onward(OF_EAST)
    assert (onward.endpoint, onward.credential) == ("https://east", key or identity)
    for other in ("west", ""):
        request = structs.replace(OF_EAST, resource=other)
        assert await router.onward(request) == Forward(request)


async def test_a_forwarder_decides_before_the_upstream_of_a_resource():
    own = {"east": ResourceUpstream("https://east")}
    router = Router(None, (forwarding(endpoint="first"),), upstream_of=own.get)
    assert (await router.onward(OF_EAST)).endpoint == "first"


async def test_endpoints_are_bounded(other):
    router = Router(None)
    for number in range(MOST_UPSTREAMS):
        router._other(f"http://127.0.0.1:1/{number}")
    with pytest.raises(UpstreamUnavailable, match="gone to 1,000 endpoints since the start"):
        await router.send(Forward(Request("GET", "/a"), endpoint=other.endpoint))
    assert other.asked == []
    await router.close()


async def test_a_request_goes_elsewhere_without_the_upstreams_key(quick, other):
    record = quick.record(forwarders=[forwarding(endpoint=other.endpoint)])
    answer = await record.answer(asking("chat"))
    assert await body_of(answer) == fake.CHAT
    assert (len(other.asked), quick.served.asked) == (1, [])
    assert UPSTREAMS_KEY not in str(other.asked)
    assert "api-key" not in other.asked[0].headers


async def test_a_credential_is_sent_in_its_header(quick, other):
    credential = ApiKey("its-key", header="ocp-apim-subscription-key")
    record = quick.record(forwarders=[forwarding(endpoint=other.endpoint, credential=credential)])
    await record.answer(asking("chat"))
    assert other.asked[0].headers["ocp-apim-subscription-key"] == "its-key"
    assert b"its-key" not in await quick.stored_bytes()


async def test_a_credential_takes_the_place_of_the_upstreams_key(quick):
    record = quick.record(forwarders=[forwarding(credential=ApiKey("k", header="x-key"))])
    await record.answer(asking("chat"))
    assert quick.served.asked[0].headers["x-key"] == "k"
    assert "api-key" not in quick.served.asked[0].headers


async def test_an_altered_request_is_recorded_as_it_came(quick):
    async def forward(request):
        return Forward(structs.replace(request, path="/elsewhere/chat", body=b"altered"))

    await quick.record(forwarders=[forward]).answer(asking("chat"))
    assert quick.served.asked[0].target.startswith("/elsewhere/chat")
    assert quick.served.asked[0].body == b"altered"
    replayed = await quick.replay().answer(asking("chat"))
    assert await body_of(replayed) == fake.CHAT
    assert b"altered" not in await quick.stored_bytes()


async def test_an_address_elsewhere_leads_back_to_the_simulator(quick, other):
    record = quick.record(forwarders=[forwarding(endpoint=other.endpoint)])
    answer = await record.answer(asking("created"))
    assert answer.headers["operation-location"] == "http://sim:8000/results/1?a=b"
    replayed = await quick.replay().answer(asking("created"))
    assert replayed.headers["operation-location"] == "http://sim:8000/results/1?a=b"


@pytest.mark.parametrize(("behaviour", "body"), [("chat", fake.CHAT), ("stream", fake.STREAM)])
async def test_what_is_not_to_be_kept_is_passed_on_and_not_recorded(quick, behaviour, body):
    asked = []

    def keeps(received):
        asked.append(received)
        return len(asked) > 1

    record = quick.record(forwarders=[forwarding(keeps=keeps)])
    answer = await record.answer(asking(behaviour))
    assert await body_of(answer) == body
    assert "x-recording" not in answer.headers
    assert await quick.recordings() == []
    assert (asked[0].status, asked[0].body) == (200, body)
    assert "content-type" in asked[0].headers
    await body_of(await record.answer(asking(behaviour)))
    assert len(await quick.recordings()) == 1


async def test_a_stream_that_is_not_kept_still_says_what_it_used(quick):
    record = quick.record(forwarders=[forwarding(keeps=lambda _: False)])
    answer = await record.answer(asking("stream"))
    await body_of(answer)
    assert answer.ending.usage is not None
    assert answer.ending.recording is None


async def test_errors_are_never_asked_about(quick):
    record = quick.record(forwarders=[forwarding(keeps=lambda _: 1 / 0)])
    assert (await record.answer(asking("limited"))).status == 429
