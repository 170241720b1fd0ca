"""The latency that the settings describe."""

import functools

from simulator.catalogue.latency_table import (
    CLASSIC,
    LatencyProfile,
    LatencyTable,
    read_profile,
    realistic,
)
from simulator.configuration.files import read_named_file
from simulator.configuration.settings import Settings
from simulator.latency import Profile, Spread

SETTING = "LATENCY_PROFILE"
PROFILES = ("classic", "realistic")


def choose_latency(settings: Settings) -> LatencyTable:
    """Return the latency of all operations and models. Raises `SettingError` or `ProfileError` for a
    profile that cannot be read."""
    profile = choose_profile(settings.latency_profile)
    return LatencyTable(operation_profiles(settings), profile, factor=settings.latency)


@functools.cache
def choose_profile(name: str) -> LatencyProfile:
    """Each profile is read once in a process, since every change of the configuration asks for it."""
    if name == "classic":
        return CLASSIC
    if name == "realistic":
        return realistic()
    data = read_named_file(SETTING, name, PROFILES)
    return read_profile(data, f"{SETTING}={name}")


def operation_profiles(settings: Settings) -> dict[str, Profile]:
    """The latency of each operation, by its name: that of LATENCY_OPENAI_…."""
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
        "messages": Profile(chat, tokens_first, tokens_between),
        "responses_compact": Profile(chat, tokens_first, tokens_between),
    }
