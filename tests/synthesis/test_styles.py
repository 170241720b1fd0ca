import json
import random
import re
import typing
from typing import Any

import pytest

from simulator.assembly.budgets import schema_budget
from simulator.latency import Spread
from simulator.synthesis.answer_shape import AnswerShape, AnswerStyle
from simulator.synthesis.drafts import Draft, DraftRequest, DraftWriter
from simulator.synthesis.filler_text import FillerText
from simulator.tokens.tokenizer import Tokenizer

TOKENIZER = Tokenizer()
WRITER = DraftWriter(FillerText(), TOKENIZER, schema_budget)
STYLES = typing.get_args(AnswerStyle)
LANGUAGES = [style for style in STYLES if len(style) == 2]


def draft(
    style: Any, *, mean: float = 150, full: bool = False, seed: int = 1, **order: Any
) -> Draft:
    shape = AnswerShape(Spread(mean), full=full, style=style)
    values: dict[str, Any] = {
        "encoding": "o200k_base", "room": 10_000, "shape": shape, "echo": "Say: héllo 🌍!", **order
    }  # fmt: skip
    return WRITER.draft(DraftRequest(**values), random.Random(seed))


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("encoding", ["cl100k_base", "o200k_base"])
def test_tokens_are_exact_and_equal_states_write_equal_texts(style: str, encoding: str) -> None:
    made = draft(style, encoding=encoding)
    assert made.finish_reason == "stop"
    assert made.tokens == len(made.pieces) == TOKENIZER.count(made.text, encoding)
    assert draft(style, encoding=encoding).text == made.text


@pytest.mark.parametrize("style", [style for style in STYLES if style != "echo"])
def test_a_text_has_about_its_natural_length_and_differs(style: str) -> None:
    made = draft(style, mean=400)
    assert 400 <= made.tokens <= 520
    assert draft(style, mean=400, seed=2).text != made.text


@pytest.mark.parametrize("style", STYLES)
def test_a_cap_cuts_it(style: str) -> None:
    made = draft(style, asked=3)
    assert (made.tokens, made.finish_reason) == (3, "length")


@pytest.mark.parametrize("style", [style for style in STYLES if style != "echo"])
def test_max_fills_the_cap_in_every_style(style: str) -> None:
    made = draft(style, full=True, asked=777)
    assert made.tokens == 777


def test_an_echo_is_the_message_word_for_word() -> None:
    for full in (False, True):
        assert draft("echo", full=full, asked=100).text == "Say: héllo 🌍!"
    assert draft("echo", echo="").text == ""


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ('{"b": [1, 2], "a": "é"}', '{"b": [1, 2], "a": "é"}'),
        ('Say "hé" as json', '{"answer":"Say \\"hé\\" as json"}'),
        ("", '{"answer":""}'),
    ],
)
def test_an_echo_in_json_mode_is_an_object(said: str, text: str) -> None:
    assert draft("echo", json=True, prompt=(said,), echo=said).text == text


def test_an_echo_in_json_mode_keeps_to_the_form_of_the_prompt() -> None:
    said = 'Answer in json like {"name": "Jo"}'
    assert list(json.loads(draft("echo", json=True, prompt=(said,), echo=said).text)) == ["name"]


def test_markdown_has_every_block() -> None:
    for seed in range(10):
        text = draft("markdown", mean=20, seed=seed).text
        assert re.search(r"(?m)^# \w", text)
        assert re.search(r"(?m)^(-|1\.) \w", text)
        assert "| --- | --- |" in text
        assert re.search(r"(?s)```python\n.+\n```", text)
    assert draft("markdown", mean=600).text.count("\n## ") >= 1


@pytest.mark.parametrize(
    ("language", "letters"),
    [("ja", "ぁ-ん"), ("zh", "一-龥"), ("ko", "가-힣"), ("ru", "\u0430-\u044f"), ("ar", "ء-ي")],
)
def test_a_language_is_written_in_its_letters(language: str, letters: str) -> None:
    assert re.search(f"[{letters}]", draft(language).text)


def test_schemas_and_json_mode_stay_as_they_are() -> None:
    schema = {"type": "object", "properties": {"a": {"const": 1}}, "required": ["a"]}
    for style in STYLES:
        assert draft(style, schema=schema).text == '{"a":1}'
        assert draft(style, json=True).text.startswith('{"')
