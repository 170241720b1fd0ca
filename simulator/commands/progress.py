"""The bar of a command that takes long."""

import os
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager

_USUAL = (80, 24)


@contextmanager
def bar(unit: str) -> Generator[Callable[[int, int], None]]:
    """Yield a function to be called with what is done and what there is; it draws a bar on a terminal,
    and nothing where nobody watches.
    """
    from tqdm import tqdm  # no other command needs it

    columns, rows = _size()
    # The library's stubs leave its parameter untyped.
    shown = tqdm(  # type: ignore[var-annotated]
        unit=f" {unit}", file=sys.stderr, disable=None, leave=False, ncols=columns, nrows=rows
    )

    def show(done: int, of: int) -> None:
        shown.total = of
        shown.update(done - shown.n)

    try:
        yield show
    finally:
        shown.close()


def _size() -> tuple[int | None, int | None]:
    """Return None for the terminal's own columns and rows. One that does not know them says 0, and gets
    the usual ones, as the library would draw nothing.
    """
    try:
        columns, rows = os.get_terminal_size(sys.stderr.fileno())
    except (OSError, ValueError):
        return None, None
    return None if columns else _USUAL[0], None if rows else _USUAL[1]
