import json

import hypothesis
import pytest
from hypothesis import strategies as st
from msgspec import structs

from simulator.messages import Request
from simulator.recordings.fingerprint import (
    Matching,
    fingerprint,
    legacy_fingerprint,
    legacy_key,
)

ALL = Matching()
PATH = "/openai/deployments/gpt-4o/chat/completions"
BODY = b'{"messages": [{"role": "user", "content": "What is Azure?"}], "stream": true}'


def asked(body=BODY, query="api-version=2024-10-21", path=PATH, method="POST", **headers):
    return Request(method, path, query, headers, body)


def test_the_key_of_a_known_request_never_changes():
    assert fingerprint(asked(), ALL) == "b8b65a6889f3a05eb8ee00751acb09cc"


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


def shuffled(value):
    if isinstance(value, dict):
        return {name: shuffled(value[name]) for name in reversed(value)}
    return [shuffled(one) for one in value] if isinstance(value, list) else value


# How long examples take to make depends on what else the machine does.
@hypothesis.settings(
    max_examples=40, deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
@hypothesis.given(st.dictionaries(st.text(), values), st.sampled_from([None, 1, 4]))
def test_key_order_and_spacing_do_not_matter(value, indent):
    one = fingerprint(asked(json.dumps(value).encode()), ALL)
    other = fingerprint(asked(json.dumps(shuffled(value), indent=indent).encode()), ALL)
    assert one == other


@pytest.mark.parametrize(
    "other",
    [
        asked(BODY.replace(b"Azure", b"azure")),
        asked(BODY.replace(b"true", b"false")),
        asked(path="/openai/deployments/gpt_4o/chat/completions"),
        asked(path=f"{PATH}/"),
        asked(method="PUT"),
        asked(query="api-version=2024-10-21&after=1"),
        asked(b""),
        asked(b"{"),
    ],
)
def test_what_counts_makes_another_key(other):
    assert fingerprint(other, ALL) != fingerprint(asked(), ALL)


@pytest.mark.parametrize(
    "same",
    [
        asked(query="api-version=1"),
        asked(query=""),
        asked(query="api-key=secret&API-Version=3&sig=x"),
        asked(accept="text/plain", authorization="Bearer x"),
    ],
)
def test_api_version_keys_and_headers_do_not_matter(same):
    assert fingerprint(same, ALL) == fingerprint(asked(), ALL)


def test_each_resource_of_a_fleet_has_keys_of_its_own():
    keys = {
        fingerprint(structs.replace(asked(), resource=name), ALL) for name in ("", "a", "b", "ab")
    }
    assert len(keys) == 4


def test_the_api_version_counts_if_asked_for():
    strict = Matching(api_version=True)
    assert fingerprint(asked(query="api-version=1"), strict) != fingerprint(asked(), strict)


def test_the_order_of_parameters_does_not_matter():
    assert fingerprint(asked(query="a=1&b=2"), ALL) == fingerprint(asked(query="b=2&a=1"), ALL)


def test_ignored_fields_do_not_count_and_others_still_do():
    matching = Matching(ignored=frozenset({"user", "seed"}))
    one = fingerprint(asked(b'{"n":1,"user":"a","seed":1}'), matching)
    assert fingerprint(asked(b'{"seed":2,"n":1}'), matching) == one
    assert fingerprint(asked(b'{"n":2,"user":"a","seed":1}'), matching) != one


MODEL = b'{"model": "gpt-4o", "messages": []}'
V1 = "/openai/v1/chat/completions"


def test_the_model_of_a_body_does_not_count_where_the_path_names_the_deployment():
    one = fingerprint(asked(MODEL), ALL)
    assert fingerprint(asked(b'{"messages": []}'), ALL) == one
    assert fingerprint(asked(MODEL.replace(b"gpt-4o", b"another")), ALL) == one
    assert fingerprint(asked(b'{"messages": [{"model": "a"}]}'), ALL) != one
    assert fingerprint(asked(MODEL.replace(b"model", b"user")), ALL) != one


def test_the_model_of_a_body_counts_on_other_routes():
    one = fingerprint(asked(MODEL, path=V1), ALL)
    assert fingerprint(asked(MODEL.replace(b"gpt-4o", b"another"), path=V1), ALL) != one
    assert fingerprint(asked(b'{"messages": []}', path=V1), ALL) != one


TRANSCRIPTIONS = "/openai/deployments/whisper/audio/transcriptions"


def form_of(*parts, boundary, path=TRANSCRIPTIONS):
    head = 'Content-Disposition: form-data; name="{}"'
    mark = f"--{boundary}"
    text = "".join(f"{mark}\r\n{head.format(name)}\r\n\r\n{value}\r\n" for name, value in parts)
    kind = {"content-type": f"multipart/form-data; boundary={boundary}"}
    return Request("POST", path, "", kind, f"{text}{mark}--\r\n".encode())


def test_the_model_in_a_form_does_not_count_where_the_path_names_the_deployment():
    file = ("file", "RIFF name=model ----x")
    one = fingerprint(form_of(("model", "whisper"), file, boundary="b1"), ALL)
    assert fingerprint(form_of(("model", "whisper-1"), file, boundary="b2"), ALL) == one
    assert fingerprint(form_of(file, boundary="b3"), ALL) == one
    assert fingerprint(form_of(("prompt", "whisper"), file, boundary="b1"), ALL) != one
    v1 = [
        form_of(("model", model), file, boundary="b", path="/openai/v1/audio/transcriptions")
        for model in ("whisper", "other")
    ]
    assert fingerprint(v1[0], ALL) != fingerprint(v1[1], ALL)


def test_a_field_further_inside_is_not_ignored():
    matching = Matching(ignored=frozenset({"user"}))
    assert fingerprint(asked(b'{"a":{"user":1}}'), matching) != fingerprint(
        asked(b'{"a":{"user":2}}'), matching
    )


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b"{broken", b"\xff\x00", b'{"a":"\xff"}', b"{1e999}"]
)
def test_a_body_that_is_no_json_counts_byte_for_byte(body):
    assert fingerprint(asked(body), ALL) == fingerprint(asked(body), ALL)
    assert fingerprint(asked(body), ALL) != fingerprint(asked(body + b" "), ALL)


def form(boundary, quoted=False, content=b"audio"):
    mark = boundary.encode()
    body = b'--%b\r\nContent-Disposition: form-data; name="file"\r\n\r\n%b\r\n--%b--\r\n' % (
        mark,
        content,
        mark,
    )
    shown = f'"{boundary}"' if quoted else boundary
    kind = {"content-type": f"multipart/form-data; boundary={shown}"}
    return Request("POST", PATH, "", kind, body)


def test_the_boundary_of_a_multipart_body_does_not_matter():
    one = fingerprint(form("----abc"), ALL)
    assert fingerprint(form("xyz", quoted=True), ALL) == one
    assert fingerprint(form("----abc", content=b"other"), ALL) != one


def test_a_multipart_body_without_a_boundary_counts_as_it_is():
    request = Request("POST", PATH, "", {"content-type": "multipart/form-data"}, b"--a")
    assert fingerprint(request, ALL)


def test_a_multipart_body_that_does_not_begin_with_its_boundary_counts_too():
    request = Request("POST", PATH, "", {"content-type": "multipart/x; boundary=a"}, b"pre\n--a--")
    other = Request("POST", PATH, "", {"content-type": "multipart/x; boundary=b"}, b"pre\n--b--")
    assert fingerprint(request, ALL) == fingerprint(other, ALL)


def test_the_key_of_a_predecessors_recording_is_the_md5_of_its_parts():
    # md5 of "POST|/a|" and the md5 of the body, as the predecessor computed it.
    request = Request("POST", "/a", "api-version=1", {}, b"hello")
    assert legacy_fingerprint(request) == legacy_key(
        "POST", "/a", "5d41402abc4b2a76b9719d911017c592"
    )


def test_the_predecessors_boundary_is_used_for_its_recordings():
    body = (
        b'--AOAI-API-SIMULATOR-BOUNDARY\r\nContent-Disposition: form-data; name="file"\r\n\r\naudio'
        b"\r\n--AOAI-API-SIMULATOR-BOUNDARY--\r\n"
    )
    plain = Request("POST", PATH, "", {}, body)
    assert legacy_fingerprint(form("random")) == legacy_fingerprint(plain)
