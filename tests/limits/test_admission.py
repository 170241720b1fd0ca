"""What a client meets: over both stores, on a clock that tests move."""

import dataclasses
import json
from collections.abc import Callable

import pytest
from msgspec import structs

from simulator.catalogue.deployments import Deployment, standard_deployment
from simulator.catalogue.models import find_model
from simulator.errors import CONTEXT_LENGTH, InvalidRequest, RateLimited, ServerError
from simulator.limits.admission import Admission, Charge, RateLimiter
from simulator.limits.refusal import BodyStyle, Refusals
from simulator.messages import Usage
from tests.limits.conftest import MakeStore
from tests.support.clock import Clock

GPT = standard_deployment("gpt", find_model("gpt-4o"), 1_000)
FREE = Deployment("free", find_model("gpt-4o"))
PTU = Deployment("ptu", find_model("gpt-4o"), sku="ProvisionedManaged", ptu=50)
SPILLING = dataclasses.replace(PTU, name="spilling", spillover_deployment="gpt")
# A burst that fills the bucket of 50 PTUs, 2,500 input tokens a minute each, to more than 100 %.
BURST = Charge("ChatCompletions_Create", "2024-10-21", prompt_tokens=0, max_output=40_000)
SPILLING_BURST = structs.replace(BURST, spillover=GPT)
LONG = Charge("ChatCompletions_Create", "2024-10-21", tokens=900, prompt_tokens=128_001)

MakeLimits = Callable[..., RateLimiter]


def ticket(tokens: int, **changes: object) -> Charge:
    return structs.replace(
        Charge(
            "ChatCompletions_Create",
            "2024-10-21",
            tokens=tokens,
            prompt_tokens=tokens,
            max_output=0,
        ),
        **changes,
    )


@pytest.fixture
def make_limits(make_store: MakeStore) -> MakeLimits:
    def make(style: BodyStyle = "new") -> RateLimiter:
        return RateLimiter(make_store(), Refusals("Sweden Central", style))

    return make


@pytest.fixture
def limits(make_limits: MakeLimits) -> RateLimiter:
    return make_limits()


async def refused(limits: RateLimiter, deployment: Deployment, asked: Charge) -> RateLimited:
    with pytest.raises(RateLimited) as caught:
        await limits.admit(deployment, asked)
    return caught.value


def message(error: RateLimited) -> str:
    text: str = json.loads(error.body())["error"]["message"]
    return text


async def test_an_admitted_request_learns_what_is_left(limits: RateLimiter) -> None:
    admission = await limits.admit(GPT, ticket(250))
    assert admission.deployment is GPT
    assert admission.headers == {
        "x-ms-is-spilled-over": "false",
        "x-ratelimit-abusepenalty-active": "False",
        "x-ratelimit-key": "gpt",
        "x-ratelimit-limit-requests": "6",
        "x-ratelimit-limit-tokens": "1000",
        "x-ratelimit-remaining-requests": "5",
        "x-ratelimit-remaining-tokens": "750",
        "x-ratelimit-renewalperiod-requests": "60",
        "x-ratelimit-renewalperiod-tokens": "60",
        "x-ratelimit-reset-requests": "10",
        "x-ratelimit-reset-tokens": "15",
    }


async def test_a_deployment_without_limits_reports_none(limits: RateLimiter) -> None:
    admission = await limits.admit(FREE, ticket(10**9))
    assert admission.headers == {
        "x-ms-is-spilled-over": "false",
        "x-ratelimit-abusepenalty-active": "False",
        "x-ratelimit-key": "free",
    }


@pytest.mark.parametrize(
    ("tokens", "requests", "told"), [(1_000, None, "tokens"), (None, 3, "requests")]
)
async def test_an_absent_limit_has_no_headers(
    limits: RateLimiter, tokens: int | None, requests: int | None, told: str
) -> None:
    half = dataclasses.replace(FREE, tokens_per_minute=tokens, requests_per_minute=requests)
    headers = (await limits.admit(half, ticket(10))).headers
    kinds = ("limit", "remaining", "renewalperiod", "reset")
    assert {name for name in headers if name.endswith(("-requests", "-tokens"))} == {
        f"x-ratelimit-{kind}-{told}" for kind in kinds
    }


async def test_the_token_limit_refuses_with_the_newest_body(limits: RateLimiter) -> None:
    await limits.admit(GPT, ticket(1_000))
    error = await refused(limits, GPT, ticket(1))
    assert error.answer().status == 429
    assert error.body() == (
        b'{"error":{"code":"RateLimitReached","message": "Your requests to gpt for gpt-4o in Sweden '
        b"Central have exceeded the token rate limit for your current AIServices S0 pricing tier. This "
        b"request was for ChatCompletions_Create under Azure OpenAI API version 2024-10-21. Please "
        b"retry after 60 seconds. To increase your default rate limit, visit: "
        b'https://aka.ms/oai/quotaincrease."}}'
    )


async def test_a_refusal_carries_the_limits_and_when_to_come_back(limits: RateLimiter) -> None:
    await limits.admit(GPT, ticket(1_000))
    error = await refused(limits, GPT, ticket(1))
    assert error.headers == {
        "retry-after": "60",
        "retry-after-ms": "60000",
        "x-ms-is-spilled-over": "false",
        "x-ratelimit-abusepenalty-active": "False",
        "x-ratelimit-key": "gpt",
        "x-ratelimit-limit-requests": "6",
        "x-ratelimit-limit-tokens": "1000",
        "x-ratelimit-remaining-requests": "5",
        "x-ratelimit-remaining-tokens": "0",
        "x-ratelimit-renewalperiod-requests": "60",
        "x-ratelimit-renewalperiod-tokens": "60",
        "x-ratelimit-reset-requests": "10",
        "x-ratelimit-reset-tokens": "60",
        "x-ratelimit-type": "Tokens",
    }


async def test_the_request_limit_refuses_as_a_call_rate_limit(limits: RateLimiter) -> None:
    await limits.admit(GPT, ticket(1))
    error = await refused(limits, GPT, ticket(1))
    assert "exceeded the call rate limit" in message(error)
    assert error.headers["x-ratelimit-type"] == "Requests"
    assert error.headers["retry-after"] == "10"


async def test_one_second_is_singular(limits: RateLimiter, clock: Clock) -> None:
    await limits.admit(GPT, ticket(1))
    clock.now += 9.5
    error = await refused(limits, GPT, ticket(1))
    assert "Please retry after 1 second. To" in message(error)
    assert (error.headers["retry-after"], error.headers["retry-after-ms"]) == ("1", "500")


async def test_a_v1_route_has_no_dated_version(limits: RateLimiter) -> None:
    await limits.admit(GPT, ticket(1))
    error = await refused(limits, GPT, ticket(1, api_version=""))
    assert "under Azure OpenAI API version v1." in message(error)


async def test_the_classic_body_is_there_for_those_who_parse_it(make_limits: MakeLimits) -> None:
    limits = make_limits("classic")
    await limits.admit(GPT, ticket(1_000))
    error = await refused(limits, GPT, ticket(1))
    assert error.body() == (
        b'{"error":{"code":"429","message":"Requests to the ChatCompletions_Create Operation under '
        b"Azure OpenAI API version 2024-10-21 have exceeded token rate limit of your current OpenAI S0 "
        b"pricing tier. Please retry after 60 seconds. Please go here: "
        b"https://aka.ms/oai/quotaincrease if you would like to further increase the default rate "
        b'limit."}}'
    )


async def test_a_request_dearer_than_the_limit_has_to_wait_for_a_day(limits: RateLimiter) -> None:
    error = await refused(limits, GPT, ticket(1_001))
    assert error.headers["retry-after"] == "86400"
    assert "Please retry after 86400 seconds." in message(error)


@pytest.mark.parametrize("cost", [1, 400, 999])
async def test_a_client_that_waits_as_long_as_it_has_to_is_admitted(
    limits: RateLimiter, clock: Clock, cost: int
) -> None:
    for pause in (0, 10.0333, 12.21):
        clock.now += pause
        await limits.admit(GPT, ticket(333))
    error = await refused(limits, GPT, ticket(cost))
    clock.now += int(error.headers["retry-after-ms"]) / 1000
    assert (await limits.admit(GPT, ticket(cost))).deployment is GPT


async def test_settling_a_standard_request_changes_nothing(
    limits: RateLimiter, clock: Clock
) -> None:
    admission = await limits.admit(GPT, ticket(400))
    await admission.settle(Usage(1, 1))
    clock.now += 10
    after = await limits.admit(GPT, ticket(0))
    assert after.headers["x-ratelimit-remaining-tokens"] == "600"


async def test_changed_limits_keep_what_is_used(limits: RateLimiter, clock: Clock) -> None:
    await limits.admit(GPT, ticket(900))
    raised = standard_deployment("gpt", GPT.model, 2_000)
    clock.now += 10
    admission = await limits.admit(raised, ticket(600))
    assert admission.headers["x-ratelimit-remaining-tokens"] == "500"


async def test_names_without_end_are_not_remembered_without_end(limits: RateLimiter) -> None:
    for number in range(5_000):
        await limits.admit(dataclasses.replace(FREE, name=f"free-{number}"), ticket(1))
    assert len(limits._terms) < 5_000


async def test_a_provisioned_deployment_reports_its_utilization_alone(limits: RateLimiter) -> None:
    admission = await limits.admit(PTU, ticket(0, prompt_tokens=12_500, max_output=0))
    assert admission.headers == {
        "x-ms-is-spilled-over": "false",
        "azure-openai-deployment-utilization": "10.0%",
    }


async def test_an_answer_of_unset_length_is_estimated(limits: RateLimiter) -> None:
    admission = await limits.admit(PTU, ticket(0, max_output=None))
    # 640 output tokens weigh 2,560 of the 125,000 input tokens a minute.
    assert admission.headers["azure-openai-deployment-utilization"] == "2.0%"


async def test_above_a_hundred_percent_a_provisioned_deployment_refuses(
    limits: RateLimiter,
) -> None:
    await limits.admit(PTU, BURST)
    error = await refused(limits, PTU, BURST)
    assert json.loads(error.body())["error"] == {
        "message": "Requests have exceeded the throughput limit on your Provisioned-Managed "
        "deployment. If you continue to exceed your limit, consider increasing the number of "
        "provisioned throughput units deployed.",
        "type": "too_many_requests",
        "param": None,
        "code": "rate_limit_reached",
    }
    assert error.headers == {
        "x-ms-is-spilled-over": "false",
        "azure-openai-deployment-utilization": "128.0%",
        "retry-after": "17",
        "retry-after-ms": "16800",
    }


async def test_a_refused_provisioned_request_is_admitted_after_its_wait(
    limits: RateLimiter, clock: Clock
) -> None:
    await limits.admit(PTU, BURST)
    error = await refused(limits, PTU, BURST)
    clock.now += int(error.headers["retry-after-ms"]) / 1000
    assert (await limits.admit(PTU, BURST)).deployment is PTU


@pytest.mark.parametrize(
    ("usage", "utilization"),
    [
        (Usage(0), "0.0%"),
        (Usage(12_500, 0), "10.0%"),
        (Usage(12_500, 3_125, cached=12_500), "10.0%"),
        (Usage(0, 62_500), "200.0%"),
    ],
)
async def test_settling_puts_what_was_used_in_the_place_of_the_estimate(
    limits: RateLimiter, usage: Usage, utilization: str
) -> None:
    admission = await limits.admit(PTU, ticket(0, max_output=31_250))
    assert admission.headers["azure-openai-deployment-utilization"] == "100.0%"
    await admission.settle(usage)
    try:
        headers = (await limits.admit(PTU, ticket(0))).headers
    except RateLimited as error:
        headers = error.headers
    assert headers["azure-openai-deployment-utilization"] == utilization


async def test_a_prompt_too_long_for_a_provisioned_deployment_is_refused(
    limits: RateLimiter,
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await limits.admit(PTU, LONG)
    assert caught.value.code == "context_length_exceeded"
    assert "resulted in 128001 tokens" in caught.value.message


SPILLED = {
    "x-ms-is-spilled-over": "true",
    "x-ms-deployment-name": "gpt",
    "x-ms-spillover-from-deployment": "spilling",
}


def spilled(admission: Admission, status: int) -> bool:
    expected = {**SPILLED, "x-ms-spillover-error": str(status)}
    return admission.deployment is GPT and expected.items() <= admission.headers.items()


async def test_what_a_full_deployment_refuses_spills_over(limits: RateLimiter) -> None:
    await limits.admit(SPILLING, SPILLING_BURST)
    admission = await limits.admit(SPILLING, SPILLING_BURST)
    assert spilled(admission, 429)
    assert admission.headers["x-ratelimit-key"] == "gpt"
    assert "azure-openai-deployment-utilization" not in admission.headers


async def test_a_prompt_too_long_spills_over(limits: RateLimiter) -> None:
    assert spilled(await limits.admit(SPILLING, structs.replace(LONG, spillover=GPT)), 400)


async def test_a_request_may_name_where_it_spills_over(limits: RateLimiter) -> None:
    await limits.admit(PTU, BURST)
    admission = await limits.admit(PTU, structs.replace(BURST, spillover=FREE))
    assert admission.deployment is FREE
    assert admission.headers["x-ms-spillover-from-deployment"] == "ptu"


async def test_without_a_standard_deployment_nothing_spills_over(limits: RateLimiter) -> None:
    await limits.admit(PTU, BURST)
    error = await refused(limits, PTU, BURST)
    assert error.headers["x-ms-is-spilled-over"] == "false"


async def test_where_the_standard_deployment_refuses_too_its_refusal_is_seen(
    limits: RateLimiter,
) -> None:
    await limits.admit(GPT, ticket(1_000))
    await limits.admit(SPILLING, SPILLING_BURST)
    error = await refused(limits, SPILLING, structs.replace(SPILLING_BURST, tokens=500))
    assert "requests to gpt for gpt-4o" in message(error)
    assert error.headers["retry-after"] == "60"
    assert {**SPILLED, "x-ms-spillover-error": "429"}.items() <= error.headers.items()


async def test_a_server_error_spills_over(limits: RateLimiter) -> None:
    admission = await limits.spill(SPILLING, ticket(10, spillover=GPT), ServerError("id"))
    assert admission is not None
    assert spilled(admission, 500)


async def test_the_classic_body_of_a_provisioned_deployment_is_the_short_one(
    make_limits: MakeLimits,
) -> None:
    limits = make_limits("classic")
    await limits.admit(PTU, BURST)
    error = await refused(limits, PTU, BURST)
    assert error.body() == (
        b'{"error":{"code":"429","message": "Rate limit is exceeded. Try again in 17 seconds."}}'
    )


async def test_a_prompt_that_the_model_has_no_room_for_spills_over(limits: RateLimiter) -> None:
    error = InvalidRequest("too long", code=CONTEXT_LENGTH)
    admission = await limits.spill(SPILLING, ticket(10, spillover=GPT), error)
    assert admission is not None
    assert spilled(admission, 400)


async def test_other_errors_do_not_spill_over(limits: RateLimiter) -> None:
    assert await limits.spill(SPILLING, ticket(10, spillover=GPT), InvalidRequest("bad")) is None
