"""The pages on the API against the parameters and routes that there are."""

import re
from pathlib import Path

import msgspec
import pytest

from simulator.assembly.operations import OPERATIONS
from simulator.operations.audio.parameters import AudioParameters
from simulator.operations.audio.speech import SpeechParameters
from simulator.operations.chat.parameters import ChatParameters
from simulator.operations.completions.parameters import CompletionParameters
from simulator.operations.embeddings.embeddings import EmbeddingParameters
from simulator.operations.images.parameters import (
    DalleParameters,
    EditParameters,
    GptImageParameters,
)
from simulator.operations.responses.parameters import ResponseParameters

DOCS = Path(__file__).parents[2] / "docs"
STATUSES = {"honoured", "checked", "refused"}
Parameters = tuple[type[msgspec.Struct], ...]


def section(page: str, title: str) -> str:
    text = (DOCS / page).read_text(encoding="utf-8")
    return text.split(f"\n## {title}\n")[1].split("\n## ")[0]


def rows(text: str) -> list[list[str]]:
    """The cells of the tables' rows, without their heads."""
    lines = re.findall(r"^\|( .*)\|$", text, re.MULTILINE)
    cells = [[cell.strip() for cell in line.split("|")] for line in lines]
    return [row for row in cells if row[0].lower() != "parameter"]


def told(cells: list[list[str]]) -> set[str]:
    """The parameters that the first cells name, those of objects by the object's name."""
    names = [name for first, *_ in cells for name in re.findall(r"`([\w.]+)", first)]
    return {name.split(".")[0] for name in names if not name.startswith(".")}


def parameters_of(parameters: Parameters) -> set[str]:
    # On the v1 routes `model` names the deployment.
    return {name for each in parameters for name in each.__struct_fields__} - {"model"}


@pytest.mark.parametrize(
    ("page", "title", "parameters"),
    [
        ("api.md", "Chat completions", (ChatParameters,)),
        ("api.md", "Completions", (CompletionParameters,)),
        ("api.md", "Embeddings", (EmbeddingParameters,)),
        ("responses.md", "Parameters", (ResponseParameters,)),
    ],
)
def test_the_page_says_what_becomes_of_each_parameter(
    page: str, title: str, parameters: Parameters
) -> None:
    cells = rows(section(page, title))
    assert told(cells) == parameters_of(parameters)
    assert {status for _, status, *_ in cells} <= STATUSES


@pytest.mark.parametrize(
    ("title", "parameters", "files"),
    [
        ("Images: `images/generations`", (DalleParameters, GptImageParameters), set()),
        ("Images: `images/edits`", (EditParameters,), {"image", "mask"}),
        ("Audio: `audio/transcriptions`, `audio/translations`", (AudioParameters,), {"file"}),
        ("Audio: `audio/speech`", (SpeechParameters,), set()),
    ],
)
def test_the_page_says_what_each_model_makes_of_each_parameter(
    title: str, parameters: Parameters, files: set[str]
) -> None:
    assert told(rows(section("api-media.md", title))) == parameters_of(parameters) | files


def test_the_page_has_each_route_and_no_other() -> None:
    page = set(re.findall(r"`([A-Z]+ /[^`]*)`", section("api.md", "Routes")))
    aliases = {route.replace("/++/", "/simulator/") for route in page if " /++/" in route}
    routes = {f"{route.method} /{route.template}" for each in OPERATIONS for route in each.routes}
    assert page | aliases == routes
