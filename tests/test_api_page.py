"""The page on the API against the parameters and routes that there are."""

import re
from pathlib import Path

import msgspec
import pytest

from simulator.operations.chat_completions import ChatCompletions
from simulator.operations.chat_parameters import ChatParameters
from simulator.operations.completions import Completions
from simulator.operations.completions_parameters import CompletionParameters
from simulator.operations.embeddings import EmbeddingParameters, Embeddings

PAGE = (Path(__file__).parents[1] / "docs" / "api.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


@pytest.mark.parametrize(
    ("title", "parameters"),
    [
        ("Chat completions", ChatParameters),
        ("Completions", CompletionParameters),
        ("Embeddings", EmbeddingParameters),
    ],
)
def test_the_page_says_what_becomes_of_each_parameter(
    title: str, parameters: type[msgspec.Struct]
) -> None:
    rows = re.findall(r"^\| (`.*?) \| (honoured|checked|refused) \|", section(title), re.MULTILINE)
    told = {name.split(".")[0] for cells, _ in rows for name in re.findall(r"`([\w.]+)`", cells)}
    # On the v1 routes it names the deployment.
    assert told == set(parameters.__struct_fields__) - {"model"}


@pytest.mark.parametrize("operation", [ChatCompletions, Completions, Embeddings])
def test_the_page_has_each_route(operation: type[ChatCompletions]) -> None:
    for route in operation.routes:
        assert f"`{route.method} /{route.template}`" in section("Routes")
