import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.catalogue.deployment_file import DeploymentFileError, parse_deployments
from simulator.catalogue.deployments import Deployment

PTU: dict[str, Any] = {"model": "gpt-4o", "sku": "GlobalProvisionedManaged", "ptu": 15}


def parse_one(**fields: Any) -> Deployment:
    return parse_deployments(json.dumps({"mine": fields}), "file.json")["mine"]


def refusal(document: bytes | str) -> str:
    with pytest.raises(DeploymentFileError) as refused:
        parse_deployments(document, "file.json")
    return str(refused.value)


def test_an_entry_of_the_predecessor_is_read():
    deployment = parse_one(
        model="gpt-4o", tokensPerMinute=60000, requestsPerMinute=0, embeddingSize=1536
    )
    assert deployment.model.name == "gpt-4o"
    assert deployment.tokens_per_minute == 60_000
    assert deployment.requests_per_minute == 360
    assert deployment.embedding_size is None


@pytest.mark.parametrize(
    "entry",
    [
        {"model": "gpt-3.5-turbo", "tokensPerMinute": 60000},
        {"model": "text-embedding-3-small", "tokensPerMinute": 10000, "embeddingSize": 512},
        {"model": "text-embedding-3-medium", "tokensPerMinute": 10000, "embeddingSize": 768},
        {"model": "text-embedding-3-large", "tokensPerMinute": 10000, "embeddingSize": 1024},
        {"model": "text-embedding-3-xlarge", "tokensPerMinute": 10000, "embeddingSize": 1536},
        {"model": "text-embedding-ada-001", "tokensPerMinute": 10000, "embeddingSize": 768},
        {"model": "whisper", "requestPerMinute": 100},
    ],
)
def test_the_predecessors_example_file_is_taken(entry: dict[str, Any]):
    assert parse_one(**entry).name == "mine"


def test_the_predecessors_spelling_of_the_request_limit_is_understood():
    assert parse_one(model="whisper", requestPerMinute=100).requests_per_minute == 100


def test_a_model_alone_has_no_limits():
    deployment = parse_one(model="gpt-4o")
    assert deployment.tokens_per_minute is None
    assert deployment.requests_per_minute is None


def test_a_request_limit_of_its_own_replaces_the_models():
    assert (
        parse_one(model="gpt-4o", tokensPerMinute=1000, requestsPerMinute=7).requests_per_minute
        == 7
    )


def test_a_model_version_is_taken():
    assert parse_one(model="gpt-4o", modelVersion="2024-05-13").model.max_output == 4096


def test_null_is_the_same_as_absent():
    assert parse_one(model="gpt-4o", tokensPerMinute=None, ptu=None).tokens_per_minute is None


@pytest.mark.parametrize(
    ("fields", "size"),
    [
        ({"model": "text-embedding-3-large"}, 3072),
        ({"model": "text-embedding-3-large", "embeddingSize": 256}, 256),
        ({"model": "text-embedding-ada-002", "embeddingSize": 1536}, 1536),
    ],
)
def test_an_embedding_size_is_the_models_or_a_smaller_one(fields: dict[str, Any], size: int):
    assert parse_one(**fields).embedding_size == size


@pytest.mark.parametrize("document", ["{}", b"{}", b"\xef\xbb\xbf{}", "\ufeff{}"])
def test_text_bytes_and_a_byte_order_mark_are_taken(document: bytes | str):
    assert parse_deployments(document, "file.json") == {}


def test_a_provisioned_deployment_is_limited_by_its_units_alone():
    deployment = parse_one(**PTU)
    assert deployment.provisioned
    assert deployment.ptu == 15
    assert deployment.tokens_per_minute is None
    assert deployment.requests_per_minute is None


@pytest.mark.parametrize(
    ("model", "sku", "ptu"),
    [
        ("gpt-4o", "GlobalProvisionedManaged", 20),
        ("gpt-5", "DataZoneProvisionedManaged", 100),
        ("gpt-4o", "ProvisionedManaged", 50),
        ("gpt-4o-mini", "ProvisionedManaged", 75),
        ("o1", "ProvisionedManaged", 75),
    ],
)
def test_units_from_the_minimum_in_steps_are_taken(model: str, sku: str, ptu: int):
    assert parse_one(model=model, sku=sku, ptu=ptu).ptu == ptu


@pytest.mark.parametrize("field", ["spilloverDeployment", "spilloverDeploymentName"])
def test_a_provisioned_deployment_may_spill_over_to_a_later_standard_one(field: str) -> None:
    document = {"fast": {**PTU, field: "slow"}, "slow": {"model": "gpt-4o"}}
    deployments = parse_deployments(json.dumps(document), "file.json")
    assert deployments["fast"].spillover_deployment == "slow"


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({}, "model: it is missing"),
        ({"model": 4}, "model: found 4: expected text"),
        ({"model": "gpt-4p"}, "model: 'gpt-4p' is no known model; nearest: gpt-4, "),
        (
            {"model": "gpt-4o", "modelVersion": "x"},
            "modelVersion: 'gpt-4o' has no version 'x'; it has 2024-11-20, 2024-08-06, 2024-05-13",
        ),
        (
            {"model": "gpt-4o", "tokenPerMinute": 1},
            "\"tokenPerMinute\": no such field; did you mean 'tokensPerMinute'?",
        ),
        (
            {"model": "gpt-4o", "zzz": 1},
            '"zzz": no such field; expected one of model, modelVersion, ',
        ),
        (
            {"model": "gpt-4o", "requestPerMinute": 1, "requestsPerMinute": 1},
            '"requestPerMinute": no such field',
        ),
        (
            {"model": "gpt-4o", "tokensPerMinute": "1000"},
            'tokensPerMinute: found "1000": expected a whole number',
        ),
        (
            {"model": "gpt-4o", "tokensPerMinute": True},
            "tokensPerMinute: found true: expected a whole number",
        ),
        (
            {"model": "gpt-4o", "tokensPerMinute": -5},
            "tokensPerMinute: found -5: expected a whole number >= 1",
        ),
        (
            {"model": "gpt-4o", "tokensPerMinute": 0},
            "tokensPerMinute: found 0: expected a whole number >= 1",
        ),
        ({"model": "gpt-4o", "tokensPerMinute": 10**400}, "tokensPerMinute: found 1000"),
        (
            {"model": "gpt-4o", "requestsPerMinute": -1},
            "requestsPerMinute: found -1: expected a whole number >= 0",
        ),
        (
            {"model": "gpt-4o", "requestsPerMinute": {}},
            "requestsPerMinute: found an object: expected a whole number",
        ),
        (
            {"model": "gpt-4o", "requestsPerMinute": [1]},
            "requestsPerMinute: found an array: expected a whole number",
        ),
        (
            {"model": "gpt-4o", "embeddingSize": 512},
            "embeddingSize: found 512: gpt-4o makes no embeddings",
        ),
        (
            {"model": "text-embedding-ada-002", "embeddingSize": 512},
            "embeddingSize: found 512: text-embedding-ada-002 allows 1536",
        ),
        (
            {"model": "text-embedding-3-small", "embeddingSize": 1537},
            "embeddingSize: found 1537: text-embedding-3-small allows 1 to 1536",
        ),
        (
            {"model": "gpt-4o", "sku": "GlobalStandart"},
            "sku: found \"GlobalStandart\"; did you mean 'GlobalStandard'?",
        ),
        ({"model": "gpt-4o", "ptu": 15}, "ptu: found 15: sku Standard is not provisioned"),
        (
            {"model": "gpt-4o", "spilloverDeployment": "x"},
            'spilloverDeployment: found "x": sku Standard is not provisioned',
        ),
        (
            {**PTU, "ptu": None},
            "ptu: found nothing: gpt-4o with sku GlobalProvisionedManaged takes 15, and more in steps of 5",
        ),
        ({**PTU, "ptu": 10}, "ptu: found 10: gpt-4o with sku GlobalProvisionedManaged takes 15, "),
        ({**PTU, "ptu": 17}, "ptu: found 17: gpt-4o with sku GlobalProvisionedManaged takes 15, "),
        (
            {**PTU, "sku": "ProvisionedManaged"},
            "ptu: found 15: gpt-4o with sku ProvisionedManaged takes 50, and more in steps of 50",
        ),
        (
            {**PTU, "model": "whisper"},
            'sku: found "GlobalProvisionedManaged": whisper has no provisioned throughput',
        ),
        (
            {**PTU, "model": "DeepSeek-R1"},
            (
                "ptu: found 15: DeepSeek-R1 with sku GlobalProvisionedManaged takes 100, and more in "
                "steps of 100"
            ),
        ),
        (
            {**PTU, "model": "DeepSeek-R1", "sku": "ProvisionedManaged", "ptu": 100},
            'sku: found "ProvisionedManaged": DeepSeek-R1 has no regional provisioned throughput',
        ),
        (
            {**PTU, "tokensPerMinute": 5},
            "tokensPerMinute: found 5: with sku GlobalProvisionedManaged, ptu is the limit",
        ),
        (
            {"model": "gpt-5.4", "serviceTier": "flex"},
            'serviceTier: found "flex": Invalid enum value',
        ),
        (
            {"model": "gpt-4o", "serviceTier": "priority"},
            'serviceTier: found "priority": gpt-4o has no such tier',
        ),
        (
            {**PTU, "serviceTier": "priority"},
            'serviceTier: found "priority": sku GlobalProvisionedManaged has no such tier',
        ),
        (
            {**PTU, "spilloverDeployment": "mien"},
            "spilloverDeployment: found \"mien\"; did you mean 'mine'?",
        ),
        (
            {**PTU, "spilloverDeployment": "mine"},
            'spilloverDeployment: found "mine", whose sku GlobalProvisionedManaged is not a standard one',
        ),
    ],
)
def test_a_bad_field_is_reported_with_what_was_found_and_what_is_allowed(
    fields: dict[str, Any], problem: str
):
    message = refusal(json.dumps({"mine": fields}))
    assert message.startswith(f'file.json: deployment "mine": {problem}')


def test_an_entry_that_is_no_object_is_refused():
    message = refusal('{"mine": "gpt-4o"}')
    assert message == (
        'file.json: deployment "mine": value: found "gpt-4o", expected an object with a "model"'
    )


@pytest.mark.parametrize("name", ["", "a/b", "-a", "ä", "a" * 65])
def test_a_name_that_no_url_can_ask_for_is_refused(name: str):
    assert ": name: expected a letter or digit" in refusal(json.dumps({name: {"model": "gpt-4o"}}))


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ("", "file.json: not JSON: Expecting value (line 1, column 1)"),
        ('{"a": ', "file.json: not JSON: Expecting value (line 1, column 7)"),
        ("[]", "file.json: found an array, expected an object of deployments by name"),
        (
            '{"a": {"model": "gpt-4o"}, "a": {"model": "o1"}}',
            'file.json: "a" is there twice in one object',
        ),
        (
            '{"a": {"model": "gpt-4o", "model": "o1"}}',
            'file.json: "model" is there twice in one object',
        ),
        (b"\xff\xfe{}", "file.json: 'utf-8' codec can't decode byte 0xff in position 0"),
        ("[" * 100_000, "file.json: "),
        ('{"a": {"model": ' + "9" * 5000 + "}}", "file.json: "),
    ],
    ids=["empty", "cut", "array", "same-name", "same-field", "utf-16", "deep", "long-number"],
)
def test_a_document_that_cannot_be_read_is_refused(document: bytes | str, problem: str):
    assert refusal(document).startswith(problem)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
FIELDS = st.fixed_dictionaries(
    {"model": st.sampled_from(["gpt-4o", "o1", "whisper", "text-embedding-3-small"]) | JSON},
    optional={
        "modelVersion": JSON,
        "tokensPerMinute": JSON,
        "requestsPerMinute": JSON,
        "embeddingSize": JSON,
        "sku": st.sampled_from(["Standard", "ProvisionedManaged"]) | JSON,
        "ptu": st.just(50) | JSON,
        "spilloverDeployment": JSON,
        "serviceTier": st.just("priority") | JSON,
    },
)


def outcome(document: bytes | str) -> str:
    """The line that refuses the document; for one that is read, a line of the same form."""
    try:
        return f"file.json: {len(parse_deployments(document, 'file.json'))} deployments"
    except DeploymentFileError as error:
        return str(error)


@given(JSON | st.dictionaries(st.sampled_from(["a", "b"]) | st.text(), FIELDS | JSON))
def test_any_document_is_read_or_refused_in_one_line(document: object):
    (line,) = outcome(json.dumps(document)).splitlines()
    assert line.startswith("file.json: ")


@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused_in_one_line(document: bytes):
    (line,) = outcome(document).splitlines()
    assert line.startswith("file.json: ")
