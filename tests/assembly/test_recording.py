import pytest

from simulator.configuration.settings import SettingError
from tests.conftest import MakeSimulator


@pytest.mark.parametrize(
    ("setting", "value", "named"),
    [
        ("forward_headers", ("Authorization",), "FORWARD_HEADERS='Authorization'"),
        ("forward_headers", ("x-forwarded-for",), "FORWARD_HEADERS='x-forwarded-for'"),
        ("forward_headers", ("api-key",), "FORWARD_HEADERS='api-key'"),
        ("forward_paths", ("openai",), "FORWARD_PATHS='openai'"),
    ],
)
def test_fences_that_cannot_be_stop_the_start(
    make_simulator: MakeSimulator, setting: str, value: tuple[str, ...], named: str
) -> None:
    with pytest.raises(SettingError, match=named):
        make_simulator(
            mode="record", upstream_endpoint="https://a.test", upstream_key="k", **{setting: value}
        )
