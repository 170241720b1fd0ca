from typing import Any

import openai
import pytest


@pytest.mark.parametrize("kind", ["input_image", "input_file"])
def test_an_id_of_a_file_has_64_characters_at_most(v1: openai.OpenAI, kind: str) -> None:
    """In the words that a user of OpenAI's API reported (2026-03)."""

    def asked(length: int) -> Any:
        return [{"role": "user", "content": [{"type": kind, "file_id": "f" * length}]}]

    assert v1.responses.create(model="gpt-4.1", input=asked(64)).status == "completed"
    with pytest.raises(openai.BadRequestError, match="maximum length 64, but got a string"):
        v1.responses.create(model="gpt-4.1", input=asked(65))
