"""What may be changed, and what a change says that may not."""

import dataclasses
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.catalogue.deployment_file import parse_deployments
from simulator.catalogue.deployments import default_deployments
from simulator.configuration.overrides import members
from simulator.configuration.overrides.document import (
    check_repeated,
    document_of,
    read_patch,
    show,
)
from simulator.configuration.overrides.overrides import Configuration, configured, patched
from simulator.configuration.overrides.stored import NO_OVERRIDES, Overrides
from simulator.configuration.settings import Settings
from simulator.errors import InvalidRequest
from simulator.storage.connection import StorageConnection

FILE = {
    "chat": {"model": "gpt-4o", "tokensPerMinute": 10_000},
    "few": {"model": "gpt-4o", "tokensPerMinute": 10_000, "requestsPerMinute": 7},
    "small": {"model": "text-embedding-3-large", "embeddingSize": 256},
    "ptu": {
        "model": "gpt-4o",
        "sku": "ProvisionedManaged",
        "ptu": 50,
        "spilloverDeployment": "chat",
    },
    "old": {"model": "gpt-35-turbo", "modelVersion": "1106"},
    "voice": {"model": "whisper"},
}
START = Configuration(Settings(), parse_deployments(json.dumps(FILE), "file"))


def shown(configuration, kept_in) -> Any:
    return document_of(configuration, kept_in)


def after(*patches, start=START):
    """The configuration after the patches, one after the other."""
    return configured(start, overrides_of(*patches, start=start))


def overrides_of(*patches, start=START):
    overrides = NO_OVERRIDES
    for patch in patches:
        overrides, configuration = patched(start, overrides, read_patch(json.dumps(patch).encode()))
        assert configuration == configured(start, overrides)
    return overrides


def deployment(name, *patches):
    return after(*({"openai_deployments": {name: patch}} for patch in patches)).deployments[name]


def refusal(patch, start=START):
    with pytest.raises(InvalidRequest) as raised:
        after(patch, start=start)
    return raised.value.message, raised.value.param


@pytest.mark.parametrize("name", members.FIELDS)
def test_every_member_is_shown_and_may_be_changed(name):
    start = members.values_of(Settings())
    assert name in start
    values = {bool: True, str: "generate", tuple: ["user"], float: 3.0, type(None): 3.0}
    value = values[type(start[name])]
    value = {"replay.speed": 2.0, "answer_length": "max", "answer_style": "de"}.get(name, value)
    settings = after(members.nested({name: value})).settings
    shown = members.values_of(settings)[name]
    assert shown == (tuple(value) if isinstance(value, list) else value)


def test_every_setting_of_latency_is_in_the_document():
    shown = set(members.FIELDS.values())
    declared = {
        item.name: item.metadata["setting"].names[0]
        for item in dataclasses.fields(Settings)
        if "setting" in item.metadata
    }
    assert {n for n, setting in declared.items() if setting.startswith("LATENCY_OPENAI_")} <= shown


def test_the_predecessors_members_have_their_names():
    document = shown(START, "memory")
    assert document["simulator_mode"] == "generate"
    assert (
        document["latency"].items()
        >= {
            "open_ai_embeddings": {"mean": 100, "std_dev": 30},
            "open_ai_completions": {"mean": 15, "std_dev": 2},
            "open_ai_chat_completions": {"mean": 19, "std_dev": 6},
            "open_ai_translations": {"mean": 15_000, "std_dev": 1_000},
        }.items()
    )
    chat = document["openai_deployments"]["chat"]
    assert (chat["tokens_per_minute"], chat["model"]) == (10_000, "gpt-4o")


def test_a_deployment_is_shown_with_all_its_limits():
    assert shown(START, "memory")["openai_deployments"]["ptu"] == {
        "model": "gpt-4o",
        "model_version": START.deployments["ptu"].model.version,
        "tokens_per_minute": None,
        "requests_per_minute": None,
        "embedding_size": None,
        "sku": "ProvisionedManaged",
        "ptu": 50,
        "enqueued_tokens": None,
        "spillover_deployment": "chat",
        "service_tier": "default",
        "content_filter": None,
        "latency": None,
    }


def test_no_secret_is_shown():
    storage = StorageConnection(connection_string="storage-secret")
    settings = Settings(
        api_key="api-secret",
        upstream_key="upstream-secret",
        redis_url="redis://:redis-secret@host",
        storage=storage,
    )
    document = shown(Configuration(settings, {}), "blobs")
    assert b"-secret" not in msgspec.json.encode(document)
    assert (
        document["secrets"].items()
        >= {
            "SIMULATOR_API_KEY": "***",
            "AZURE_OPENAI_KEY": "***",
            "RATE_LIMIT_REDIS_URL": "***",
            "RecordingStorage": "***",
        }.items()
    )


def test_a_secret_that_is_not_set_is_null():
    assert set(shown(START, "memory")["secrets"].values()) == {None}


def test_the_etag_is_that_of_what_is_shown():
    one, same, other = show(START, "memory"), show(START, "memory"), show(START, "folder")
    assert one.etag == same.etag != other.etag


@pytest.mark.parametrize(
    ("patch", "param", "says"),
    [
        ({"simulator_mode": "bogus"}, "simulator_mode", "'generate', 'record', and 'replay'"),
        (
            {"simulator_mode": 5},
            "simulator_mode",
            "'generate', 'record', or 'replay', but got an int",
        ),
        ({"simulator_mode": "record"}, "simulator_mode", "AZURE_OPENAI_ENDPOINT"),
        (
            {"simulator_mode": "replay", "replay": {"miss": "forward"}},
            "replay.miss",
            "AZURE_OPENAI_ENDPOINT",
        ),
        (
            {"latency": {"open_ai_embeddings": {"mean": "abc"}}},
            "latency.open_ai_embeddings.mean",
            "expected a decimal, but got a string",
        ),
        (
            {"latency": {"open_ai_completions": {"std_dev": -1}}},
            "latency.open_ai_completions.std_dev",
            "-1.0 is not allowed: a number from 0",
        ),
        (
            {"latency": {"open_ai_inter_token": {"mean": True}}},
            "latency.open_ai_inter_token.mean",
            "boolean",
        ),
        ({"latency": {"open_ai_chat": {}}}, "latency.open_ai_chat", "Unknown parameter"),
        ({"latency": 3}, "latency", "expected an object"),
        ({"nonsense": 3}, None, "nonsense"),
        ({"answer_tokens": {"mean": 0}}, "answer_tokens.mean", "a number from 1 to 100000"),
        ({"replay": {"speed": 1001}}, "replay.speed", "a number from 0 to 1000"),
        ({"replay": {"miss": "ignore"}}, "replay.miss", "Supported values are: 'error'"),
        ({"replay": {"match_ignore": "user"}}, "replay.match_ignore", "array of strings"),
        ({"replay": {"match_ignore": [1]}}, "replay.match_ignore[0]", "string"),
        (
            {"allow_undefined_openai_deployments": "yes"},
            "allow_undefined_openai_deployments",
            "boolean",
        ),
        ({"openai_deployments": []}, "openai_deployments", "expected an object"),
        ({"openai_deployments": {"chat": 3}}, "openai_deployments.chat", "an object"),
        (
            {"openai_deployments": {"few": {"ptu": 3}}},
            "openai_deployments.few.ptu",
            "sku Standard is not provisioned",
        ),
        (
            {"openai_deployments": {"chat": {"tokens_per_minute": -1}}},
            "openai_deployments.chat.tokens_per_minute",
            "found -1",
        ),
        (
            {"openai_deployments": {"few": {}, "chat": {"tokens_per_minute": "many"}}},
            "openai_deployments.chat.tokens_per_minute",
            "expected an integer, but got a string",
        ),
        (
            {"openai_deployments": {"few": {}, "chat": {"tokens": 5}}},
            "openai_deployments.chat.tokens",
            "Unknown parameter",
        ),
        (
            {"openaiDeployments": {"chat": {"tokensPerMinute": "many"}}},
            "openai_deployments.chat.tokens_per_minute",
            "expected an integer, but got a string",
        ),
        (
            {"openai_deployments": {"chat": {"tokensPerMinute": 5, "tokens_per_minute": 6}}},
            "openai_deployments.chat.tokens_per_minute",
            "in two spellings",
        ),
        (
            {"latency": {"openAiEmbeddings": {}, "open_ai_embeddings": {}}},
            "latency.open_ai_embeddings",
            "in two spellings",
        ),
        ({"simulatorMode": "bogus"}, "simulator_mode", "'generate', 'record', and 'replay'"),
        ({"replay": {"matchIgnore": [1]}}, "replay.match_ignore[0]", "string"),
        ({"log_level": "DEBUG"}, "log_level", "The setting LOG_LEVEL is read at the start"),
        ({"replay_speed": 2}, "replay_speed", "mean 'replay.speed'"),
        ({"Simulator_mode": "generate"}, "Simulator_mode", "mean 'simulator_mode'"),
        (
            {"openai_deployments": {"new": {"model": "gpt-9"}}},
            "openai_deployments.new.model",
            "no known model",
        ),
        (
            {"openai_deployments": {"chta": {"tokens_per_minute": 5}}},
            "openai_deployments.chta.model",
            "no deployment of this name, and a new one needs a model; did you mean 'chat'?",
        ),
        (
            {"openai_deployments": {"chat": {"model_version": "1999-01-01"}}},
            "openai_deployments.chat.model_version",
            "has no version",
        ),
        (
            {"openai_deployments": {"chat": {"embedding_size": 7}}},
            "openai_deployments.chat.embedding_size",
            "makes no embeddings",
        ),
        (
            {"openai_deployments": {"chat": {"sku": "Gold"}}},
            "openai_deployments.chat.sku",
            "Standard",
        ),
        (
            {"openai_deployments": {"ptu": {"ptu": 51}}},
            "openai_deployments.ptu.ptu",
            "found 51",
        ),
        (
            {"openai_deployments": {"chat": None}},
            "openai_deployments.ptu.spillover_deployment",
            'found "chat"',
        ),
        (
            {"openai_deployments": {"a b": {"model": "gpt-4o"}}},
            "openai_deployments.a b.name",
            "letter or digit",
        ),
    ],
)
def test_what_is_not_allowed_is_refused_by_its_name(patch, param, says):
    message, named = refusal(patch)
    assert named == param
    assert says in message


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_refused(body):
    with pytest.raises(InvalidRequest, match="could not parse the JSON body"):
        read_patch(body)


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"null"])
def test_what_is_no_object_is_refused(body):
    with pytest.raises(InvalidRequest, match="The body must be an object"):
        read_patch(body)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from([*(n.partition(".")[0] for n in members.FIELDS), "mean", "chat"])
                | st.text(),
                inner,
            )
        ),
        max_leaves=8,
    )
)
def test_any_json_is_a_change_or_refused(document):
    try:
        overrides, _ = patched(START, NO_OVERRIDES, read_patch(msgspec.json.encode(document)))
    except InvalidRequest:
        return
    assert isinstance(configured(START, overrides), Configuration)


def test_a_part_of_it_changes_just_that_part():
    settings = after({"latency": {"open_ai_embeddings": {"mean": 5}}}).settings
    assert settings == dataclasses.replace(START.settings, embeddings_mean=5.0)


def test_a_null_is_the_value_of_the_start():
    patches = ({"replay": {"speed": 2, "miss": "generate"}}, {"replay": {"speed": None}})
    settings = after(*patches).settings
    assert (settings.replay_speed, settings.replay_miss) == (1.0, "generate")


def test_an_object_that_is_null_takes_back_all_that_is_in_it():
    faster = {"latency": {"open_ai_embeddings": {"mean": 1}, "open_ai_completions": {"mean": 1}}}
    assert after(faster, {"latency": {"open_ai_embeddings": None}}).settings.embeddings_mean == 100
    assert after(faster, {"latency": None}).settings == START.settings


def test_requests_per_minute_follow_the_tokens_unless_they_are_set():
    assert deployment("chat", {"tokens_per_minute": 20_000}).requests_per_minute == 120
    assert deployment("few", {"tokens_per_minute": 20_000}).requests_per_minute == 7
    assert deployment("few", {"requests_per_minute": None}).requests_per_minute == 60
    assert deployment("chat", {"requests_per_minute": 9}).requests_per_minute == 9


def test_azures_name_of_the_spillover_deployment_is_taken():
    patches = ({"spillover_deployment_name": "few"}, {"spilloverDeploymentName": "old"})
    for patch, name in zip(patches, ("few", "old"), strict=True):
        assert deployment("ptu", patch).spillover_deployment == name
    assert deployment("ptu", {"spillover_deployment_name": None}).spillover_deployment is None


def test_a_limit_that_is_null_is_no_limit():
    chat = deployment("chat", {"tokens_per_minute": None})
    assert (chat.tokens_per_minute, chat.requests_per_minute) == (None, None)


def test_another_model_comes_in_its_default_version():
    assert deployment("old", {"model": "gpt-4o-mini"}).model.name == "gpt-4o-mini"
    assert deployment("small", {"model": "text-embedding-3-small"}).embedding_size == 1536


def test_a_deployment_keeps_its_version_when_something_else_changes():
    assert deployment("old", {"tokens_per_minute": 5}).model.version == "1106"


def test_two_changes_of_one_deployment_are_both_there():
    chat = deployment("chat", {"tokens_per_minute": 5_000}, {"requests_per_minute": 3})
    assert (chat.tokens_per_minute, chat.requests_per_minute) == (5_000, 3)


def test_a_deployment_is_added_and_removed():
    added = {"openai_deployments": {"new": {"model": "gpt-4o"}}}
    assert "new" in after(added).deployments
    assert "new" not in after(added, {"openai_deployments": {"new": None}}).deployments
    assert "old" not in after({"openai_deployments": {"old": None}}).deployments


def test_a_removed_deployment_that_comes_back_has_nothing_of_the_old_one():
    again = deployment("chat", {"model": "gpt-4o"})
    assert again.tokens_per_minute == 10_000
    removed = after(
        {"openai_deployments": {"few": None}}, {"openai_deployments": {"few": {"model": "gpt-4o"}}}
    )
    assert removed.deployments["few"].tokens_per_minute is None


def test_all_deployments_go_back_together():
    overrides = overrides_of(
        {"openai_deployments": {"old": None, "new": {"model": "gpt-4o"}}},
        {"openai_deployments": None},
    )
    assert overrides == NO_OVERRIDES


def test_deployments_that_are_not_mentioned_are_the_very_same():
    deployments = after({"openai_deployments": {"chat": {"tokens_per_minute": 5}}}).deployments
    assert deployments["few"] is START.deployments["few"]


@pytest.mark.parametrize("deployments", [START.deployments, default_deployments()])
def test_a_deployment_can_be_made_from_its_fields(deployments):
    whole = {name: members.entry_of(one) for name, one in deployments.items()}
    # What is given is defined.
    defined = {name: dataclasses.replace(one, undefined=False) for name, one in deployments.items()}
    assert members.replaced_deployments({}, whole) == defined


def test_the_whole_document_sent_back_changes_nothing():
    document = shown(START, "memory")
    patch = read_patch(show(START, "memory").body)
    check_repeated(patch, document)
    assert patched(START, NO_OVERRIDES, patch) == (NO_OVERRIDES, START)


def test_the_whole_document_sent_back_with_one_figure_changed_is_a_change_of_that():
    document = shown(START, "memory")
    document["latency"]["open_ai_translations"]["mean"] = 1
    overrides, _ = patched(START, NO_OVERRIDES, read_patch(msgspec.json.encode(document)))
    assert overrides == Overrides(settings={"latency.open_ai_translations.mean": 1.0})


@pytest.mark.parametrize("name", ["kept_in", "secrets", "azure_openai_endpoint"])
def test_what_cannot_be_changed_may_be_repeated_only(name):
    with pytest.raises(InvalidRequest, match=f"'{name}' cannot be changed") as raised:
        check_repeated(read_patch(json.dumps({name: "x"}).encode()), document_of(START, "memory"))
    assert raised.value.param == name


def test_recording_is_allowed_with_an_upstream():
    settings = Settings(upstream_endpoint="https://example.test", allow_mode_change=True)
    start = Configuration(settings, {})
    assert after({"simulator_mode": "record"}, start=start).settings.mode == "record"


def test_a_change_is_named_by_what_it_changes():
    patch = read_patch(b'{"replay":{"speed":2},"openai_deployments":{"a":null}}')
    assert patch.names == ("replay.speed", "openai_deployments.a")
    assert read_patch(b'{"openai_deployments":null}').names == ("openai_deployments",)


def test_names_may_be_in_camel_case_at_every_level():
    configuration = after(
        {
            "simulatorMode": "replay",
            "allowUndefinedOpenaiDeployments": False,
            "answerTokens": {"stdDev": 0},
            "latency": {"openAiTimeToFirstToken": {"mean": 5, "stdDev": 1}},
            "replay": {"matchIgnore": ["user"], "matchApiVersion": True},
            "openaiDeployments": {
                "newOne": {"model": "gpt-4o", "tokensPerMinute": 5_000, "modelVersion": None},
                "ptu": {"spilloverDeployment": "few"},
            },
        }
    )
    assert configuration.settings == dataclasses.replace(
        START.settings,
        mode="replay",
        allow_undefined_deployments=False,
        answer_tokens_std_dev=0.0,
        time_to_first_token_mean=5.0,
        time_to_first_token_std_dev=1.0,
        match_ignore=("user",),
        match_api_version=True,
    )
    assert configuration.deployments["newOne"].tokens_per_minute == 5_000
    assert configuration.deployments["ptu"].spillover_deployment == "few"


def test_camel_case_can_be_null():
    faster = {"answerTokens": {"mean": 5}}
    assert after(faster, {"answerTokens": None}).settings == START.settings
    assert after(faster, {"answer_tokens": {"mean": None}}).settings == START.settings


@pytest.mark.parametrize("names", [["a,b"], [" a "], ["a", "b,c"], [], ["true"], ["1"]])
def test_names_in_a_list_stay_as_they_are(names):
    settings = after({"replay": {"match_ignore": names}}).settings
    assert settings.match_ignore == tuple(names)


@pytest.mark.parametrize("name", members.FIELDS)
@pytest.mark.parametrize("value", [None, {}, [1], "x", -1.0])
def test_values_that_were_stored_by_hand_are_checked_as_json(name, value):
    with pytest.raises(InvalidRequest) as raised:
        members.changed_settings(START.settings, {name: value})
    assert raised.value.param == name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("replay.speed", "2"),
        ("replay.speed", True),
        ("replay.match_api_version", "true"),
        ("replay.match_api_version", 1.0),
        ("replay.match_ignore", "user"),
        ("simulator_mode", "REPLAY"),
    ],
)
def test_text_for_the_environment_is_no_json_value(name, value):
    with pytest.raises(InvalidRequest) as raised:
        members.changed_settings(START.settings, {name: value})
    assert raised.value.param == name
