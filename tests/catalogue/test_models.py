import re
from datetime import UTC, date, datetime

import pytest
import tiktoken
from hypothesis import given
from hypothesis import strategies as st

from scripts import models_page  # pyright: ignore[reportAttributeAccessIssue] - tests/scripts
from simulator.catalogue.models import Model, UnknownModel, UnknownVersion, all_models, find_model

EVERY_MODEL = pytest.mark.parametrize(
    "model", all_models(), ids=lambda model: f"{model.name}-{model.version}"
)


def test_no_version_is_listed_twice():
    keys = [(model.name, model.version) for model in all_models()]
    assert len(keys) == len(set(keys))


@EVERY_MODEL
def test_every_model_is_found_by_its_name_and_version(model: Model):
    assert find_model(model.name, model.version) is model


@EVERY_MODEL
def test_every_encoding_is_one_that_tiktoken_knows(model: Model):
    assert model.encoding in tiktoken.list_encoding_names()


@EVERY_MODEL
def test_input_and_output_fit_the_context_window(model: Model):
    assert model.max_output <= model.context_window
    assert (model.max_input or 0) <= model.context_window


@EVERY_MODEL
def test_chat_models_have_a_context_window_and_an_output(model: Model):
    chats = model.capabilities & {"chatCompletion", "responses", "completion"}
    assert bool(chats) == (model.max_output > 0)


@EVERY_MODEL
def test_only_embedding_models_have_an_embedding_size(model: Model):
    assert ("embeddings" in model.capabilities) == (model.embedding_size is not None)


@EVERY_MODEL
def test_facts_of_provisioned_throughput_come_together(model: Model):
    facts = {model.input_tpm_per_ptu, model.output_ratio}
    assert facts == {None} or None not in facts
    assert model.regional_ptus is None or model.input_tpm_per_ptu is not None


@EVERY_MODEL
def test_every_model_is_created_in_the_years_of_azure_openai(model: Model):
    assert 1_669_852_800 <= model.created < model.inference_ends  # December 2022


@pytest.mark.parametrize(
    ("name", "wire_name"),
    [
        ("gpt-4o", "gpt-4o-2024-11-20"),
        ("gpt-4.1-mini", "gpt-4.1-mini-2025-04-14"),
        ("gpt-5-nano", "gpt-5-nano-2025-08-07"),
        ("gpt-5.2", "gpt-5.2-2025-12-11"),
        ("gpt-35-turbo", "gpt-35-turbo"),
        ("text-embedding-3-large", "text-embedding-3-large"),
        ("gpt-4", "gpt-4-turbo-2024-04-09"),
        ("gpt-4-32k", "gpt-4-32k"),
        ("gpt-35-turbo-instruct", "gpt-3.5-turbo-instruct"),
        ("gpt-5.2-chat", "gpt-5.2-chat-latest"),
    ],
)
def test_answers_name_the_model_as_the_recordings_do(name: str, wire_name: str):
    assert find_model(name).wire_name == wire_name


@EVERY_MODEL
def test_a_model_before_gpt_5_has_a_fingerprint(model: Model):
    # Never null from 2024-12 to 2025-03, always null for gpt-5 and later (2025-08 to 2026-06).
    null = model.name.startswith(("gpt-5", "gpt-6", "gpt-chat", "model-router"))
    assert null is (model.system_fingerprint is None)
    assert null or re.fullmatch("fp_[0-9a-f]{10}", model.system_fingerprint or "")


@pytest.mark.parametrize(
    ("spelling", "name", "version"),
    [
        ("gpt-3.5-turbo", "gpt-35-turbo", "0125"),
        ("gpt-3.5-turbo-16k", "gpt-35-turbo-16k", "0613"),
        ("gpt-3.5-turbo-0613", "gpt-35-turbo", "0613"),
        ("GPT-4o", "gpt-4o", "2024-11-20"),
        ("gpt-4o-2024-08-06", "gpt-4o", "2024-08-06"),
        ("gpt-4-turbo-2024-04-09", "gpt-4", "turbo-2024-04-09"),
        ("gpt-4-0125-preview", "gpt-4", "0125-Preview"),
    ],
)
def test_the_usual_spellings_find_a_model(spelling: str, name: str, version: str):
    model = find_model(spelling)
    assert (model.name, model.version) == (name, version)


def test_versions_are_found_in_any_case():
    assert find_model("gpt-4", "1106-preview").version == "1106-Preview"


def test_an_unknown_model_is_reported_with_the_nearest_names():
    with pytest.raises(
        UnknownModel, match=r"'gpt-4o-minni' is no known model; nearest: gpt-4o-mini"
    ):
        find_model("gpt-4o-minni")


def test_a_name_like_no_other_is_reported_with_all_names():
    with pytest.raises(UnknownModel, match=r"known: gpt-35-turbo, .*gpt-image-1"):
        find_model("zzzzzzzz")


def test_an_unknown_version_is_reported_with_those_that_there_are():
    with pytest.raises(UnknownVersion, match="it has 2024-11-20, 2024-08-06, 2024-05-13"):
        find_model("gpt-4o", "2030-01-01")


def test_a_version_in_the_name_and_beside_it_is_refused():
    with pytest.raises(UnknownModel):
        find_model("gpt-4o-2024-08-06", "2024-05-13")


@pytest.mark.parametrize("name", ["gpt-5-pro", "gpt-5-codex", "gpt-5.1-codex", "o3-pro"])
def test_responses_only_models_do_not_chat(name: str):
    assert find_model(name).capabilities == {"responses"}


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("o1", "unsupported"),
        ("o3-mini", "unsupported"),
        ("o3", "default-only"),
        ("o4-mini", "default-only"),
        ("gpt-5", "default-only"),
        ("gpt-5-chat", "free"),
        ("gpt-4o", "free"),
    ],
)
def test_reasoning_models_refuse_a_temperature_in_their_own_words(name: str, rule: str):
    assert find_model(name).temperature_rule == rule


@pytest.mark.parametrize(
    ("name", "overhead"), [("gpt-35-turbo", 7), ("gpt-4o", 7), ("gpt-5-nano", 6)]
)
def test_one_user_message_costs_the_recorded_overhead(name: str, overhead: int):
    model = find_model(name)
    role = 1
    assert model.prompt_overhead.priming + model.prompt_overhead.per_message + role == overhead


@pytest.mark.parametrize(
    ("name", "tokens_per_minute", "requests_per_minute"),
    [
        ("gpt-35-turbo", 1_000, 6),
        ("gpt-4o", 60_000, 360),
        ("gpt-4o-mini", 250_000, 2_500),
        ("gpt-4.1-mini", 120_000, 120),
        ("gpt-5.2", 250_000, 2_500),
        ("o1", 6_000, 1),
        ("o1-mini", 50_000, 5),
        ("o3-mini", 1_000, 1),
        ("whisper", 1_000, 3),
        ("dall-e-3", None, 6),
        ("gpt-4o", None, None),
    ],
)
def test_requests_follow_from_tokens_as_documented(
    name: str, tokens_per_minute: int | None, requests_per_minute: int | None
):
    assert find_model(name).requests_per_minute(tokens_per_minute) == requests_per_minute


@given(st.sampled_from(all_models()), st.integers(1, 10**9), st.integers(1, 10**9))
def test_more_tokens_never_mean_fewer_requests(model: Model, fewer: int, more: int):
    fewer, more = sorted((fewer, more))
    low, high = model.requests_per_minute(fewer), model.requests_per_minute(more)
    assert low is not None
    assert high is not None
    assert 1 <= low <= high


def test_the_documented_table_is_the_catalogue():
    written = models_page.PAGE.read_text(encoding="utf-8")
    assert models_page.page(written) == written
    for model in all_models():
        assert f"| {model.name} | {model.version}" in written


def test_published_retirements_are_dates_after_the_release():
    dates = {(m.name, m.version): m.retires for m in all_models() if m.retires is not None}
    assert len(dates) > 60
    assert dates["dall-e-3", "3.0"] == date(2026, 3, 4)
    assert all(m.created < m.inference_ends for m in all_models())


def test_a_model_is_retired_from_midnight_of_its_day():
    model = find_model("dall-e-3")
    day = datetime(2026, 3, 4, tzinfo=UTC).timestamp()
    assert not model.retired(day - 1)
    assert model.retired(day)
    assert not find_model("gpt-oss-120b").retired(4e9)


@pytest.mark.parametrize(
    "name",
    [
        "gpt-5.5-pro",
        "gpt-5.6-sol",
        "gpt-5.6-terra",
        "gpt-5.6-luna",
        "gpt-6-astra",
        "gpt-6-sol",
        "gpt-6-luna",
        "gpt-6.1-sol",
        "gpt-chat-latest",
        "gpt-image-1.5",
        "gpt-image-2",
        "gpt-image-2.5-flare",
        "gpt-image-2.5-sunburst",
        "gpt-audio-1.5",
        "gpt-audio-mini",
        "gpt-transcribe",
        "o3-deep-research",
        "computer-use-preview",
        "model-router",
    ],
)
def test_the_models_of_2026_are_known(name: str):
    assert find_model(name).name == name


def test_gpt_6_1_reads_922_thousand_tokens_and_writes_128():
    model = find_model("gpt-6.1-sol")
    assert (model.max_input, model.max_output) == (922_000, 128_000)
    assert model.capabilities == {"chatCompletion", "responses"}


def test_gpt_5_5_has_its_numbers_of_provisioned_throughput():
    model = find_model("gpt-5.5")
    assert (model.input_tpm_per_ptu, model.output_ratio) == (1_200, 6)


def test_a_router_chooses_among_models_that_there_are():
    for model in all_models():
        for name in model.routes_to:
            assert find_model(name).capabilities >= {"chatCompletion"}
