import random
import uuid
from collections.abc import Callable, Mapping

import pytest

from simulator.catalogue.deployments import Deployment, undefined_deployment
from simulator.catalogue.models import find_model
from simulator.headers import parted
from simulator.limits.admission import Admission
from simulator.messages import Answer, Request
from simulator.wire.answer_headers import AnswerHeaders, client_id

Made = Callable[[dict[str, str]], Mapping[str, str]]
HEADERS = AnswerHeaders("Sweden Central", random.Random(1))


def test_a_request_id_is_a_random_uuid() -> None:
    assert uuid.UUID(HEADERS.request_id()).version == 4


def test_the_region_is_that_of_the_setting() -> None:
    headers = HEADERS.of_answer("id", Answer.plain(b""), {})
    assert headers["x-ms-region"] == "Sweden Central"


def test_a_refused_key_gets_the_request_id_alone() -> None:
    answer = Answer.plain(b"", status=401, content_type=None)
    assert HEADERS.of_answer("id", answer, {}) == {"apim-request-id": "id"}


@pytest.mark.parametrize("made", [dict, parted])
def test_what_an_answer_says_itself_stands_above_the_limits_headers(made: Made) -> None:
    admission = Admission(undefined_deployment("a"), {"x-ms-deployment-name": "b", "x-a": "1"})
    answer = Answer.plain(b"", headers=made({"x-ms-deployment-name": "c"}))
    headers = HEADERS.of_answer("id", answer, admission.headers)
    assert (headers["x-ms-deployment-name"], headers["x-a"]) == ("c", "1")


def test_an_answer_names_its_deployment_and_its_model() -> None:
    deployment = undefined_deployment("my-gpt-5.2")
    headers = HEADERS.of_model(deployment, streamed=False, operation="embeddings")
    assert headers["x-ms-deployment-name"] == "my-gpt-5.2"
    assert headers["x-ms-served-model"] == "gpt-5.2-2025-12-11"


def test_an_unknown_path_names_no_region() -> None:
    assert "x-ms-region" not in HEADERS.of_answer("id", Answer.plain(b""), {}, None)


@pytest.mark.parametrize("given", ["5a1c9d0e-1b2c-4d3e-8f40-a1b2c3d4e5f6", "mine", "x" * 1024])
def test_a_clients_own_id_is_repeated(given: str) -> None:
    request = Request("POST", "/", headers={"x-ms-client-request-id": given})
    assert client_id(request) == {"x-ms-client-request-id": given}


@pytest.mark.parametrize("given", ["", "x" * 1025, "a\r\nb: c", "é", "a\x00"])
def test_what_makes_no_good_header_is_not_repeated(given: str) -> None:
    request = Request("POST", "/", headers={"x-ms-client-request-id": given})
    assert client_id(request) == {}


def test_a_provisioned_deployment_is_not_paid_as_you_go() -> None:
    deployment = Deployment("a", find_model("gpt-4o"), sku="GlobalProvisionedManaged", ptu=15)
    made = HEADERS.of_model(deployment, streamed=False, operation="chat_completions")
    assert "azureai-fe-offer-type" not in made
