"""The documents of README and docs, read as the simulator reads them."""

import json
from collections.abc import Callable, Mapping

import pytest

from simulator.authentication.key_ring import read_keys
from simulator.catalogue.deployment_file import parse_deployments
from simulator.catalogue.latency_table import read_profile
from simulator.catalogue.prices import read_prices
from simulator.fleet.document import read_fleet
from simulator.rules.document import read_document
from tests.docs.pages import PAGES, blocks

READERS: Mapping[str, Callable[[bytes], object]] = {
    "rules": read_document,
    "keys": read_keys,
    "resources": read_fleet,
    "date": lambda document: read_prices(document, "the page"),
    "models": lambda document: read_profile(document, "the page"),
}
"""Readers by a member that only their documents have; any other document has deployments."""
ANSWERS = ("limits", "error", "recorded_at", "operation")
"""Members of what the simulator says and stores itself."""
PART = '"quotas": '
"""How the part of a fleet file begins that is shown alone."""
DOCUMENTS = [
    pytest.param(block.text, id=f"{page.name}-{number}")
    for page in PAGES
    for number, block in enumerate(blocks(page))
    if block.language == "json" and not block.text.startswith(PART)
]


def reader(document: Mapping[str, object]) -> Callable[[bytes], object] | None:
    """What reads a document; None for what the simulator says itself."""
    rules = document.get("rules")
    if isinstance(rules, list) and "source" in rules[0]:
        return None
    if any(member in document for member in ANSWERS):
        return None
    found = next((read for member, read in READERS.items() if member in document), None)
    return found or (lambda text: parse_deployments(text, "the page"))


@pytest.mark.parametrize("text", DOCUMENTS)
def test_a_document_is_taken(text: str) -> None:
    read = reader(json.loads(text))
    assert read is None or read(text.encode())


def test_documents_of_each_kind_are_shown() -> None:
    found = {
        member
        for text in DOCUMENTS
        for member in json.loads(str(text.values[0]))
        if member in READERS
    }
    assert found == set(READERS)
