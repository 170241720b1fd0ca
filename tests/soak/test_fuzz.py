import pytest

from simulator.assembly.operations import API
from soak.fuzz import fuzz, problem_of
from soak.mutations import Mutations
from soak.seeds import SEEDS
from tests.conftest import KEY, Serve


def test_every_operation_of_the_api_is_mutated() -> None:
    assert {operation.name for operation in API} <= {seed.operation for seed in SEEDS}


@pytest.mark.parametrize("seed", [1, 2])
async def test_mutated_requests_get_answers_of_the_service(serve: Serve, seed: int) -> None:
    url = serve(default_deployment_limits=False)
    found = await fuzz(url, KEY, requests=250, seed=seed)
    assert found.problems == {}
    assert found.statuses.total() == 250


def test_the_same_seed_mutates_alike() -> None:
    one, other = Mutations(7, SEEDS), Mutations(7, SEEDS)
    assert [one.next() for _ in range(50)] == [other.next() for _ in range(50)]


@pytest.mark.parametrize(
    ("status", "body", "problem"),
    [
        (200, b"{}", ""),
        (500, b"{}", "status 500"),
        (503, b"{}", "status 503"),
        (400, b"", "status 400 without a body"),
        (400, b"Internal", "status 400 with a body that is no JSON"),
        (404, b"[]", "status 404 with a body that is no error"),
        (404, b'{"error": {}}', ""),
        (401, b'{"statusCode": 401}', ""),
    ],
)
def test_what_is_wrong_with_an_answer(status: int, body: bytes, problem: str) -> None:
    assert problem_of(status, body) == problem
