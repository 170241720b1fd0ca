"""The forms of cassettes: each is imported, and replayed as its client read it."""

import base64
import gzip
import json

import pytest

from simulator.__main__ import main
from simulator.recordings.cassette_bounds import MOST_BYTES, MOST_NODES
from simulator.recordings.cassette_formats import CassetteError, interactions

PATH = "/openai/deployments/gpt-4o/chat/completions"
URI = f"https://acme.openai.azure.com{PATH}?api-version=2024-10-21"
ASKED = json.dumps({"messages": [{"role": "user", "content": "Grüße 😀"}]})
ANSWER = json.dumps({"id": "chatcmpl-1", "choices": [], "text": "Grüße 😀 a/b"})
KIND = {"Content-Type": ["application/json"]}

VCRPY = {
    "interactions": [
        {
            "request": {"method": "POST", "uri": URI, "body": ASKED, "headers": KIND},
            "response": {"status": {"code": 200}, "headers": KIND, "body": {"string": ANSWER}},
        }
    ]
}
LANGCHAIN = {
    "requests": [{"method": "POST", "uri": URI, "body": ASKED, "headers": KIND}],
    "responses": [
        {"status": {"code": 200, "message": "OK"}, "headers": KIND, "body": {"string": ANSWER}}
    ],
}
RUBY = {
    "http_interactions": [
        {
            "request": {
                "method": "post",
                "uri": URI,
                "body": {"encoding": "UTF-8", "string": ASKED},
                "headers": KIND,
            },
            "response": {
                "status": {"code": 200, "message": "OK"},
                "headers": KIND,
                "body": {"encoding": "ASCII-8BIT", "string": ANSWER},
                "http_version": None,
            },
            "recorded_at": "Tue, 04 Aug 2026 04:58:44 GMT",
        }
    ],
    "recorded_with": "VCR 6.2.0",
}
TEST_AGENT = {
    "request": {"method": "POST", "url": URI, "headers": {"a": "b"}, "body": ASKED},
    "response": {
        "status": {"code": 200, "message": "OK"},
        "headers": {"Content-Type": "application/json", "Content-Encoding": "gzip"},
        "body": ANSWER,
    },
}
FORMS = {"vcrpy": VCRPY, "langchain": LANGCHAIN, "ruby": RUBY, "test agent": TEST_AGENT}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("RECORDING_DIR", str(tmp_path / "recordings"))
    return tmp_path / "recordings"


@pytest.fixture
def bring(tmp_path, folder, capsys):
    """Imports files of these contents; gives the exit code and the summary's lines."""

    def run(files):
        for name, data in files.items():
            (tmp_path / name).write_bytes(data if isinstance(data, bytes) else data.encode())
        code = main(["import", *[str(tmp_path / name) for name in files]])
        return code, capsys.readouterr().out.splitlines()[:-1]

    return run


def stored(folder):
    return [json.loads(file.read_text()) for file in folder.rglob("*.json")]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "written",
    [
        json.dumps,
        lambda form: json.dumps(form, ensure_ascii=False, indent=2),
        lambda form: "\ufeff" + json.dumps(form),
        lambda form: gzip.compress(json.dumps(form).encode()),
    ],
    ids=["escaped", "plain", "with a byte order mark", "compressed"],
)
def test_every_form_is_imported_as_json_and_compressed(bring, folder, form, written):
    assert bring({"cassette.yaml": written(FORMS[form])}) == (0, ["imported 1, skipped 0"])
    (document,) = stored(folder)
    assert document["request"]["body"]["json"] == json.loads(ASKED)
    assert document["request"]["method"] == "POST"
    assert document["response"]["body"]["json"] == json.loads(ANSWER)


RUBY_YAML = """---
http_interactions:
- request:
    method: post
    uri: URI
    body:
      encoding: UTF-8
      string: '{"messages":[]}'
    headers:
      Content-Type:
      - application/json
  response:
    status:
      code: 200
      message: OK
    headers:
      Content-Type:
      - application/json; charset=utf-8
    body:
      encoding: ASCII-8BIT
      string: !binary |-
        BODY
  recorded_at: Tue, 04 Aug 2026 04:58:44 GMT
recorded_with: VCR 6.2.0
"""


def test_the_binary_texts_of_ruby_are_read(bring, folder):
    body = base64.b64encode(ANSWER.encode()).decode()
    text = RUBY_YAML.replace("URI", URI).replace("BODY", body)
    assert bring({"ruby.yml": text}) == (0, ["imported 1, skipped 0"])
    (document,) = stored(folder)
    assert document["response"]["body"]["json"] == json.loads(ANSWER)
    assert document["recorded_at"] == "2026-08-04T04:58:44.000Z"


def test_a_binary_body_of_the_test_agent_is_read(bring, folder):
    packed = "base64:" + base64.b64encode(b"RIFF\0\xff").decode()
    response = {**TEST_AGENT["response"], "headers": {"content-type": "audio/wav"}, "body": packed}
    assert bring({"a.json": json.dumps({**TEST_AGENT, "response": response})})[0] == 0
    (document,) = stored(folder)
    assert document["response"]["body"]["base64"] == base64.b64encode(b"RIFF\0\xff").decode()


def test_a_request_without_its_answer_is_counted_and_the_others_are_read(bring):
    form = {**LANGCHAIN, "requests": LANGCHAIN["requests"] * 2}
    reason = "an interaction with another value where a mapping belongs"
    assert bring({"a.yaml": json.dumps(form)}) == (
        0,
        ["imported 1, skipped 1", f"       1  {reason}"],
    )


def test_compressed_cassettes_are_found_in_folders(tmp_path, folder, capsys):
    inside = tmp_path / "cassettes" / "deep"
    inside.mkdir(parents=True)
    (inside / "test.yaml.gz").write_bytes(gzip.compress(json.dumps(LANGCHAIN).encode()))
    (inside / "page.html.gz").write_bytes(gzip.compress(b"<html>"))
    assert main(["import", str(tmp_path / "cassettes")]) == 0
    assert capsys.readouterr().out.startswith("imported 1, skipped 0\n")


ELSEWHERE = {
    "https://login.microsoftonline.com/x/oauth2/v2.0/token": (
        "no traffic of Azure OpenAI or OpenAI: login.microsoftonline.com"
    ),
    "https://acme.cognitiveservices.azure.com/language/:analyze-text": (
        "not below /openai/ but below /language: acme.cognitiveservices.azure.com"
    ),
}


@pytest.mark.parametrize("uri", ELSEWHERE)
def test_what_is_not_below_openai_is_counted_by_what_it_is(bring, uri):
    ours, other = VCRPY["interactions"][0], {**VCRPY["interactions"][0]}
    other["request"] = {**other["request"], "uri": uri}
    text = json.dumps({"interactions": [other, ours, other]})
    assert bring({"a.yaml": text}) == (
        0,
        ["imported 1, skipped 2", f"       2  {ELSEWHERE[uri]}"],
    )


@pytest.mark.parametrize(
    "text",
    ["{}", "[]", "hello", '{"log": {"entries": []}}', '{"requests": [], "responses": {}}'],
)
def test_what_has_none_of_the_forms_is_said_in_a_sentence_and_fails(bring, text):
    code, lines = bring({"a.json": text})
    assert code == 1
    assert lines[1] == (
        "       1  a.json: not a cassette: it has no list of interactions or http_interactions, no lists "
        "of requests and of responses, and no request with its response"
    )


def test_a_damaged_file_is_said_to_be_damaged(bring):
    code, lines = bring({"a.yaml.gz": gzip.compress(b"interactions: []")[:-4]})
    assert code == 1
    assert "a.yaml.gz: not a cassette: damaged gzip" in lines[1]


def test_a_file_that_is_large_when_decompressed_is_refused(bring):
    code, lines = bring({"a.yaml.gz": gzip.compress(bytes(MOST_BYTES + 1))})
    assert (code, lines[1]) == (
        1,
        "       1  a.yaml.gz: refused: it is larger than 100 MB, decompressed",
    )


def test_json_of_very_many_values_is_refused_and_its_texts_do_not_count(bring):
    body = '"' + ",[{:" * MOST_NODES + '"'
    text = json.dumps(VCRPY).replace('"interactions"', f'"other": {body}, "interactions"')
    assert bring({"a.json": text})[1] == ["imported 1, skipped 0"]
    code, lines = bring({"b.json": f'{{"a": [{"1," * MOST_NODES}1]}}'})
    assert code == 1
    assert "b.json: refused: it has more than 1,000,000 nodes" in lines[1]


def test_json_that_is_nested_without_end_is_no_cassette(bring):
    code, lines = bring({"a.json": '{"a":' * 100_000})
    assert code == 1
    assert "a.json: " in lines[1]


def test_an_interaction_is_found_by_each_form():
    for form in FORMS.values():
        assert len(interactions(form)) == 1
    with pytest.raises(CassetteError):
        interactions({"request": {}, "response": None})
