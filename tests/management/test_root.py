import httpx2

from simulator import __version__


def test_the_root_says_without_a_key_that_the_simulator_runs(server: str) -> None:
    response = httpx2.get(server)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.json() == {
        "message": "Azure OpenAI API Simulator is running",
        "version": __version__,
    }
