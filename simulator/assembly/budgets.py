"""The budgets of work that requests have."""

import time

from simulator.budget import Budget

SCHEMA_SECONDS = 2.0
MATCHING_SECONDS = 0.2


def schema_budget() -> Budget:
    """The work that one request's schemas may take."""
    return Budget(time.thread_time, SCHEMA_SECONDS)


def matching_budget() -> Budget:
    """For all regular expressions of rules that one request is compared with."""
    return Budget(time.thread_time, MATCHING_SECONDS)
