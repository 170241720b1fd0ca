import logging
from collections.abc import Iterator

import pytest

from simulator.logs import set_levels


@pytest.fixture(autouse=True)
def levels() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in (None, "azure", "uvicorn.access")]
    before = [(logger.level, list(logger.filters)) for logger in loggers]
    yield
    for logger, (level, filters) in zip(loggers, before, strict=True):
        logger.setLevel(level)
        logger.filters = filters


def test_the_app_logs_at_the_level_that_is_set() -> None:
    set_levels("ERROR")
    assert logging.getLogger("simulator.app").getEffectiveLevel() == logging.ERROR


def test_the_azure_libraries_log_warnings_only() -> None:
    set_levels("DEBUG")
    assert logging.getLogger("azure.core.pipeline").getEffectiveLevel() == logging.WARNING


def test_no_line_is_logged_for_a_request(caplog: pytest.LogCaptureFixture) -> None:
    set_levels("DEBUG")
    logging.getLogger("uvicorn.access").warning("GET / 200")
    assert not caplog.records
