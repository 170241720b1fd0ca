"""Deployments of retired models, on fixed days."""

import logging

import pytest

from simulator.catalogue.deployments import Deployment
from simulator.catalogue.models import find_model
from simulator.catalogue.retirement import Retirement
from simulator.errors import ResourceNotFound
from tests.conftest import MakeSimulator
from tests.support.asking import ask

PICTURES = Deployment("pictures", find_model("dall-e-3"))
BEFORE, AFTER = 1_772_500_000.0, 1_772_700_000.0  # 2026-03-03, 2026-03-05


def test_a_retired_model_is_served_with_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    retirement = Retirement(lambda: AFTER, allowed=True)
    with caplog.at_level(logging.WARNING):
        retirement.check(PICTURES)
        retirement.check(PICTURES)
    (record,) = caplog.records
    assert record.getMessage().startswith(
        "dall-e-3 (3.0), the model of deployment pictures, was retired on 2026-03-04:"
    )


def test_a_retired_model_is_refused_where_none_is_allowed() -> None:
    with pytest.raises(ResourceNotFound):
        Retirement(lambda: AFTER, allowed=False).check(PICTURES)


def test_a_model_is_served_until_the_day_of_its_retirement(
    caplog: pytest.LogCaptureFixture,
) -> None:
    Retirement(lambda: BEFORE, allowed=False).check(PICTURES)
    assert not caplog.records


@pytest.mark.parametrize(("allowed", "status"), [(True, 200), (False, 404)])
async def test_the_setting_decides_what_a_client_sees(
    make_simulator: MakeSimulator, *, allowed: bool, status: int
) -> None:
    simulator = make_simulator(allow_retired_models=allowed)
    reply = await ask(
        simulator,
        "/openai/deployments/gpt-4-32k/chat/completions",
        {"messages": [{"role": "user", "content": "Hi"}]},
    )
    assert reply.status == status


async def test_a_router_names_the_model_that_answered(make_simulator: MakeSimulator) -> None:
    simulator = make_simulator()
    models: list[str] = []
    for words in (1, 400, 4_000):
        reply = await ask(
            simulator,
            "/openai/deployments/model-router/chat/completions",
            {"messages": [{"role": "user", "content": "word " * words}]},
        )
        models.append(reply.json["model"])
    assert models == ["gpt-5-nano-2025-08-07", "gpt-5-mini-2025-08-07", "gpt-5-2025-08-07"]
