"""Outages of stores: what failed is left alone for a while, and logged once."""

import logging
from collections.abc import Callable, Generator
from contextlib import contextmanager

PAUSE = 1.0
"""Seconds for which a store that did not answer is left alone."""


class OutageLog:
    """Logs an outage when it begins and when it ends, however many requests meet it."""

    def __init__(self, logger: logging.Logger, store: str) -> None:
        self._logger = logger
        self._store = store
        self._lasts = False

    @property
    def lasts(self) -> bool:
        return self._lasts

    def begins(self, message: str, *arguments: object) -> None:
        if not self._lasts:
            self._lasts = True
            self._logger.warning(message, *arguments)

    def ends(self) -> None:
        if self._lasts:
            self._lasts = False
            self._logger.warning("%s is reachable again", self._store)


class CircuitBreaker:
    """Is open for a second after a store did not answer; then a single attempt tries the store, until
    it answers.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failed = False
        self._probing = False
        self._closed_from = 0.0

    @property
    def open(self) -> bool:
        """True: the store is to be left alone."""
        return self._failed and (self._probing or self._clock() < self._closed_from)

    @property
    def failed(self) -> bool:
        """True: the store has not answered since it did not."""
        return self._failed

    @contextmanager
    def attempt(self, unanswered: type[Exception], *answered: type[Exception]) -> Generator[None]:
        """The context of one operation of the store; `unanswered` and `answered` are the errors by
        which it fails. An answer that comes late to an attempt from before the outage is no sign.
        """
        probing = self._failed
        self._probing = self._probing or probing
        try:
            yield
        except unanswered:
            self._failed, self._closed_from = True, self._clock() + PAUSE
            raise
        except answered:
            self._failed = self._failed and not probing
            raise
        else:
            self._failed = self._failed and not probing
        finally:
            if probing:
                self._probing = False
