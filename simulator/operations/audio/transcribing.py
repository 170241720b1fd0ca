"""Transcriptions and translations: `POST …/audio/transcriptions`, `…/audio/translations`.

Audio comes in, generated text of its length goes out.
"""

import random
from typing import ClassVar

from simulator.concurrency import off_loop
from simulator.latency import Tempo
from simulator.messages import NO_HEADERS, Answer, Usage
from simulator.operations.audio.parameters import TranscriptionRequest, read_audio
from simulator.operations.audio.transcript import Transcript, transcript_of, word_count
from simulator.operations.audio.wire import (
    Task,
    Transcription,
    audio_tokens,
    billing,
    body_of,
    events_of,
)
from simulator.operations.base import EMPTY_SUMMARY, Call, RequestSummary, Target
from simulator.operations.form_operation import FormOperation
from simulator.operations.routes import model_routes
from simulator.synthesis.answer_shape import FULL
from simulator.synthesis.drafts import DraftRequest
from simulator.synthesis.script import Script


class _Transcribing(FormOperation[TranscriptionRequest]):
    """A transcription is the same each time for the same audio, unless a temperature is set."""

    scripted = frozenset(("transcript",))
    task: ClassVar[Task]

    def parse(self, target: Target) -> TranscriptionRequest:
        return read_audio(target.request, target.model)

    async def summary(self, call: Call[TranscriptionRequest]) -> RequestSummary:
        if call.parameters is None:
            return EMPTY_SUMMARY
        prompt = call.parameters.parameters.prompt or ""
        return RequestSummary(prompt, (prompt,), streamed=call.parameters.streamed)

    async def generate(self, call: Call[TranscriptionRequest], tempo: Tempo) -> Answer:
        request = call.parsed
        # A second of speech is about 200 bytes of the longest form of answer.
        size = len(call.request.body) + int(200 * request.seconds)
        return await off_loop(size, lambda: self._answer(request, tempo, call.script))

    def _answer(self, request: TranscriptionRequest, tempo: Tempo, script: Script | None) -> Answer:
        transcription = self._transcription(request, script)
        usage = None if request.whisper else transcription.usage
        if request.streamed:
            chunks = tuple(events_of(transcription, tempo))
            return Answer.stream(chunks, usage=usage)
        body, content_type = body_of(transcription)
        due = tempo.sounding(request.megabytes)
        headers = billing(request.seconds) if request.whisper else NO_HEADERS
        return Answer.plain(body, content_type=content_type, headers=headers, usage=usage, due=due)

    def _transcription(self, request: TranscriptionRequest, script: Script | None) -> Transcription:
        warm = request.parameters.temperature > 0
        rng = random.Random(self._resources.rng.random() if warm else request.seed)
        if script is not None and script.text.strip():
            transcript = transcript_of(script.text, request.seconds)
        else:
            transcript = self._transcript(request, rng)
        count = self._resources.tokenizer.count
        encoding = request.model.encoding
        usage = Usage(
            prompt=audio_tokens(request.seconds) + count(request.parameters.prompt or "", encoding),
            completion=count(transcript.text, encoding),
        )
        return Transcription(request, transcript, self.task, usage, rng)

    def _transcript(self, request: TranscriptionRequest, rng: random.Random) -> Transcript:
        count = word_count(request.seconds)
        # Full stops and commas are tokens too: less than half of them.
        room = 2 * count + 8
        wanted = DraftRequest(request.model.encoding, room=room, asked=room, shape=FULL)
        words = self._resources.writer.draft(wanted, rng).text.split()[:count]
        return transcript_of(" ".join(words).rstrip(".,") + ".", request.seconds)


class AudioTranscriptions(_Transcribing):
    name = "audio_transcriptions"
    routes = model_routes("audio/transcriptions")
    capability = "audioTranscriptions"
    limit_name = "Audio_Transcriptions"
    task = "transcribe"


class AudioTranslations(_Transcribing):
    name = "audio_translations"
    routes = model_routes("audio/translations")
    capability = "audioTranslations"
    limit_name = "Audio_Translations"
    task = "translate"
