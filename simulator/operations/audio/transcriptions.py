"""Transcriptions: `POST …/audio/transcriptions`."""

from simulator.operations.audio.transcribing import Listening
from simulator.operations.routes import Route


class AudioTranscriptions(Listening):
    name = "audio_transcriptions"
    routes = (
        Route("POST", "openai/deployments/{deployment}/audio/transcriptions"),
        Route("POST", "openai/v1/audio/transcriptions"),
    )
    capability = "audioTranscriptions"
    limit_name = "Audio_Transcriptions"
    task = "transcribe"
