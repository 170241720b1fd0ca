"""Write the table of docs/models.md from the catalogue's data file: python scripts/models_page.py."""

import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from simulator.catalogue.model_table import CATALOGUE, MODELS, Model  # noqa: E402 - the path above

PAGE = ROOT / "docs" / "models.md"
START, END = "<!-- Written by scripts/models_page.py -->\n", "<!-- End of the table -->\n"

_HEAD = "Model | Version | Operations | Encoding | Context | Output | Requests | Per PTU | Retires"


def page(text: str) -> str:
    """Return the page with its table replaced by that of the catalogue."""
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}{table()}{END}{after}"


def table() -> str:
    """Return the sources and one row for each version of each model."""
    sources = "\n".join(f"* {source}" for source in CATALOGUE.sources)
    rule = "| --- " * (_HEAD.count("|") + 1) + "|"
    rows = "\n".join(_rows())
    return f"Facts of {CATALOGUE.date}, from:\n\n{sources}\n\n| {_HEAD} |\n{rule}\n{rows}\n"


def _rows() -> Iterator[str]:
    for model, row in zip(MODELS, CATALOGUE.models, strict=True):
        cells = [*_cells(model), str(model.retires or "")]
        if row.assumed:
            cells[1] += " [J]"
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
