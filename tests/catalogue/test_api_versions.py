import pytest

from simulator.catalogue.api_versions import KNOWN, check_version, older_than
from simulator.errors import ResourceNotFound, VersionNotSupported

DATED = "openai/deployments/{deployment}/chat/completions"
V1 = "openai/v1/chat/completions"


@pytest.mark.parametrize("version", sorted(KNOWN))
def test_a_known_version_is_accepted(version: str) -> None:
    check_version(DATED, version)


@pytest.mark.parametrize(
    "version", ["", "v1", "2023-01-01", "2024-10-21-preview", "2024", "latest"]
)
def test_a_version_that_is_missing_or_unknown_leads_nowhere(version: str) -> None:
    with pytest.raises(ResourceNotFound):
        check_version(DATED, version)


@pytest.mark.parametrize("version", ["", "v1", "preview", "latest"])
def test_the_v1_routes_need_no_version(version: str) -> None:
    check_version(V1, version)


@pytest.mark.parametrize("version", ["2024-10-21", "2025-04-01-preview", "v2"])
def test_the_v1_routes_refuse_a_dated_version(version: str) -> None:
    with pytest.raises(VersionNotSupported, match="API version not supported"):
        check_version(V1, version)


def test_a_path_outside_the_api_has_no_version() -> None:
    check_version("", "")


@pytest.mark.parametrize(
    ("version", "older"),
    [
        ("2024-06-01", True),
        ("2024-07-01-preview", True),
        ("2024-08-01-preview", False),
        ("2024-10-21", False),
        ("v1", False),
        ("preview", False),
        ("", False),
    ],
)
def test_versions_are_compared_by_their_dates(version: str, older: bool) -> None:
    assert older_than(version, "2024-08-01") is older
