"""The shared work of transcriptions and translations: audio in, generated text of its length
out.
"""

import random
from typing import ClassVar

from simulator.concurrency import off_loop
from simulator.latency import Tempo
from simulator.messages import Answer, Usage
from simulator.operations.audio.parameters import TranscriptionRequest, read_audio
from simulator.operations.audio.transcript import Transcript, transcript_of, word_count
from simulator.operations.audio.wire import Task, Transcription, audio_tokens, body_of, events_of
from simulator.operations.base import NOTHING_ASKED, Asked, Call, Target
from simulator.operations.form_operation import FormOperation
from simulator.synthesis.drafts import DraftRequest


class Listening(FormOperation[TranscriptionRequest]):
    """A transcription is the same each time for the same audio, unless a temperature is set."""

    task: ClassVar[Task]

    def parse(self, target: Target) -> TranscriptionRequest:
        return read_audio(target.request, target.model)

    async def asked(self, call: Call[TranscriptionRequest]) -> Asked:
        if call.parameters is None:
            return NOTHING_ASKED
        prompt = call.parameters.parameters.prompt or ""
        return Asked(prompt, (prompt,), streamed=call.parameters.streamed)

    async def generate(self, call: Call[TranscriptionRequest], tempo: Tempo) -> Answer:
        hearing = call.parsed
        # A second of speech is about 200 bytes of the longest form of answer.
        size = len(call.request.body) + int(200 * hearing.seconds)
        return await off_loop(size, lambda: self._answer(hearing, tempo))

    def _answer(self, hearing: TranscriptionRequest, tempo: Tempo) -> Answer:
        heard = self._heard(hearing)
        usage = None if hearing.whisper else heard.usage
        if hearing.streamed:
            chunks = tuple(events_of(heard, tempo))
            return Answer.stream(chunks, usage=usage)
        body, content_type = body_of(heard)
        due = tempo.at(hearing.megabytes)
        return Answer.plain(body, content_type=content_type, usage=usage, due=due)

    def _heard(self, hearing: TranscriptionRequest) -> Transcription:
        warm = hearing.parameters.temperature > 0
        rng = random.Random(self._resources.rng.random() if warm else hearing.seed)
        transcript = self._transcript(hearing, rng)
        count = self._resources.tokenizer.count
        encoding = hearing.model.encoding
        usage = Usage(
            prompt=audio_tokens(hearing.seconds) + count(hearing.parameters.prompt or "", encoding),
            completion=count(transcript.text, encoding),
        )
        return Transcription(hearing, transcript, self.task, usage, rng)

    def _transcript(self, hearing: TranscriptionRequest, rng: random.Random) -> Transcript:
        count = word_count(hearing.seconds)
        # Full stops and commas are tokens too: less than half of them.
        order = DraftRequest(hearing.model.encoding, room=2 * count + 8, asked=2 * count + 8)
        words = self._resources.writer.draft(order, rng).text.split()[:count]
        return transcript_of(" ".join(words).rstrip(".,") + ".", hearing.seconds)
