"""The docstrings of the simulator: how they begin, and the words that they avoid."""

import ast
import itertools
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.docs.pages import ROOT

MODULES = sorted([ROOT / "function_app.py", *(ROOT / "simulator").rglob("*.py")])

# Clauses without a subject: a reader has to guess what is meant.
RIDDLES = re.compile(
    r"(what|of|as|those|the same|whether|where|none|how|which|with which|so many)\b", re.IGNORECASE
)
# Comments may begin with a condition.
CLAUSES = re.compile(r"where\b", re.IGNORECASE)
RETIRED = re.compile(r"\b(made-up|so many|minds|told|tells|away)\b", re.IGNORECASE)


class Docstring(NamedTuple):
    """A docstring and its place."""

    place: str
    text: str


def docstrings(module: Path) -> Iterator[Docstring]:
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node)
            if text:
                line = node.body[0].lineno
                yield Docstring(f"{module.relative_to(ROOT)}:{line}", text)
        yield from attribute_docstrings(module, getattr(node, "body", None))


def attribute_docstrings(module: Path, body: object) -> Iterator[Docstring]:
    """The texts that follow assignments."""
    for assigned, after in itertools.pairwise(body) if isinstance(body, list) else ():
        if not isinstance(assigned, ast.Assign | ast.AnnAssign) or not isinstance(after, ast.Expr):
            continue
        if isinstance(after.value, ast.Constant) and isinstance(after.value.value, str):
            yield Docstring(f"{module.relative_to(ROOT)}:{after.lineno}", after.value.value)


def comments(module: Path) -> Iterator[Docstring]:
    """The first line of each comment that has lines of its own."""
    before = None
    with module.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type == tokenize.COMMENT and token.line.lstrip().startswith("#"):
                line = token.start[0]
                if before is None or line != before + 1:
                    yield Docstring(f"{module.relative_to(ROOT)}:{line}", token.string[1:].strip())
                before = line


ALL = [docstring for module in MODULES for docstring in docstrings(module)]


def test_docstrings_begin_with_their_subject_or_a_verb():
    assert [found for found in ALL if RIDDLES.match(found.text)] == []


def test_comments_begin_with_their_subject():
    found = [comment for module in MODULES for comment in comments(module)]
    assert [one for one in found if RIDDLES.match(one.text) and not CLAUSES.match(one.text)] == []


def test_docstrings_avoid_the_retired_words():
    assert [found for found in ALL if RETIRED.search(found.text)] == []


def test_every_module_says_what_it_owns():
    modules = [module for module in MODULES if module.read_text(encoding="utf-8").strip()]
    assert [str(module) for module in modules if not next(docstrings(module), None)] == []


@pytest.mark.parametrize(
    "text",
    [
        "What it is.",
        "Of each piece: all.",
        "The same, slower.",
        "None where unset.",
        "Which it is.",
    ],
)
def test_riddles_are_recognized(text: str):
    assert RIDDLES.match(text)


@pytest.mark.parametrize("text", ["Whatever fails is reported.", "Ask nothing."])
def test_other_words_are_no_riddles(text: str):
    assert not RIDDLES.match(text)
