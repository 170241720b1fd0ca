import pytest

from simulator.messages import Request
from simulator.recordings.names import (
    beside,
    is_recording,
    quarantine_name,
    recording_name,
    slug,
)

KEY = "b8b65a6889f3a05eb8ee00751acb09cc"


@pytest.mark.parametrize(
    ("path", "folder"),
    [
        ("/openai/deployments/gpt-4o/chat/completions", "gpt-4o/chat-completions"),
        ("/openai/deployments/whisper/audio/transcriptions", "whisper/audio-transcriptions"),
        ("/openai/deployments/my model:1/embeddings/", "my-model-1/embeddings"),
        ("/openai/deployments/../embeddings", "_/embeddings"),
        ("/openai/deployments/gpt-4o", "gpt-4o/root"),
        ("/openai/deployments/gpt/" + "x" * 500, "gpt/" + "x" * 80),
        ("/openai/v1/chat/completions", "_/v1-chat-completions"),
        ("/openai/models", "_/models"),
        ("/formrecognizer/models/a:analyze", "_/formrecognizer-models-a-analyze"),
        ("/", "_/root"),
        ("/ü/\n\0", "_/root"),
    ],
)
def test_a_recording_lies_below_its_deployment_and_operation(path, folder):
    name = recording_name(Request("POST", path), KEY)
    assert name == f"v1/{folder}/{KEY}.json"
    assert is_recording(name)


@pytest.mark.parametrize(
    "name", ["v1/a/b/x.json", f"v1/a/{KEY}.json", f"v1/a/b/{KEY}.bin", "", "a"]
)
def test_other_names_are_no_recordings(name):
    assert not is_recording(name)


def test_imported_exchanges_are_recordings_too():
    assert is_recording(f"legacy/{KEY}.json")


@pytest.mark.parametrize("text", ["", "..", "///", "-"])
def test_what_leaves_nothing_has_a_slug_too(text):
    assert slug(text) == "_"


def test_a_file_beside_a_recording_has_its_stem():
    assert beside("v1/a/b/0.json", ".bin") == "v1/a/b/0.bin"


def test_a_quarantined_line_shows_where_it_comes_from():
    assert quarantine_name(".spool/me/1-2.jsonl", 7) == ".quarantine/me/1-2-7.txt"
