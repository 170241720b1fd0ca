"""The line that is printed each second while a run lasts."""

from collections.abc import Sequence

from loadtest.samples import Sample

HEADING = f"{'second':>8}{'requests/s':>12}{'tokens/s':>10}{'429/s':>8}{'failed/s':>10}"


class Progress:
    """Counts what has come since the line before."""

    def __init__(self) -> None:
        self._seen = 0
        self._at = 0.0

    def line(self, passed: float, samples: Sequence[Sample]) -> str:
        """Return the rates between the line before and now, `passed` seconds after the start."""
        fresh = samples[self._seen :]
        seconds = max(1e-9, passed - self._at)
        self._seen, self._at = len(samples), passed
        tokens = sum(one.prompt_tokens + one.tokens for one in fresh)
        refused = sum(one.refused for one in fresh)
        failed = sum(one.failed for one in fresh)
        return (
            f"{passed:>8.0f}{len(fresh) / seconds:>12.1f}{tokens / seconds:>10.0f}"
            f"{refused / seconds:>8.1f}{failed / seconds:>10.1f}"
        )
