import random
import uuid

from simulator.deployments import undefined_deployment
from simulator.headers import AnswerHeaders

HEADERS = AnswerHeaders("Sweden Central", random.Random(1))


def test_a_request_id_is_a_random_uuid() -> None:
    assert uuid.UUID(HEADERS.request_id()).version == 4


def test_the_region_is_that_of_the_setting() -> None:
    assert HEADERS.of_gateway("id", 200)["x-ms-region"] == "Sweden Central"


def test_a_refused_key_is_told_the_request_id_alone() -> None:
    assert HEADERS.of_gateway("id", 401) == {"apim-request-id": "id"}


def test_an_answer_names_its_deployment_and_its_model() -> None:
    headers = HEADERS.of_model(undefined_deployment("my-gpt-5.2"), streamed=False)
    assert headers["x-ms-deployment-name"] == headers["x-ratelimit-key"] == "my-gpt-5.2"
    assert headers["x-ms-served-model"] == "gpt-5.2-2025-12-11"
