import random
import uuid

from simulator.catalogue.deployments import undefined_deployment
from simulator.limits.admission import Admission
from simulator.messages import Answer
from simulator.wire.answer_headers import AnswerHeaders

HEADERS = AnswerHeaders("Sweden Central", random.Random(1))


def test_a_request_id_is_a_random_uuid() -> None:
    assert uuid.UUID(HEADERS.request_id()).version == 4


def test_the_region_is_that_of_the_setting() -> None:
    headers = HEADERS.of_answer("id", Answer.plain(b""), {})
    assert headers["x-ms-region"] == "Sweden Central"


def test_a_refused_key_is_told_the_request_id_alone() -> None:
    answer = Answer.plain(b"", status=401, content_type=None)
    assert HEADERS.of_answer("id", answer, {}) == {"apim-request-id": "id"}


def test_what_an_answer_says_itself_stands_above_the_limits_headers() -> None:
    admission = Admission(undefined_deployment("a"), {"x-ms-deployment-name": "b", "x-a": "1"})
    answer = Answer.plain(b"", headers={"x-ms-deployment-name": "c"})
    headers = HEADERS.of_answer("id", answer, admission.headers)
    assert (headers["x-ms-deployment-name"], headers["x-a"]) == ("c", "1")


def test_an_answer_names_its_deployment_and_its_model() -> None:
    headers = HEADERS.of_model(undefined_deployment("my-gpt-5.2"), streamed=False)
    assert headers["x-ms-deployment-name"] == "my-gpt-5.2"
    assert headers["x-ms-served-model"] == "gpt-5.2-2025-12-11"
