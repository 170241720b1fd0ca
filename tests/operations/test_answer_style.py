"""`ANSWER_STYLE` through the client, plain and streamed."""

import openai
import pytest

from tests.conftest import API_VERSION, KEY, Serve

SAID = 'Repeat "this" — ça va? 你好\n\nBye'


def test_an_echo_is_the_last_user_message_in_all_three_operations(serve: Serve) -> None:
    url = serve(answer_style="echo", answer_length="natural")
    with openai.AzureOpenAI(azure_endpoint=url, api_key=KEY, api_version=API_VERSION) as azure:
        chat = azure.chat.completions.create(
            model="gpt-4o",
            messages=[
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "First"},
                {"role": "assistant", "content": "Yes?"},
                {"role": "user", "content": SAID},
            ],
        )
        assert chat.choices[0].message.content == SAID
        assert chat.choices[0].finish_reason == "stop"
        stream = azure.chat.completions.create(
            model="gpt-4o", messages=[{"role": "user", "content": SAID}], stream=True
        )
        pieces = [event.choices[0].delta.content or "" for event in stream if event.choices]
        assert "".join(pieces) == SAID
        text = azure.completions.create(model="gpt-35-turbo-instruct", prompt=SAID, max_tokens=100)
        assert text.choices[0].text == SAID
    with openai.OpenAI(base_url=f"{url}/openai/v1", api_key=KEY) as v1:
        assert v1.responses.create(model="gpt-4o", input=SAID).output_text == SAID


@pytest.mark.parametrize("style", ["markdown", "ja"])
def test_temperature_zero_says_the_same_again(serve: Serve, style: str) -> None:
    url = serve(answer_style=style, answer_length="natural")
    with openai.AzureOpenAI(azure_endpoint=url, api_key=KEY, api_version=API_VERSION) as azure:
        texts = {
            azure.chat.completions.create(
                model="gpt-4o", messages=[{"role": "user", "content": "Hi"}], temperature=0
            )
            .choices[0]
            .message.content
            for _ in range(2)
        }
    assert len(texts) == 1
