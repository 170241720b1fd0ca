"""Cassettes that are small as files and large as what they stand for."""

import base64
import gzip
import os
import resource
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from simulator.__main__ import main
from simulator.recordings.cassette_bounds import (
    MOST_BYTES,
    MOST_EVENTS,
    MOST_LEVELS,
    MOST_MERGES,
    MOST_NODES,
    MOST_VALUES,
    RefusedError,
    check_events,
    read,
)

URI = "https://mine.openai.azure.com/openai/deployments/gpt-4o/chat/completions"
MEGABYTE = 2**20
CONTROL = r"\x01"
MEMORY = 2 * 2**30

Run = Callable[..., tuple[int, list[str]]]


def cassette(*responses: str, head: str = "") -> str:
    """The text of a cassette with these responses, each to a request of its own."""
    interactions = [
        f"- request: {{method: POST, uri: '{URI}?n={number}', body: '{{}}'}}\n"
        f"  response: {{status: {{code: 200}}, {response}}}\n"
        for number, response in enumerate(responses)
    ]
    return f"{head}interactions:\n{''.join(interactions)}"


def encoded(data: bytes, *encodings: str, content_type: str = "application/json") -> str:
    headers = f"{{content-encoding: [{', '.join(encodings)}], content-type: [{content_type}]}}"
    return f"headers: {headers}, body: {{base64_string: '{base64.b64encode(data).decode()}'}}"


def gzipped(body: bytes, content_type: str = "application/json") -> str:
    return encoded(gzip.compress(body), "gzip", content_type=content_type)


def flow_laughs(levels: int) -> str:
    """Lists of ten aliases of the list before: ten to the power of the levels, if expanded."""
    lists = [f"l{n}: &l{n} [{','.join([f'*l{n - 1}'] * 10)}]" for n in range(1, levels)]
    return ", ".join([f"l0: &l0 [{','.join(['lol'] * 10)}]", *lists])


def laughs(levels: int) -> str:
    return f"laughs: {{{flow_laughs(levels)}}}\n"


def chain(levels: int, inner: str) -> str:
    """Lists or mappings that are nested by their aliases alone."""
    links = "".join(f"l{n}: &l{n} {inner.format(n - 1)}\n" for n in range(1, levels))
    return f"l0: &l0 {{a: 1}}\n{links}"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RECORDING_DIR", str(tmp_path / "recordings"))
    return tmp_path / "recordings"


@pytest.fixture
def run(tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Imports files of these texts; returns the exit code and the lines of the summary."""

    def run(**texts: str) -> tuple[int, list[str]]:
        files = [tmp_path / f"{name}.yaml" for name in texts]
        for file, text in zip(files, texts.values(), strict=True):
            file.write_text(text)
        code = main(["import", *map(str, files)])
        return code, capsys.readouterr().out.splitlines()[:-1]

    return run


NODES = f"it has more than {MOST_NODES:,} nodes, its aliases expanded"
TEXT = "its aliases stand for more than 100 MB of text"
BODIES = "its bodies take more than 100 MB, decompressed"
LEVELS = f"it is nested more than {MOST_LEVELS} levels deep"
WITHIN = "an alias stands for the node that it is in"

# Texts of cassettes, as functions: together they take more memory than tests should.
BEYOND: dict[str, tuple[Callable[[], str], str]] = {
    "aliases": (lambda: cassette(head=laughs(9)), NODES),
    "aliases in an answer": (lambda: cassette(f"parsed_body: {{{flow_laughs(9)}}}"), NODES),
    "nodes": (lambda: cassette(head=f"a: [{'a,' * MOST_NODES}]\n"), NODES),
    "documents": (lambda: f"--- [{'a,' * 1_000}]\n" * 1_000, NODES),
    "text": (
        lambda: cassette(f"parsed_body: [{'*a,' * 101}]", head=f"a: &a {'x' * MEGABYTE}\n"),
        TEXT,
    ),
    "text that is longer as JSON": (
        lambda: cassette(f"parsed_body: [{'*a,' * 20}]", head=f'a: &a "{CONTROL * MEGABYTE}"\n'),
        BODIES,
    ),
    "nested lists": (lambda: cassette(head=f"a: {'[' * 100_000}"), LEVELS),
    "nested blocks": (lambda: "- " * 50_000, LEVELS),
    "lists nested by aliases": (lambda: cassette(head=chain(1_000, "[*l{}]")), LEVELS),
    "merges nested by aliases": (lambda: cassette(head=chain(1_000, "{{<<: *l{}}}")), LEVELS),
    "an alias of itself": (lambda: "a: &a [*a]", WITHIN),
    "a merge of itself": (lambda: cassette(head="a: &a {<<: *a}\n"), WITHIN),
    "merges": (
        lambda: cassette(head=f"a: &a {{}}\nb: {{{'<<: *a,' * (MOST_MERGES + 1)}}}\n"),
        f"it has more than {MOST_MERGES:,} merge keys",
    ),
    "directives": (
        lambda: "".join(f"%TAG !a{n}! x\n" for n in range(101)) + "--- a\n",
        "it has more than 100 %TAG directives",
    ),
    "gzip": (lambda: cassette(gzipped(b" " * (MOST_BYTES + 1))), BODIES),
    "deflate": (
        lambda: cassette(encoded(zlib.compress(b" " * (MOST_BYTES + 1)), "deflate")),
        BODIES,
    ),
    "gzip in gzip": (
        lambda: cassette(
            encoded(gzip.compress(gzip.compress(b" " * (MOST_BYTES + 1))), "gzip", "gzip")
        ),
        BODIES,
    ),
    "bodies": (lambda: cassette(*[gzipped(b" " * 26 * MEGABYTE)] * 4), BODIES),
    "damaged bodies": (
        lambda: cassette(*[encoded(gzip.compress(b" " * 26 * MEGABYTE)[:-1], "gzip")] * 4),
        BODIES,
    ),
    "control characters": (lambda: cassette(gzipped(bytes(20 * MEGABYTE))), BODIES),
    "members": (
        lambda: cassette(encoded(gzip.compress(b"") * 1_001, "gzip")),
        "a body has more than 1,000 members of gzip",
    ),
    "values": (
        lambda: cassette(gzipped(b"[" + b"[]," * (MOST_VALUES // 2 + 1) + b"1]")),
        f"a body has more than {MOST_VALUES:,} JSON values",
    ),
    "events": (
        lambda: cassette(gzipped(b"\n\n" * (MOST_EVENTS + 1), "text/event-stream")),
        f"its streams have more than {MOST_EVENTS:,} events",
    ),
    "digits": (
        lambda: cassette(head=f"a: {'9' * 5_000}\n"),
        "a value of type int has more than 20 characters",
    ),
    "digits to the base of 60": (
        lambda: cassette(head=f"a: 1{':0' * 5_000}.5\n"),
        "a value of type float has more than 64 characters",
    ),
}


@pytest.mark.parametrize("kind", BEYOND)
def test_a_file_beyond_a_bound_is_refused_and_the_others_are_imported(
    run: Run, folder: Path, kind: str
) -> None:
    text, reason = BEYOND[kind]
    # The first answer of the refused file is to the same request as that of the other file.
    code, lines = run(large=text(), other=cassette("body: 'good'"))
    assert (code, lines) == (
        0,
        ["imported 1, skipped 1", f"       1  large.yaml: refused: {reason}"],
    )
    (stored,) = folder.rglob("*.json")
    assert '"good"' in stored.read_text()


def test_an_import_of_refused_files_alone_fails(run: Run, folder: Path) -> None:
    assert run(one=cassette(head=laughs(9)), two=cassette(head=laughs(9)))[0] == 1
    assert not list(folder.rglob("*.json"))


def test_a_file_that_is_too_large_is_refused(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "large.yaml"
    with file.open("wb") as sparse:
        sparse.truncate(50 * 2**30)
    assert main(["import", str(file)]) == 1
    assert "large.yaml: refused: it is larger than 100 MB, split it" in capsys.readouterr().out


def test_what_is_just_within_the_bounds_is_imported(run: Run) -> None:
    head = laughs(5) + "d: " + "[" * (MOST_LEVELS - 1) + "]" * (MOST_LEVELS - 1) + "\n"
    merges = f"m: &m {{a: 1}}\nn: {{{'<<: *m,' * MOST_MERGES}}}\n"
    numbers = "x: [18446744073709551615, -9223372036854775808, -1.2345678901234567e-308, 1:30]\n"
    responses = [
        gzipped(b" " * 90 * MEGABYTE),
        gzipped(b"data: 1\n\n" * 10_000, "text/event-stream"),
        gzipped(b"[" + b"[]," * 100_000 + b"1]"),
    ]
    code, lines = run(near=cassette(*responses, head=head + merges + numbers))
    assert (code, lines) == (0, ["imported 3, skipped 0"])


def test_headers_that_an_alias_shares_are_counted_as_what_they_are() -> None:
    text = "a: &a {b: [c, d]}\ne: [*a, *a]\n"
    check_events(yaml.parse(text, Loader=yaml.CSafeLoader))
    within = f"a: &a [{'x,' * 998}]\nb: [{'*a,' * 999}]\n"
    check_events(yaml.parse(within, Loader=yaml.CSafeLoader))
    beyond = f"a: &a [{'x,' * 1_000}]\nb: [{'*a,' * 1_000}]\n"
    with pytest.raises(RefusedError, match="nodes"):
        check_events(yaml.parse(beyond, Loader=yaml.CSafeLoader))


@pytest.mark.parametrize("kind", ["aliases", "gzip"])
def test_a_refused_file_takes_little_memory(tmp_path: Path, folder: Path, kind: str) -> None:
    file = tmp_path / "large.yaml"
    file.write_text(BEYOND[kind][0]())
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "simulator", "import", str(file)],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert f"large.yaml: refused: {BEYOND[kind][1]}" in done.stdout


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "endless.yaml"
    os.mkfifo(pipe)
    with pytest.raises(RefusedError, match="it is no file"):
        read(pipe)
