"""Latency profiles, read from the settings."""

from simulator.configuration.settings import Settings
from simulator.latency import Profile, Spread


def latency_profiles(settings: Settings) -> dict[str, Profile]:
    """The latency of each operation, by its name."""
    first, between = settings.time_to_first_token_mean, settings.inter_token_mean
    tokens_first = None if first is None else Spread(first, settings.time_to_first_token_std_dev)
    tokens_between = None if between is None else Spread(between, settings.inter_token_std_dev)
    chat = Spread(settings.chat_completions_mean, settings.chat_completions_std_dev)
    completions = Spread(settings.completions_mean, settings.completions_std_dev)
    # Per megabyte of audio.
    translations = Profile(Spread(settings.translations_mean, settings.translations_std_dev))
    return {
        "audio_transcriptions": translations,
        "audio_translations": translations,
        "embeddings": Profile(Spread(settings.embeddings_mean, settings.embeddings_std_dev)),
        "completions": Profile(completions, tokens_first, tokens_between),
        "chat_completions": Profile(chat, tokens_first, tokens_between),
        "responses": Profile(chat, tokens_first, tokens_between),
    }
