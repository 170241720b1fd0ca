"""Chosen vectors, images, transcripts and recordings, and whom rules are for."""

import base64
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import openai
import pytest
from PIL import Image

from simulator.operations.embeddings.vectors import Vectors
from tests.conftest import KEY
from tests.rules.conftest import Host
from tests.support.asking import ask, route
from tests.support.audio_files import sample

MakeHost = Callable[..., Host]


def png(color: str = "teal", form: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (7, 5), color).save(file, form)
    return file.getvalue()


def data_url(file: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(file).decode()


def embedded(host: Host, text: str, **members: Any) -> list[float]:
    answer = host.azure.embeddings.create(
        model="text-embedding-3-small", input=text, **{"encoding_format": "float", **members}
    )
    return answer.data[0].embedding


@pytest.mark.parametrize("encoding", ["float", "base64"])
def test_a_vector_is_answered_as_it_is(host: Host, encoding: Literal["float", "base64"]) -> None:
    host.put({"name": "v", "embedding": [0.5, -1, 2]})
    raw = host.azure.embeddings.with_raw_response.create(
        model="text-embedding-3-small", input=["a", "b"], dimensions=3, encoding_format=encoding
    )  # fmt: skip
    assert raw.headers["x-simulator-rule"] == "v"
    assert raw.parse().data[0].embedding in ([0.5, -1, 2], "AAAAPwAAgL8AAABA")


def test_an_embedding_is_like_that_of_another_text(host: Host) -> None:
    plain = embedded(host, "a cat")
    host.put({"when": {"contains": "kitten"}, "embedding": {"like": "a cat"}})
    assert embedded(host, "the kitten") == plain
    assert embedded(host, "the dog") != plain
    assert plain[:8] == Vectors().embed("a cat", 1536)[:8].tolist()


def test_a_chosen_image_is_answered_byte_for_byte(host: Host) -> None:
    host.put({"when": {"contains": "logo"}, "image": data_url(png())})
    for model in ("dall-e-3", "gpt-image-1"):
        form = {"response_format": "b64_json"} if model == "dall-e-3" else {}
        answer = host.v1.images.generate(model=model, prompt="our logo", **form)  # type: ignore[call-overload]
        assert base64.b64decode(answer.data[0].b64_json) == png()
    other = host.v1.images.generate(model="gpt-image-1", prompt="our logo", output_format="jpeg")
    assert other.data
    shown = Image.open(io.BytesIO(base64.b64decode(other.data[0].b64_json or "")))
    assert (shown.size, shown.format) == ((7, 5), "JPEG")


def test_images_are_read_beside_the_file_of_rules(make_host: MakeHost, tmp_path: Path) -> None:
    (tmp_path / "art").mkdir()
    (tmp_path / "art" / "sea.png").write_bytes(png("navy"))
    (tmp_path / "broken.png").write_bytes(b"no picture")
    rules = [
        {"when": {"contains": name}, "image": f"art/{name}.png" if name == "sea" else f"{name}.png"}
        for name in ("sea", "broken", "missing")
    ]
    file = tmp_path / "rules.json"
    file.write_text(json.dumps({"rules": rules}))
    host = make_host(rules_path=str(file))

    def drawn(prompt: str) -> bytes:
        answer = host.v1.images.generate(model="gpt-image-1", prompt=prompt)
        assert answer.data
        return base64.b64decode(answer.data[0].b64_json or "")

    assert drawn("the sea") == png("navy")
    for prompt in ("a broken thing", "a missing thing"):
        assert Image.open(io.BytesIO(drawn(prompt))).size == (1024, 1024)


@pytest.mark.parametrize(
    "name", ["../x.png", "/etc/passwd", "a/../b.png", "", "a//b", "data:text/plain;base64,AA==",
             "data:image/png;base64,%%"],
)  # fmt: skip
def test_names_that_leave_the_folder_are_refused(host: Host, name: str) -> None:
    answer = host.http.put("/++/rules", json={"rules": [{"name": "x", "image": name}]})
    assert answer.status_code == 400
    assert "'image'" in answer.json()["error"]["message"]


@pytest.mark.parametrize("streamed", [False, True])
def test_a_transcript_is_what_was_heard(host: Host, streamed: bool) -> None:
    host.put({"transcript": "Good morning. The {{deployment}} hears well."})
    said = "Good morning. The gpt-4o-transcribe hears well."
    audio = ("a.mp3", sample("tone.mp3"))
    if streamed:
        events = host.v1.audio.transcriptions.create(
            model="gpt-4o-transcribe", file=audio, stream=True
        )
        assert list(events)[-1].text == said  # type: ignore[union-attr]
        return
    heard = host.v1.audio.transcriptions.create(model="gpt-4o-transcribe", file=audio)
    assert heard.text == said
    whisper = host.v1.audio.transcriptions.create(
        model="whisper", file=audio, response_format="verbose_json"
    )
    assert " ".join(one.text.strip() for one in whisper.segments or []) == whisper.text


def test_the_fields_of_a_form_are_its_body(host: Host) -> None:
    host.put(
        {
            "when": {"body": {"/language": "de", "/temperature": 0}},
            "transcript": "{{body./prompt}}!",
        }
    )
    audio = ("a.mp3", sample("tone.mp3"))

    def heard(**members: Any) -> str:
        return host.v1.audio.transcriptions.create(model="whisper", file=audio, **members).text

    assert heard(language="de", temperature=0, prompt="Hallo") == "Hallo!"
    assert heard(language="de", prompt="Hallo") != "Hallo!"
    broken = host.http.post(
        "/openai/v1/audio/transcriptions",
        content=b"--B",
        headers={"content-type": "multipart/form-data; boundary=B"},
    )
    assert broken.status_code == 400


def test_an_action_is_for_operations_that_can_answer_so(host: Host) -> None:
    host.put({"name": "vector", "embedding": [1.0]}, {"name": "text", "reply": "Yes."})
    assert host.said() == "Yes."
    assert len(embedded(host, "x", dimensions=1)) == 1
    speech = host.http.post(
        "/openai/v1/audio/speech",
        json={"model": "gpt-4o-mini-tts", "input": "Hello", "voice": "alloy"},
    )
    assert speech.status_code == 200
    assert "x-simulator-rule" not in speech.headers
    matched = {rule["name"]: rule["matched"] for rule in host.shown()}
    assert matched == {"vector": 1, "text": 1}


def test_a_header_has_the_first_rule_that_the_operation_can_follow(host: Host) -> None:
    rules = json.dumps([{"reply": "Yes."}, {"embedding": [1.0, 2.0]}])
    made = host.v1.embeddings.create(
        model="text-embedding-3-small", input="x", extra_headers={"x-simulator-rule": rules}
    )
    assert made.data[0].embedding == [1.0, 2.0]


def test_a_filter_is_for_operations_that_it_can_act_on(host: Host) -> None:
    cut = {"filter": {"completion": {"hate": True}}, "times": 1}
    block = {"when": {"operation": "audio_speech"}, "filter": {"prompt": {"hate": True}}}
    host.put({"name": "block", **block}, {"name": "cut", **cut})
    assert len(embedded(host, "x", dimensions=1)) == 1
    host.http.post(
        "/openai/v1/audio/speech", json={"model": "tts", "input": "Hi", "voice": "alloy"}
    )
    assert [rule["matched"] for rule in host.shown()] == [0, 0]
    assert host.chat().json()["choices"][0]["finish_reason"] == "content_filter"


async def test_a_rule_names_a_recording(make_simulator: Any, tmp_path: Path) -> None:
    folder = tmp_path / "v1" / "any" / "chat"
    folder.mkdir(parents=True)
    body = {"choices": [{"message": {"content": "From the shelf"}}]}
    (folder / "best.json").write_text(json.dumps({"response": {"body": {"json": body}}}))
    (folder / "broken.json").write_text("{")
    for mode in ("generate", "replay"):
        simulator = make_simulator(mode=mode, recording_dir=str(tmp_path))
        path = route("chat/completions", "gpt-4o")
        asked = {"messages": [{"role": "user", "content": "x"}]}

        async def ruled(name: str) -> Any:
            rule = json.dumps({"recording": name})
            headers = {"api-key": KEY, "x-simulator-rule": rule}
            return await ask(simulator, path, asked, headers=headers)  # noqa: B023

        for name in ("v1/any/chat/best", "v1/any/chat/best.json"):
            played = await ruled(name)
            assert (played.status, played.json) == (200, body)
            assert played.headers["x-recording"] == "hit"
        missing = await ruled("v1/any/chat/worst")
        assert missing.status == 404
        assert "worst" in missing.json["error"]["message"]
        for bad in ("../x", "other/x", "v1/../../x"):
            assert (await ruled(bad)).status == 400
        await simulator.close()


def test_rules_are_for_the_key_of_a_name(make_host: MakeHost, tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    keys = [{"name": name, "key": f"the-key-of-{name}"} for name in ("ann", "bob")]
    file.write_text(json.dumps({"keys": keys}))
    host = make_host(keys_path=str(file))
    host.put(
        {"when": {"client": ["ann", "eve"]}, "reply": "Hello Ann"},
        {"when": {"client": "default"}, "reply": "Hello all"},
    )
    assert host.said() == "Hello all"
    with openai.OpenAI(base_url=f"{host.url}/openai/v1", api_key="the-key-of-ann") as ann:
        made = ann.responses.create(model="gpt-4o", input="Hi")
        assert made.output_text == "Hello Ann"
    assert host.said(headers={"api-key": "the-key-of-bob"}) not in ("Hello Ann", "Hello all")


@pytest.mark.parametrize(
    ("rule", "member"),
    [
        ({"embedding": []}, "embedding"),
        ({"embedding": {"lik": "x"}}, "embedding.lik"),
        ({"embedding": [1e40]}, "embedding[0]"),
        ({"transcript": ""}, "transcript"),
        ({"transcript": "{{nobody}}"}, "transcript"),
        ({"recording": "../up"}, "recording"),
        ({"recording": "v1/x", "reply": "a"}, "recording"),
        ({"image": "a.png", "transcript": "a"}, "transcript"),
        ({"when": {"clint": "a"}, "reply": "a"}, "when.clint"),
    ],
)
def test_bad_members_are_named(host: Host, rule: dict[str, Any], member: str) -> None:
    answer = host.http.put("/++/rules", json={"rules": [{"name": "odd", **rule}]})
    assert answer.status_code == 400
    message = answer.json()["error"]["message"]
    assert message.startswith("Rule 'odd'")
    assert f"'{member}'" in message
    assert host.shown() == []
