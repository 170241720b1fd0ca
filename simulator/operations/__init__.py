"""The list of operations: one line each."""

from typing import Any

from simulator.operations.base import Operation
from simulator.operations.root import Root

OPERATIONS: tuple[type[Operation[Any]], ...] = (Root,)
