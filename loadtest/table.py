"""The table that a run prints: what came, and each band."""

import math
import statistics
from collections.abc import Iterator, Sequence

from loadtest.bands import Band
from loadtest.samples import Sample
from loadtest.scenarios import Run


def table(run: Run, bands: Sequence[Band]) -> Iterator[str]:
    yield f"{'':24}{'requests':>10}{'median s':>10}{'p95 s':>10}{'most s':>10}"
    for name, samples in (("admitted", run.admitted), ("refused", run.refused)):
        yield f"{name:24}{len(samples):>10}{_times(samples)}"
    yield ""
    yield f"{'':42}{'seen':>10}{'least':>10}{'most':>10}"
    for band in bands:
        ends = f"{_figure(band.least)}{_figure(band.most)}"
        yield f"{band.name:42}{_figure(band.seen)}{ends}  {'ok' if band.kept else 'FAILED'}"


def _times(samples: Sequence[Sample]) -> str:
    if not samples:
        return ""
    times = sorted(sample.elapsed for sample in samples)
    p95 = times[math.ceil(0.95 * len(times)) - 1]
    return f"{statistics.median(times):>10.3f}{p95:>10.3f}{times[-1]:>10.3f}"


def _figure(value: float) -> str:
    if math.isinf(value):
        return f"{'':>10}"
    return f"{value:>10.0f}" if value == round(value) else f"{value:>10.3f}"
