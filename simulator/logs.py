"""How much is logged, and by whom."""

import logging


def set_levels(level: str) -> None:
    """Sets the app's level, and quietens those who log something for each request.

    The worker logs at INFO as `azure.functions`, azure-core about 900 bytes for each storage request.
    uvicorn configures its own loggers again when it starts, but leaves filters on them alone.
    """
    logging.getLogger().setLevel(level)
    logging.getLogger("azure").setLevel(logging.WARNING)
    logging.getLogger("uvicorn.access").addFilter(_nothing)


def _nothing(record: logging.LogRecord) -> bool:
    del record
    return False
