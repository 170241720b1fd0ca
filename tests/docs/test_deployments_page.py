"""The page on deployments, against the deployments that there are."""

import json
import re
from pathlib import Path

from simulator.catalogue.deployment_entry import _FIELDS
from simulator.catalogue.deployment_file import parse_deployments
from simulator.catalogue.deployments import default_deployments

PAGE = (Path(__file__).parents[2] / "docs" / "deployments.md").read_text(encoding="utf-8")


def test_every_default_deployment_is_on_the_page() -> None:
    rows = PAGE.partition("## With a file")[0]
    missing = [
        name
        for name in default_deployments()
        if f"`{name}`" not in rows and not re.fullmatch(r"gpt-35-turbo-\w+-token", name)
    ]
    assert missing == []
    sizes = re.findall(r"gpt-35-turbo-(\w+)-token", " ".join(default_deployments()))
    assert [size for size in sizes if f"-{size}-" not in rows] == []


def test_the_example_is_a_deployment_file() -> None:
    found = re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert found
    assert parse_deployments(found[1], "page").keys() == json.loads(found[1]).keys()


def test_every_field_is_on_the_page() -> None:
    assert [field for field in _FIELDS if f"| `{field}` |" not in PAGE] == []
