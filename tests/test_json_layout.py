import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.json_layout import indented, laid_out_like, with_many

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


MEMBERS = st.dictionaries(st.text(), VALUES, min_size=1, max_size=3)


@given(MEMBERS, st.lists(VALUES, min_size=1, max_size=3), MEMBERS)
def test_many_items_are_written_as_they_would_be_all_together(
    before: dict[str, object], items: list[object], after: dict[str, object]
) -> None:
    before, after = ({f"{place}{name}": value for name, value in members.items()}
                     for place, members in (("a", before), ("b", after)))  # fmt: skip
    whole = {**before, "items": items, **after}
    expected = msgspec.json.format(msgspec.json.encode(whole), indent=2)
    assert with_many(before, "items", items, after) == expected
