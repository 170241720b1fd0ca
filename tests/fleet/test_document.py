"""Fleet files that cannot be used: the place, what was found, and what was meant."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from simulator.fleet.document import read_fleet
from simulator.fleet.errors import FleetError
from simulator.fleet.fields import LARGEST, MOST_ENTRIES, MOST_RESOURCES

GOOD: dict[str, Any] = {
    "resources": {
        "sweden": {
            "region": "Sweden Central",
            "deployments": {"chat": {"model": "gpt-4o", "tokensPerMinute": 1000}},
            "rules": [{"name": "slow", "latency": {"factor": 2}}],
        },
        "east": {"region": "East US 2", "deployments": {"chat": {"model": "gpt-4o"}}},
    },
    "quotas": {"shared": {"region": "eastus2", "model": "gpt-4o", "tokensPerMinute": 6000}},
    "timeline": [
        {"at": 60, "resource": "sweden", "rules": []},
        {"at": 90, "resource": "sweden", "deployments": {"chat": {"tokensPerMinute": 0}}},
        {"at": 120, "quotas": {"shared": {"tokensPerMinute": 100}}, "repeat": 600},
    ],
}
Edit = Callable[[dict[str, Any]], object]


def edited(edit: Edit) -> bytes:
    fleet = copy.deepcopy(GOOD)
    edit(fleet)
    return json.dumps(fleet).encode()


_MANY_PATTERNS = {"when": {"matches": ["a" * 1_000] * 60}, "reply": "b"}


@pytest.mark.parametrize(
    ("edit", "place"),
    [
        (lambda f, rule: f["resources"]["east"].update(rules=[rule]), "resource 'east'"),
        (lambda f, rule: f["timeline"][0].update(rules=[rule]), "timeline[0]"),
    ],
)
def test_a_rule_for_no_operation_is_named(edit: Callable[..., object], place: str) -> None:
    rule = {"when": {"operation": "respones"}, "reply": "x"}
    data = edited(lambda fleet: edit(fleet, rule))
    with pytest.raises(FleetError) as caught:
        read_fleet(data, ["responses"])
    assert str(caught.value).startswith(f"{place}: Rule rules[0]: ")
    assert "'when.operation': there is no operation 'respones'" in str(caught.value)
    assert "Did you mean 'responses'?" in str(caught.value)


def test_a_deployment_that_the_timeline_adds_is_changed_and_removed_by_it() -> None:
    read_fleet(
        edited(
            lambda fleet: fleet.update(
                timeline=[
                    {"at": 30, "resource": "east", "deployments": {"new": None}},
                    {"at": 20, "resource": "east", "deployments": {"new": {"tokensPerMinute": 5}}},
                    {"at": 10, "resource": "east", "deployments": {"new": {"model": "gpt-4.1"}}},
                    {
                        "at": 10,
                        "resource": "east",
                        "rules": [{"when": {"deployment": "new"}, "reply": "x"}],
                    },
                ]
            )
        )
    )


def test_a_quota_may_spell_its_model_as_openai_does() -> None:
    file = read_fleet(
        edited(
            lambda fleet: (
                fleet["quotas"]["shared"].update(model="gpt-3.5-turbo"),
                fleet["resources"]["east"]["deployments"].update(old={"model": "gpt-35-turbo"}),
            )
        )
    )
    assert file.quotas["shared"].model == "gpt-35-turbo"


def test_a_good_file_is_read() -> None:
    file = read_fleet(edited(lambda _: None))
    assert list(file.resources) == ["sweden", "east"]
    assert len(file.timeline.entries) == 3


@pytest.mark.parametrize(
    ("edit", "line"),
    [
        (lambda f: f.update(timelin=[]), "the file: no such member 'timelin'; did you mean"),
        (lambda f: f.pop("resources"), "the file: 'resources' is missing"),
        (lambda f: f.update(resources={}), "resources: expected an object of length >= 1"),
        (lambda f: f.update(resources=[]), "resources: expected an object"),
        (lambda f: f["resources"].update({"Bad_": {}}), "resource 'Bad_': a name is a letter"),
        (lambda f: f["resources"].update(x=[]), "resource 'x': expected an object"),
        (
            lambda f: f["resources"]["east"].update(regoin="x"),
            "resource 'east': no such member 'regoin'; did you mean 'region'?",
        ),
        (
            lambda f: f["resources"]["east"]["deployments"].update(x={"model": "gpt-4p"}),
            "resource 'east': deployment \"x\": model: 'gpt-4p' is no known model; nearest",
        ),
        (
            lambda f: f["resources"]["east"].update(rules=[{"falt": {"kind": "capacity"}}]),
            "resource 'east': Rule rules[0]: 'falt': there is no such member. Did you mean 'fault'",
        ),
        (
            lambda f: f["resources"]["east"].update(
                rules=[{"when": {"resource": "sweden"}, "reply": "x"}]
            ),
            "resource 'east': rules[0]: when.resource: a rule of a resource is for that resource",
        ),
        (
            lambda f: f["quotas"]["shared"].update(model="gpt4o-mni"),
            "quota 'shared': model: 'gpt4o-mni' is no known model; nearest",
        ),
        (
            lambda f: f["quotas"]["shared"].update(region="Sweden Centrl"),
            "quota 'shared': region: no resource is in 'Sweden Centrl'",
        ),
        (
            lambda f: f["resources"]["east"]["deployments"]["chat"].update(tokensPerMinute=7000),
            "quota 'shared': tokensPerMinute: its deployments are given 7000 of 6000 tokens",
        ),
        (
            lambda f: f["timeline"][0].update(resource="swedn"),
            "timeline[0]: resource: found 'swedn'; did you mean 'sweden'?",
        ),
        (lambda f: f["timeline"][0].update(at=-1), "timeline[0]: at: expected a number >= 0"),
        (
            lambda f: f["timeline"][0].update(repeat={"evry": 60}),
            "timeline[0]: repeat: no such member 'evry'; did you mean 'every'?",
        ),
        (lambda f: f["timeline"][0].update(repeat=0.1), "timeline[0]: repeat: expected a number"),
        (lambda f: f["timeline"][0].pop("rules"), "timeline[0]: it changes nothing of the reso"),
        (lambda f: f["timeline"][0].pop("resource"), "timeline[0]: it names no resource whose"),
        (
            lambda f: f["timeline"][1]["deployments"]["chat"].update(tokenPerMinute=5),
            'timeline[1]: resource \'sweden\': deployment "chat": "tokenPerMinute": no such field',
        ),
        (
            lambda f: f["timeline"][1].update(deployments={"chta": {"tokensPerMinute": 5}}),
            "timeline[1]: deployments: found 'chta'; did you mean 'chat'?",
        ),
        (
            lambda f: f["timeline"][2].update(quotas={"shard": {"tokensPerMinute": 1}}),
            "timeline[2]: quotas: found 'shard'; did you mean 'shared'?",
        ),
        (
            lambda f: f["timeline"][2].update(quotas={"shared": {"tokenPerMinute": 1}}),
            "timeline[2]: quotas: 'shared': no such member 'tokenPerMinute'; did you mean",
        ),
        (lambda f: f["timeline"][2].update(quotas={}), "timeline[2]: quotas: it changes nothing"),
        (
            lambda f: f["timeline"][1].update(deployments={}),
            "timeline[1]: deployments: it changes nothing",
        ),
        (
            lambda f: f["timeline"][1].update(deployments={"chat": {}}),
            "timeline[1]: deployments: 'chat': it changes nothing",
        ),
        (
            lambda f: f["timeline"][1].update(deployments={"chat": 5}),
            "timeline[1]: deployments: 'chat': expected an object of fields, or null",
        ),
        (
            lambda f: f["timeline"][2].update(over=601),
            "timeline[2]: over: 601 s are longer than the 600 s after which it repeats",
        ),
        (
            lambda f: f["resources"]["east"].update(
                rules=[{"name": "x", "when": {"deployment": ["chta"]}, "reply": "y"}]
            ),
            "resource 'east': rule 'x': when.deployment: found 'chta'; did you mean 'chat'?",
        ),
        (
            lambda f: f["timeline"][0].update(
                rules=[{"name": "x", "when": {"deployment": "chta"}, "reply": "y"}]
            ),
            "timeline[0]: rule 'x': when.deployment: found 'chta'; did you mean 'chat'?",
        ),
        (
            lambda f: f["quotas"].update(more={**f["quotas"]["shared"], "region": "East US 2"}),
            "quota 'more': it is for the same subscription, region and model as 'shared'",
        ),
        (
            lambda f: f["quotas"]["shared"].update(model="gpt-4.1"),
            "quota 'shared': model: no deployment of 'gpt-4.1' in 'eastus2' draws on it; did you",
        ),
        (
            lambda f: f["quotas"]["shared"].update(subscription="defualt"),
            "quota 'shared': subscription: 'defualt' has no resource in 'eastus2'; did you mean 'def",
        ),
        (
            lambda f: f["resources"]["east"].update(region="East\nUS"),
            "resource 'east': region: expected text without control characters",
        ),
        *(
            (
                lambda f, key=key: f["resources"]["east"].update(keys=[key]),
                "resource 'east': keys[0]: expected text without control characters, and without sp",
            )
            for key in ("key\n", " key", "key ")
        ),
        *(
            (
                lambda f, bad=bad: f["resources"]["east"].update(upstream={"endpoint": bad}),
                f"resource 'east': upstream.endpoint: found '{bad}', expected an address such as",
            )
            for bad in (
                "x.openai.azure.com",
                "https://",
                "https://x:99999",
                "https://a b",
                "https://[",
            )
        ),
        (
            lambda f: f.update(timeline=[{"at": 1}] * (MOST_ENTRIES + 1)),
            "timeline: expected a list of length <= 1000",
        ),
        (
            lambda f: f.update(resources={f"r{n}": {} for n in range(MOST_RESOURCES + 1)}),
            "resources: expected an object of length <= 200",
        ),
        (
            lambda f: f["resources"].update(
                {name: {"rules": [_MANY_PATTERNS]} for name in ("one", "two")}
            ),
            "the file: The regular expressions of all rules have more than 100000 characters.",
        ),
    ],
)
def test_a_bad_file_is_refused_with_the_place(edit: Edit, line: str) -> None:
    with pytest.raises(FleetError) as caught:
        read_fleet(edited(edit))
    assert str(caught.value).startswith(line)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"{", "the file: not JSON: "),
        (b"[]", "the file: found an array, expected an object of resources and a timeline"),
        (b'{"resources": {"a": {}, "a": {}}}', 'the file: "a" is there twice in one object'),
        (b"\xff", "the file: "),
        (b"[" * 100_000, "the file: nested too deeply"),
        (b'{"resources":' + b'{"a":' * 400 + b"1" + b"}" * 401, "the file: nested too deeply"),
        (b" " * (LARGEST + 1), f"the file: larger than {LARGEST} bytes"),
    ],
)
def test_what_is_no_fleet_at_all_is_refused(data: bytes, line: str) -> None:
    with pytest.raises(FleetError) as caught:
        read_fleet(data)
    assert str(caught.value).startswith(line)


def test_an_error_shows_no_key() -> None:
    bad = edited(lambda f: f["resources"]["east"].update(keys=["secret-of-east", 7]))
    with pytest.raises(FleetError) as caught:
        read_fleet(bad)
    assert str(caught.value).startswith("resource 'east': keys[1]: ")
    assert "secret-of-east" not in str(caught.value)
