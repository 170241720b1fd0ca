"""Audio that a transcribing model does not take at once."""

from typing import Any

import httpx2
import pytest

from tests.conftest import API_VERSION
from tests.support.asking import error_of
from tests.support.audio_files import silence


@pytest.mark.parametrize("name", ["gpt-4o-mini-transcribe", "gpt-4o-transcribe-diarize"])
def test_models_that_count_tokens_say_so(http: httpx2.Client, name: str) -> None:
    """Pasted by users of OpenAI's API, 2026."""
    data: dict[str, Any] = {"chunking_strategy": "auto"} if name.endswith("diarize") else {}
    answer = http.post(
        f"/openai/deployments/my-{name}/audio/transcriptions",
        params={"api-version": API_VERSION},
        data=data,
        files={"file": ("a.wav", silence(1500))},
    )
    assert error_of(answer) == {
        "message": "Total number of tokens in instructions + audio is too large for this model",
        "type": "invalid_request_error",
        "param": None,
        "code": "input_too_large",
    }
