import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.json_layout import indented, laid_out_like

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(VALUES)
def test_an_indented_body_is_what_python_writes(value: object) -> None:
    assert json.loads(indented(value)) == value
    assert indented(value).isascii()
    assert indented(value).decode() == json.dumps(value, indent=2)


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_a_changed_body_keeps_its_layout(end: bytes) -> None:
    body = {"a": ["é", 1], "b": {}}
    changed = {**body, "c": "<é>"}
    assert laid_out_like(indented(body), changed) == indented(changed)
    compact = msgspec.json.encode(body) + end
    made = laid_out_like(compact, changed)
    assert made == '{"a":["é",1],"b":{},"c":"\\u003cé\\u003e"}'.encode() + end
    raw = msgspec.json.encode({"a": "<"}) + end
    assert laid_out_like(raw, changed) == msgspec.json.encode(changed) + end
    spaced = json.dumps(body, ensure_ascii=False).encode()
    expected = (
        json.dumps(changed, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e")
    )
    assert laid_out_like(spaced, changed).decode() == expected
