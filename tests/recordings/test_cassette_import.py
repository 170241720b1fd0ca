import base64
import gzip
import hashlib
import json
import os
import time
import zlib

import pytest

from simulator.modes.playback import Playback
from simulator.modes.replay import Replay
from simulator.recordings.cassette_import import cassette_files, import_cassettes
from simulator.recordings.fingerprint import Matching
from simulator.recordings.library import Library
from simulator.recordings.promote import promote
from simulator.recordings.recorded_errors import RecordedErrors
from simulator.recordings.store import RecordingStore
from simulator.storage.memory import MemoryContainer
from tests.modes.calls import asking, body_of
from tests.support.fake_upstream import CHAT, STREAM

PATH = "/openai/deployments/gpt-4o/chat/completions"
URI = f"https://acme.openai.azure.com{PATH}?api-version=2024-02-01"
ASKED = '{"messages": [{"role": "user", "content": "Hello"}]}'


def interaction(request=None, response=None, **others):
    asked = {"method": "POST", "uri": URI, "headers": {"Content-Type": ["application/json"]}}
    answered = {"status": {"code": 200}, "headers": {"Content-Type": ["application/json"]}}
    return {
        "request": {**asked, "body": ASKED, **(request or {})},
        "response": {**answered, "body": {"string": CHAT.decode()}, **(response or {})},
        **others,
    }


@pytest.fixture
def container():
    return MemoryContainer()


@pytest.fixture
def bring(container, tmp_path):
    """Imports interactions, or the text of a cassette; says what became of them."""

    async def run(*found, text=None):
        file = tmp_path / "cassette.yaml"
        file.write_text(text or json.dumps({"interactions": found, "version": 1}))
        store = RecordingStore(container, time.monotonic)
        return await import_cassettes([file], store, Matching(), lambda *_: None)

    return run


async def replayed(container, call):
    library = Library(RecordingStore(container, time.monotonic), Matching())
    replay = Replay(
        library,
        Playback(),
        promote=lambda: promote(container, time.monotonic),
        clock=time.monotonic,
    )
    return await replay.answer(call)


async def documents(container):
    return [json.loads((await container.get(name)).data) async for name in container.names()]


CALL = asking(PATH, ASKED.encode())


async def test_an_imported_answer_is_replayed_as_the_client_read_it(bring, container):
    summary = await bring(interaction(response={"duration_ms": 250}))
    assert summary.lines() == ["imported 1, skipped 0"]
    answer = await replayed(container, CALL)
    assert await body_of(answer) == CHAT
    assert isinstance(answer.chunks, tuple)
    assert answer.chunks[0].due == 0.25


@pytest.mark.parametrize(
    "response",
    [
        {"headers": {"content-encoding": ["gzip"]}, "body": {"base64_string": "GZIP"}},
        {"headers": {"Content-Encoding": "deflate"}, "body": {"base64_string": "DEFLATE"}},
        {"headers": {"content-encoding": ["gzip"]}},
        {"headers": {"content-encoding": ["br"]}},
        {"body": None, "content": CHAT.decode(), "status": None, "status_code": 200},
        {"body": CHAT.decode(), "status": 200},
    ],
)
async def test_a_body_is_read_in_all_its_shapes(bring, container, response):
    packed = {
        "GZIP": base64.b64encode(gzip.compress(CHAT)).decode(),
        "DEFLATE": base64.b64encode(zlib.compress(CHAT)).decode(),
    }
    text = json.dumps(response)
    for name, data in packed.items():
        text = text.replace(name, data)
    await bring(interaction(response=json.loads(text)))
    answer = await replayed(container, CALL)
    assert await body_of(answer) == CHAT
    assert "content-encoding" not in answer.headers


async def test_a_parsed_body_is_written_as_json(bring, container):
    await bring(
        interaction(
            {"body": None, "parsed_body": {"messages": [{"role": "user", "content": "Hello"}]}},
            {"body": None, "parsed_body": {"choices": []}},
        )
    )
    assert await body_of(await replayed(container, CALL)) == b'{"choices":[]}'


async def test_a_parsed_body_inside_a_body_is_read_too(bring, container):
    await bring(interaction(response={"body": {"parsed_body": {"a": 1}}}))
    assert await body_of(await replayed(container, CALL)) == b'{"a":1}'


async def test_a_stream_is_replayed_as_a_stream(bring, container):
    headers = {"content-type": ["text/event-stream; charset=utf-8"]}
    await bring(interaction(response={"headers": headers, "body": {"string": STREAM.decode()}}))
    answer = await replayed(container, CALL)
    assert answer.streamed
    assert await body_of(answer) == STREAM
    (document,) = await documents(container)
    assert len(document["response"]["body"]["sse"]) == 4


async def test_traffic_of_openai_is_served_under_the_v1_routes(bring, container):
    await bring(interaction({"uri": "https://api.openai.com/v1/chat/completions"}))
    answer = await replayed(container, asking("/openai/v1/chat/completions", ASKED.encode()))
    assert await body_of(answer) == CHAT


async def test_double_slashes_and_escapes_in_a_path_are_those_of_a_request(bring, container):
    await bring(interaction({"uri": "http://localhost:8000//openai/deployments/a%20b/embeddings"}))
    answer = await replayed(container, asking("/openai/deployments/a b/embeddings", ASKED.encode()))
    assert await body_of(answer) == CHAT


async def test_a_predecessors_entry_without_its_body_is_found_by_md5(bring, container):
    body = b'{"messages": "' + b"x" * 2_000 + b'"}'
    md5 = hashlib.md5(body, usedforsecurity=False).hexdigest()
    await bring(interaction({"body": None, "body_hash": md5}, context_values={}))
    assert [name async for name in container.names("legacy/")]
    assert await body_of(await replayed(container, asking(PATH, body))) == CHAT


async def test_a_predecessors_entry_of_any_route_is_imported(bring, container):
    uri = "http://localhost:8000/formrecognizer/documentModels/a:analyze"
    await bring(interaction({"uri": uri}, context_values={"a": 1}))
    answer = await replayed(
        container, asking("/formrecognizer/documentModels/a:analyze", ASKED.encode())
    )
    assert await body_of(answer) == CHAT


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (interaction(response={"status": {"code": 429}}), "status 429: errors are not recorded"),
        (
            interaction({"uri": "https://login.microsoftonline.com/token"}),
            "no traffic of Azure OpenAI or OpenAI: login.microsoftonline.com",
        ),
        (interaction({"method": None}), "an interaction without method, uri or status"),
        (interaction(response={"status": "ok"}), "an interaction without method, uri or status"),
        ("text", "an interaction with another value where a mapping belongs"),
        (interaction(response={"body": {"base64_string": "abc"}}), "Incorrect padding"),
        (
            interaction(response={"headers": {"content-encoding": "br"}, "body": {"base64_string": "/w=="}}),
            "a body in the encoding br",
        ),
    ],
)  # fmt: skip
async def test_what_is_skipped_is_counted_by_its_reason(bring, container, one, reason):
    summary = await bring(one, one, interaction())
    assert summary.imported == 1
    assert dict(summary.skipped) == {reason: 2}


async def test_a_second_answer_to_the_same_request_is_skipped(bring, container):
    other = interaction({"body": ASKED.replace(" ", "")}, {"body": {"string": "second"}})
    summary = await bring(interaction(), other)
    assert (summary.imported, dict(summary.skipped)) == (
        1,
        {"another answer to the same request": 1},
    )
    assert await body_of(await replayed(container, CALL)) == CHAT


async def test_importing_again_changes_nothing(bring, container):
    await bring(interaction())
    before = await documents(container)
    summary = await bring(interaction())
    assert summary.lines() == ["imported 0, skipped 1", "       1  recorded already"]
    assert await documents(container) == before


async def test_the_date_of_the_answer_is_when_it_was_recorded(bring, container):
    headers = {"date": ["Thu, 25 Apr 2024 09:22:53 GMT"], "set-cookie": ["a=b"]}
    await bring(interaction(response={"headers": headers}))
    (stored,) = await documents(container)
    assert stored["recorded_at"] == "2024-04-25T09:22:53.000Z"
    assert "set-cookie" not in stored["response"]["headers"]


async def test_no_key_of_a_cassette_is_stored(bring, container):
    headers = {"api-key": ["secret-1"], "authorization": ["Bearer secret-2"]}
    await bring(interaction({"headers": headers, "uri": f"{URI}&api-key=secret-3"}))
    assert "secret" not in json.dumps(await documents(container))


CASSETTE = """
interactions:
- request:
    body: '{body}'
    headers:
      ? !!python/object/{how}:multidict._multidict.istr
      - Content-Type
      : - application/json
    method: POST
    uri: {uri}
  response:
    body: {{string: !!binary {answer}}}
    headers: {{Content-Type: [application/json]}}
    status: {{code: 200, message: OK}}
version: 1
"""


@pytest.mark.parametrize("how", ["apply", "new"])
async def test_the_python_tag_around_header_names_is_read_as_a_string(bring, container, how):
    answer = base64.b64encode(CHAT).decode()
    await bring(text=CASSETTE.format(how=how, body=ASKED, uri=URI, answer=answer))
    assert await body_of(await replayed(container, CALL)) == CHAT
    (stored,) = await documents(container)
    assert stored["request"]["headers"] == {"content-type": "application/json"}


@pytest.mark.parametrize(
    "tag",
    [
        "!!python/object/apply:os.mkdir [{path}]",
        "!!python/object/new:os.mkdir [{path}]",
        "!!python/object/apply:multidict._multidict.istr [[a, {path}]]",
        "!!python/object/apply:multidict._multidict.istr {{args: [{path}]}}",
        "!!python/name:os.system ''",
        "!!python/module:os ''",
        "!unknown x",
    ],
)
async def test_no_tag_of_a_cassette_is_executed(bring, container, tmp_path, tag):
    target = tmp_path / "executed"
    summary = await bring(text=f"interactions: []\nx: {tag.format(path=target)}\n")
    assert not target.exists()
    assert summary.imported == 0
    assert "cassette.yaml: not a cassette" in summary.lines()[1]


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("{", "did not find expected node content"),
        ("\x00", "unacceptable character #x0000"),
        ("x: *a", "found undefined alias"),
        ("[]", "it has no list of interactions"),
        ("Notes of a meeting", "it has no list of interactions"),
        ("interactions: 1", "it has no list of interactions"),
        ("x: !!int ''", "'' is not of the type int"),
        ("x: !!int [1]", "expected a scalar node, but found sequence"),
        ("x: !!bool maybe", "'maybe' is not of the type bool"),
        ("x: !!timestamp soon", "'soon' is not of the type timestamp"),
        ("x: 2024-13-45", "'2024-13-45' is not of the type timestamp"),
        ("x: !!float a", "'a' is not of the type float"),
    ],
)
async def test_a_file_that_is_no_cassette_is_skipped_by_its_name(bring, text, detail):
    summary = await bring(text=text)
    assert summary.lines()[1].startswith(f"       1  cassette.yaml: not a cassette: {detail}")


@pytest.mark.parametrize(
    "one", [{"uri": f"https://{'h' * 1_000}\x1b[31m/v1"}, {"uri": "https://a\u2028b/v1"}]
)
async def test_a_reason_is_one_short_line_whatever_a_cassette_holds(bring, one):
    (line,) = (await bring(interaction(one))).lines()[1:]
    assert line.isprintable()
    assert len(line) < 220


@pytest.mark.parametrize("given", ["1.0e+300", ".inf", ".nan", "-5", "'a'", "[1]"])
async def test_a_duration_that_nobody_waits_for_is_none(bring, container, given):
    text = json.dumps({"interactions": [interaction(response={"duration_ms": "GIVEN"})]})
    await bring(text=text.replace('"GIVEN"', given))
    (stored,) = await documents(container)
    assert stored["response"]["duration_ms"] == 0


@pytest.mark.parametrize("date", ["Fri, 31 Dec 9999 23:59:59 -2300", "soon"])
async def test_a_date_beyond_the_calendar_is_left_out(bring, container, date):
    await bring(interaction(response={"headers": {"date": [date]}}))
    (stored,) = await documents(container)
    assert not stored.get("recorded_at")


@pytest.mark.parametrize("status", [-5, 0, 199, 300])
async def test_only_a_status_of_success_is_imported(bring, status):
    summary = await bring(interaction(response={"status": {"code": status}}))
    assert dict(summary.skipped) == {f"status {status}: errors are not recorded": 1}


async def test_errors_that_are_named_are_imported(container, tmp_path):
    error = {"string": '{"error":{"code":"content_filter"}}'}
    filtered = interaction(response={"status": {"code": 400}, "body": error})
    limited = interaction({"body": "{}"}, {"status": {"code": 429}})
    file = tmp_path / "cassette.yaml"
    file.write_text(json.dumps({"interactions": [filtered, limited]}))
    summary = await import_cassettes(
        [file],
        RecordingStore(container, time.monotonic),
        Matching(),
        lambda *_: None,
        errors=RecordedErrors(frozenset({"content_filter"})),
    )
    assert dict(summary.skipped) == {"status 429: errors are not recorded": 1}
    assert (await replayed(container, CALL)).status == 400


async def test_a_body_in_too_many_encodings_is_skipped(bring):
    summary = await bring(interaction(response={"headers": {"content-encoding": ["gzip"] * 9}}))
    assert dict(summary.skipped) == {"a body in more than 8 encodings": 1}


async def test_a_file_that_cannot_be_opened_is_skipped_and_the_next_one_read(container, tmp_path):
    good = tmp_path / "good.yaml"
    good.write_text(json.dumps({"interactions": [interaction()]}))
    told = []
    summary = await import_cassettes(
        [tmp_path / "missing.yaml", good],
        RecordingStore(container, time.monotonic),
        Matching(),
        lambda done, of: told.append((done, of)),
    )
    assert summary.imported == 1
    assert summary.skipped.total() == 1
    assert told == [(0, 2), (1, 2), (2, 2)]


def test_folders_are_searched_and_files_taken_as_they_are(tmp_path):
    for name in ("b.yaml", "a.yml", "c.json", "d.txt", "deep/e.YAML"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = cassette_files([tmp_path, tmp_path / "d.txt"])
    names = [os.fspath(path.relative_to(tmp_path)) for path in found]
    assert names == ["a.yml", "b.yaml", "c.json", "deep/e.YAML", "d.txt"]
