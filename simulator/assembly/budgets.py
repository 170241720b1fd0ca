"""The budgets of work that requests have."""

import time

from simulator.budget import Budget

SCHEMA_SECONDS = 2.0


def schema_budget() -> Budget:
    """The work that one request's schemas may take."""
    return Budget(time.thread_time, SCHEMA_SECONDS)
