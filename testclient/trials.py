"""What can be tried: one function for each mode of the test client."""

import io
import math
import struct
import wave
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import openai
from openai.types.chat import ChatCompletionMessageParam

from testclient.target import Target

Headers = Mapping[str, str]

_SAMPLES = 16_000


class Trial(NamedTuple):
    """What is asked, of which deployment, and where pieces of the answer go as they come."""

    client: openai.AzureOpenAI
    deployment: str
    prompt: str
    show: Callable[[str], None]


class Outcome(NamedTuple):
    """What came: the status, the headers and the usage as the service tells it."""

    status: int
    headers: Headers
    usage: str


@dataclass(frozen=True, slots=True)
class Mode:
    run: Callable[[Trial], Outcome]
    deployment: Callable[[Target], str]
    prompt: str


def chat(trial: Trial) -> Outcome:
    raw = trial.client.chat.completions.with_raw_response.create(
        model=trial.deployment, messages=[{"role": "user", "content": trial.prompt}]
    )
    answer = raw.parse()
    trial.show(answer.choices[0].message.content or "")
    return Outcome(raw.status_code, raw.headers, _json(answer.usage))


def stream(trial: Trial) -> Outcome:
    return stream_chat(trial, [{"role": "user", "content": trial.prompt}])


def stream_chat(trial: Trial, messages: list[ChatCompletionMessageParam]) -> Outcome:
    raw = trial.client.chat.completions.with_raw_response.create(
        model=trial.deployment,
        messages=messages,
        stream=True,
        stream_options={"include_usage": True},
    )
    usage = None
    for chunk in raw.parse():
        for choice in chunk.choices:
            trial.show(choice.delta.content or "")
        usage = chunk.usage or usage
    return Outcome(raw.status_code, raw.headers, _json(usage))


def completion(trial: Trial) -> Outcome:
    raw = trial.client.completions.with_raw_response.create(
        model=trial.deployment, prompt=trial.prompt, max_tokens=100
    )
    answer = raw.parse()
    trial.show(answer.choices[0].text)
    return Outcome(raw.status_code, raw.headers, _json(answer.usage))


def embedding(trial: Trial) -> Outcome:
    raw = trial.client.embeddings.with_raw_response.create(
        model=trial.deployment, input=trial.prompt
    )
    answer = raw.parse()
    vector = answer.data[0].embedding
    first = ", ".join(f"{value:.4f}" for value in vector[:4])
    trial.show(f"[{first}, …] ({len(vector)} numbers)")
    return Outcome(raw.status_code, raw.headers, _json(answer.usage))


def responses(trial: Trial) -> Outcome:
    raw = trial.client.responses.with_raw_response.create(
        model=trial.deployment, input=trial.prompt
    )
    answer = raw.parse()
    trial.show(answer.output_text)
    return Outcome(raw.status_code, raw.headers, _json(answer.usage))


def image(trial: Trial) -> Outcome:
    raw = trial.client.images.with_raw_response.generate(
        model=trial.deployment, prompt=trial.prompt
    )
    answer = raw.parse()
    for made in answer.data or []:
        trial.show(made.url or f"{len(made.b64_json or '')} characters of base64")
    return Outcome(raw.status_code, raw.headers, _json(answer.usage))


def transcription(trial: Trial) -> Outcome:
    raw = trial.client.audio.transcriptions.with_raw_response.create(
        model=trial.deployment, file=("tone.wav", tone(seconds=3))
    )
    trial.show(raw.parse().text)
    return Outcome(raw.status_code, raw.headers, "")


def tone(*, seconds: int) -> bytes:
    """A WAV file to send, so that none need be at hand."""
    samples = (
        round(8000 * math.sin(number * 440 * math.tau / _SAMPLES))
        for number in range(seconds * _SAMPLES)
    )
    with io.BytesIO() as file:
        with wave.open(file, "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(_SAMPLES)
            sound.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
        return file.getvalue()


def _json(usage: openai.BaseModel | None) -> str:
    return usage.to_json(indent=None) if usage else ""


def limits_in(headers: Headers) -> Iterator[tuple[str, str]]:
    """The headers that tell of limits, of provisioned throughput, and when to come back."""
    for name, value in sorted(headers.items()):
        if name.startswith(("x-ratelimit-", "retry-after", "azure-openai-deployment-")):
            yield name, value


_QUESTION = "What is a serverless app?"

MODES: Mapping[str, Mode] = {
    "chat": Mode(chat, lambda target: target.deployment, _QUESTION),
    "stream": Mode(stream, lambda target: target.deployment, _QUESTION),
    "responses": Mode(responses, lambda target: target.deployment, _QUESTION),
    "completion": Mode(completion, lambda _: "gpt-35-turbo-instruct", "Once upon a time"),
    "embedding": Mode(embedding, lambda target: target.embedding_deployment, "A cat on a mat"),
    "image": Mode(image, lambda target: target.image_deployment, "A lighthouse in the evening"),
    "transcription": Mode(transcription, lambda _: "gpt-4o-transcribe", "(three seconds)"),
}
