"""The Grafana dashboard asks for metrics and labels that the simulator has."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.conftest import KEY, MakeSimulator
from tests.support.asking import ask, route

DASHBOARD = json.loads(Path("examples/grafana/dashboard.json").read_text())
PANELS = DASHBOARD["panels"]
EXPRESSIONS = [target["expr"] for panel in PANELS for target in panel["targets"]]
EXPRESSIONS += [
    variable["query"]["query"]
    for variable in DASHBOARD["templating"]["list"]
    if variable["type"] == "query"
]
NAMES = re.compile(r"\b((?:aoai|gen_ai)_\w+?_(?:total|sum|count|bucket|active))\b(?:\{(\w+)=)?")
GROUPS = re.compile(r"by \(([^)]+)\)|, (\w+)\)$")
CHAT = {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 5}


@pytest.fixture
async def kept(make_simulator: MakeSimulator, tmp_path: Path) -> dict[str, set[str]]:
    """The labels of each metric of a simulator that has met every kind of request."""
    deployments = tmp_path / "deployments.json"
    deployments.write_text('{"chat": {"model": "gpt-4o", "tokensPerMinute": 1000}}')
    simulator = make_simulator(
        metrics_prometheus=True,
        mode="replay",
        replay_miss="generate",
        recording_dir=str(tmp_path / "recordings"),
        deployments_path=str(deployments),
        chat_completions_mean=30.0,  # a stream that leaves in one write is never an active one
    )
    path = route("chat/completions", "chat")
    for extra in ({"stream": True}, {"max_tokens": 900, "n": 2}, {"max_tokens": 900, "n": 2}):
        await ask(simulator, path, {**CHAT, **extra})
    text = (await ask(simulator, "/++/metrics", method="GET", query="")).body.decode()
    await simulator.close()
    labels: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels.setdefault(sample.name, set()).update(sample.labels)
    return labels


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_asks_for_what_is_kept(kept: dict[str, set[str]], expression: str) -> None:
    found = NAMES.findall(expression)
    assert found
    for name, selected in found:
        assert name in kept
        groups = {
            label.strip()
            for listed, last in GROUPS.findall(expression)
            for label in (listed or last).split(",")
        }
        wanted = groups | ({selected} if selected else set())
        assert wanted <= kept[name]


def test_panels_do_not_lie_on_each_other() -> None:
    fields: set[tuple[int, int]] = set()
    for panel in PANELS:
        place: dict[str, Any] = panel["gridPos"]
        own = {
            (place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])
        }
        assert not own & fields
        assert place["x"] + place["w"] <= 24
        fields |= own


def test_every_panel_and_the_dashboard_have_a_name() -> None:
    assert all(panel["title"] for panel in PANELS)
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
    assert KEY not in json.dumps(DASHBOARD)
