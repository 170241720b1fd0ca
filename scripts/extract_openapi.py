"""Extracts from Microsoft's OpenAPI documents what the tests hold answers against.

Kept are the operations that the simulator has, and the schemas that they lead to, without
descriptions, examples and extensions. The documents are in Azure/azure-rest-api-specs, under
specification/cognitiveservices/data-plane/AzureOpenAI/inference (a folder for each api-version) and
specification/ai/data-plane/OpenAI.v1:

    python scripts/extract_openapi.py inference.json tests/openapi/data/2024-10-21.json
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

OPERATIONS = (
    "/completions",
    "/embeddings",
    "/audio/transcriptions",
    "/audio/translations",
    "/audio/speech",
    "/images/generations",
    "/images/edits",
    "/models",
    "/models/{model}",
    "/responses",
    "/responses/{response_id}",
    "/responses/{response_id}/input_items",
)
# Members that say nothing of the shape of a value.
SILENT = {"description", "summary", "title", "example", "examples", "externalDocs", "tags"}
# Members whose own members are names that people chose: a property may be called "description".
NAMING = {"properties", "responses", "patternProperties"}


def is_kept(path: str) -> bool:
    ours = path.removeprefix("/deployments/{deployment-id}").replace("/chat/", "/")
    return ours in OPERATIONS


def stripped(node: Any, naming: bool = False) -> Any:
    """The node without what says nothing of shapes; `naming`: its own names are all kept."""
    if isinstance(node, list):
        return [stripped(item) for item in cast("list[Any]", node)]
    if not isinstance(node, dict):
        return node
    members = cast("dict[str, Any]", node)
    return {
        name: stripped(value, naming=not naming and name in NAMING)
        for name, value in members.items()
        if naming or not (name in SILENT or name.startswith("x-"))
    }


def references(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for item in cast("list[Any]", node):
            yield from references(item)
    elif isinstance(node, dict):
        for name, value in cast("dict[str, Any]", node).items():
            if name == "$ref" and isinstance(value, str):
                yield value
            elif name == "discriminator":
                yield from value.get("mapping", {}).values()
            else:
                yield from references(value)


def extracted(document: dict[str, Any]) -> dict[str, Any]:
    paths = {path: stripped(item) for path, item in document["paths"].items() if is_kept(path)}
    kept: dict[str, Any] = {}
    waiting = list(references(paths))
    while waiting:
        name = waiting.pop().removeprefix("#/components/schemas/")
        if name not in kept:
            kept[name] = stripped(document["components"]["schemas"][name])
            waiting += references(kept[name])
    head = {"openapi": document["openapi"], "info": stripped(document["info"], naming=True)}
    return {**head, "paths": paths, "components": {"schemas": dict(sorted(kept.items()))}}


def main(source: str, target: str) -> None:
    document = extracted(json.loads(Path(source).read_text(encoding="utf-8-sig")))
    text = json.dumps(document, indent=1, ensure_ascii=False)
    Path(target).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
