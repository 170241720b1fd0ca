"""Write the table of docs/models.md from the catalogue's data file: python scripts/models_page.py."""

import sys
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from simulator.catalogue.model_table import (  # noqa: E402 - the path above
    CATALOGUE,
    MODELS,
    OTHER_MODELS,
    OTHERS,
    Model,
)

PAGE = ROOT / "docs" / "models.md"
START, END = "<!-- Written by scripts/models_page.py -->\n", "<!-- End of the table -->\n"
OTHERS_START, OTHERS_END = START.replace("Written", "Also written"), END.replace("the", "this")

_OTHERS_HEAD = "Model | Maker | Version | Operations | Tokenizer | Context | Output | Requests"
_HEAD = "Model | Version | Operations | Encoding | Context | Output | Requests | Per PTU | Retires"


def page(text: str) -> str:
    """Return the page with its tables replaced by those of the catalogue."""
    text = _replaced(text, START, END, _table(CATALOGUE.date, CATALOGUE.sources, _HEAD, _rows()))
    others = _table(OTHERS.date, OTHERS.sources, _OTHERS_HEAD, _others_rows())
    return _replaced(text, OTHERS_START, OTHERS_END, others)


def _replaced(text: str, start: str, end: str, table: str) -> str:
    before, _, rest = text.partition(start)
    _, _, after = rest.partition(end)
    return f"{before}{start}{table}{end}{after}"


def _table(day: date, sources: Iterable[str], head: str, rows: Iterable[str]) -> str:
    """Return the sources and one row for each version of each model."""
    listed = "\n".join(f"* {source}" for source in sources)
    rule = "| --- " * (head.count("|") + 1) + "|"
    return f"Facts of {day}, from:\n\n{listed}\n\n| {head} |\n{rule}\n" + "".join(
        f"{row}\n" for row in rows
    )


def _rows() -> Iterator[str]:
    for model, row in zip(MODELS, CATALOGUE.models, strict=True):
        cells = [*_cells(model), str(model.retires or "")]
        if row.assumed:
            cells[1] += " [J]"
        yield f"| {' | '.join(cells)} |"


def _others_rows() -> Iterator[str]:
    for model, row in zip(OTHER_MODELS, OTHERS.models, strict=True):
        name, version, operations, encoding, context, output, requests, _ = _cells(model)
        if row.assumed:
            version += " [J]"
        cells = (name, model.maker, version, operations, encoding, context, output, requests)
        yield f"| {' | '.join(cells)} |"


def _cells(model: Model) -> list[str]:
    context, output = model.context_window or "none", model.max_output or "none"
    requests = f"{model.requests_per_1000_tpm:.3g}"
    if model.fixed_rpm is not None:
        requests = f"{model.fixed_rpm} in all"
    provisioned = "none"
    if model.input_tpm_per_ptu:
        provisioned = f"{model.input_tpm_per_ptu} / {model.output_ratio}"
    return [
        model.name,
        model.version,
        ", ".join(sorted(model.capabilities)),
        model.encoding,
        str(context),
        str(output),
        requests,
        provisioned,
    ]


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
