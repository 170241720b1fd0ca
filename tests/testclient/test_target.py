import pytest

from testclient.target import LOCAL, Target, TargetError


def test_the_settings_say_what_is_called() -> None:
    environment = {
        "TEST_OPENAI_ENDPOINT": "https://example.azurewebsites.net/",
        "TEST_OPENAI_KEY": "the-key",
        "TEST_OPENAI_DEPLOYMENT": "chat",
        "TEST_OPENAI_EMBEDDING_DEPLOYMENT": "vectors",
        "TEST_OPENAI_IMAGE_DEPLOYMENT": "pictures",
    }
    assert Target.from_env(environment) == Target(
        "https://example.azurewebsites.net", "the-key", "chat", "vectors", "pictures"
    )


def test_a_key_is_enough_for_a_fresh_start() -> None:
    assert Target.from_env({"TEST_OPENAI_KEY": "k"}) == Target(
        LOCAL, "k", "gpt-4o", "embedding", "gpt-image-2"
    )


def test_an_address_that_is_given_comes_first() -> None:
    environment = {"TEST_OPENAI_KEY": "k", "TEST_OPENAI_ENDPOINT": "https://example.com"}
    assert Target.from_env(environment, endpoint="http://127.0.0.1:7").endpoint == (
        "http://127.0.0.1:7"
    )


def test_this_machines_simulator_is_called_with_its_own_key() -> None:
    assert Target.from_env({"SIMULATOR_API_KEY": "own"}).key == "own"


@pytest.mark.parametrize("address", ["", "https://example.com"])
def test_a_missing_key_is_one_line_that_names_it(address: str) -> None:
    environment = {"SIMULATOR_API_KEY": "own"} if address else {}
    with pytest.raises(TargetError, match=r"TEST_OPENAI_KEY") as lacking:
        Target.from_env(environment, endpoint=address)
    assert "\n" not in str(lacking.value)
    assert "own" not in str(lacking.value)


def test_an_address_without_a_scheme_is_reported() -> None:
    with pytest.raises(TargetError, match="http://"):
        Target.from_env({"TEST_OPENAI_KEY": "k"}, endpoint="example.com")
