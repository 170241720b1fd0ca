import pytest

from simulator.configuration.settings import SettingError, Settings
from simulator.recordings.recorded_errors import RecordedErrors

FILTERED = b'{"error":{"code":"content_filter","type":null,"innererror":{"code":"Policy"}}}'


@pytest.mark.parametrize(
    ("named", "status", "body", "taken"),
    [
        ((), 200, b"", True),
        ((), 400, FILTERED, False),
        (("400",), 400, b"no JSON", True),
        (("content_filter",), 400, FILTERED, True),
        (("Policy",), 400, FILTERED, True),
        (("too_many_requests",), 429, b'{"error":{"type":"too_many_requests","code":429}}', True),
        (("429",), 503, b'{"error":{"code":429}}', True),
        (("content_filter",), 400, b'{"error":"content_filter"}', False),
        (("content_filter",), 400, b"[" * 100_000, False),
        (("content_filter",), 400, b'["content_filter"]', False),
        (("302",), 302, b"", False),
    ],
)
def test_errors_are_taken_by_status_and_code(named, status, body, taken):
    assert RecordedErrors(frozenset(named)).takes(status, body) is taken


def test_the_setting_is_a_list_of_statuses_and_codes():
    settings = Settings.from_env({"RECORDING_ERRORS": " 429, content_filter,"})
    assert settings.recorded_errors == RecordedErrors(frozenset({"429", "content_filter"}))


@pytest.mark.parametrize("given", ["200", "302", "600", "4xx", "a b", "ja"])
def test_what_is_neither_stops_the_start(given):
    with pytest.raises(SettingError, match="RECORDING_ERRORS"):
        Settings.from_env({"RECORDING_ERRORS": given})
