"""The bar of a command that takes long."""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager


@contextmanager
def bar(unit: str) -> Generator[Callable[[int, int], None]]:
    """Yield a function to be called with what is done and what there is; it draws a bar on a terminal,
    and nothing where nobody watches.
    """
    from tqdm import tqdm  # no other command needs it

    # The library's stubs leave its parameter untyped.
    shown = tqdm(unit=f" {unit}", file=sys.stderr, disable=None, leave=False)  # type: ignore[var-annotated]

    def show(done: int, of: int) -> None:
        shown.total = of
        shown.update(done - shown.n)

    try:
        yield show
    finally:
        shown.close()
