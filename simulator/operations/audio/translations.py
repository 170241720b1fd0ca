"""Translations into English: `POST …/audio/translations`."""

from simulator.operations.audio.transcribing import Listening
from simulator.operations.routes import Route


class AudioTranslations(Listening):
    name = "audio_translations"
    routes = (
        Route("POST", "openai/deployments/{deployment}/audio/translations"),
        Route("POST", "openai/v1/audio/translations"),
    )
    capability = "audioTranslations"
    limit_name = "Audio_Translations"
    task = "translate"
