"""The files that other programs read, against their schemas and linters."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).parents[2]
STRING = {"type": "string"}
# As much of the published schemas as these files use; an unknown member fails.
HOST = {
    "type": "object",
    "required": ["version"],
    "additionalProperties": False,
    "properties": {
        "version": {"const": "2.0"},
        "functionTimeout": {"type": "string", "pattern": r"^\d\d:\d\d:\d\d$"},
        "telemetryMode": {"enum": ["ApplicationInsights", "OpenTelemetry"]},
        "logging": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "fileLoggingMode": {"enum": ["never", "always", "debugOnly"]},
                "logLevel": {"type": "object", "additionalProperties": STRING},
                "applicationInsights": {"type": "object"},
            },
        },
        "extensions": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "http": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["routePrefix", "dynamicThrottlesEnabled"],
                    "properties": {
                        "routePrefix": {"const": ""},
                        "maxOutstandingRequests": {"const": -1},
                        "maxConcurrentRequests": {"const": -1},
                        "dynamicThrottlesEnabled": {"const": False},
                    },
                }
            },
        },
    },
}
LOCAL_SETTINGS = {
    "type": "object",
    "required": ["IsEncrypted", "Values"],
    "additionalProperties": False,
    "properties": {
        "IsEncrypted": {"const": False},
        "Values": {
            "type": "object",
            "required": ["FUNCTIONS_WORKER_RUNTIME", "AzureWebJobsStorage"],
            "properties": {"FUNCTIONS_WORKER_RUNTIME": {"const": "python"}},
            "additionalProperties": STRING,
        },
    },
}
HOOK = {
    "type": "object",
    "required": ["shell", "run"],
    "additionalProperties": False,
    "properties": {"shell": {"enum": ["sh", "pwsh"]}, "run": STRING},
}
AZURE_YAML = {
    "type": "object",
    "required": ["name", "infra", "services"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 2},
        "infra": {
            "type": "object",
            "required": ["provider", "path", "module"],
            "additionalProperties": False,
            "properties": {"provider": {"const": "bicep"}, "path": STRING, "module": STRING},
        },
        "services": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["project", "language", "host"],
                "additionalProperties": False,
                "properties": {
                    "project": STRING,
                    "language": {"enum": ["py", "python"]},
                    "host": {"const": "function"},
                },
            },
        },
        "hooks": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "preprovision": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {"posix": HOOK, "windows": HOOK},
                }
            },
        },
    },
}
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def targets() -> set[str]:
    """What make can make."""
    return set(re.findall(r"^([a-z-]+):", text("Makefile"), re.MULTILINE))


@pytest.mark.parametrize(
    ("path", "schema"),
    [("host.json", HOST), ("local.settings.json.example", LOCAL_SETTINGS)],
)
def test_a_file_of_the_functions_host_is_as_its_schema_says(
    path: str, schema: dict[str, Any]
) -> None:
    jsonschema.validate(json.loads(text(path)), schema)


def test_the_file_of_azd_is_as_its_schema_says() -> None:
    document = yaml.safe_load(text("azure.yaml"))
    jsonschema.validate(document, AZURE_YAML)
    assert (ROOT / document["infra"]["path"] / f"{document['infra']['module']}.bicep").is_file()


def test_azd_runs_what_there_is_before_it_provisions() -> None:
    hook = yaml.safe_load(text("azure.yaml"))["hooks"]["preprovision"]
    assert hook["posix"]["run"].split()[-1] in targets()
    assert (ROOT / hook["windows"]["run"].split()[1]).is_file()


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("vendor.github-workflows", WORKFLOWS),
        ("vendor.github-actions", [ROOT / "action.yml"]),
        ("vendor.dependabot", [ROOT / ".github" / "dependabot.yml"]),
        ("vendor.compose-spec", [ROOT / "compose.yaml"]),
    ],
)
def test_workflows_the_action_and_compose_are_as_their_schemas_say(
    schema: str, files: list[Path]
) -> None:
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema]
    done = subprocess.run(  # noqa: S603 - the linter of this environment
        [*check, *map(str, files)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_calls_targets_that_there_are_with_no_more_rights_than_it_needs(
    path: Path,
) -> None:
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    jobs = workflow["jobs"].values()
    runs = [step["run"] for job in jobs for step in job["steps"] if "run" in step]
    called = {
        word
        for run in runs
        if run.startswith("make ")
        for word in shlex.split(run)[1:]
        if "=" not in word
    }
    assert called <= targets()
    assert not [run for run in runs if "${{" in run]
    assert workflow["permissions"] == {}
    assert all(job["permissions"] and job["timeout-minutes"] for job in jobs)
    assert workflow["concurrency"]["group"]


@pytest.mark.parametrize("path", [*WORKFLOWS, ROOT / "action.yml"], ids=lambda path: path.name)
def test_actions_are_pinned_by_commit_with_their_version_beside(path: Path) -> None:
    used = re.findall(r"uses: (.*)", path.read_text(encoding="utf-8"))
    pinned = re.compile(r"[\w.-]+(/[\w.-]+)+@[0-9a-f]{40} # v\d+(\.\d+)*")
    assert not [line for line in used if not pinned.fullmatch(line)]


def test_zizmor_finds_no_weakness() -> None:
    zizmor = shutil.which("zizmor", path=str(Path(sys.executable).parent))
    assert zizmor
    done = subprocess.run(  # noqa: S603 - the linter of this environment
        [zizmor, "--offline", "--quiet", str(ROOT / ".github"), str(ROOT / "action.yml")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_dockerfile_passes_its_linter() -> None:
    hadolint = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    assert hadolint, "it comes with requirements-dev.txt"
    done = subprocess.run(  # noqa: S603 - the linter of this environment
        [hadolint, str(ROOT / "Dockerfile")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_compose_starts_the_simulator_with_settings_that_it_understands() -> None:
    from simulator.configuration.settings import Settings

    given = yaml.safe_load(text("compose.yaml"))["services"]["simulator"]["environment"]
    unset = {name: re.sub(r"\$\{\w+:-(.*)\}", r"\1", value) for name, value in given.items()}
    settings = Settings.from_env(unset)
    assert settings.api_key == "any-key"
    assert settings.redis_url == "redis://valkey:6379"
    assert settings.storage is not None
    assert "http://azurite:10000/" in settings.storage.connection_string


def test_compose_starts_in_order() -> None:
    services = yaml.safe_load(text("compose.yaml"))["services"]
    waits = services["simulator"]["depends_on"]
    assert {name: wait["condition"] for name, wait in waits.items()} == {
        "azurite": "service_healthy",
        "valkey": "service_healthy",
    }
    assert all("healthcheck" in services[name] for name in waits)


@pytest.mark.parametrize(
    "path", [".devcontainer/devcontainer.json", ".vscode/extensions.json", ".vscode/launch.json"]
)
def test_the_editors_files_are_json(path: str) -> None:
    assert json.loads(text(path))


def test_the_editor_and_the_dev_container_recommend_the_same_extensions() -> None:
    container = json.loads(text(".devcontainer/devcontainer.json"))
    extensions = json.loads(text(".vscode/extensions.json"))["recommendations"]
    assert container["customizations"]["vscode"]["extensions"] == extensions


def test_the_editors_tasks_are_there_and_call_targets_that_there_are() -> None:
    tasks = {task["label"]: task for task in json.loads(text(".vscode/tasks.json"))["tasks"]}
    for task in tasks.values():
        assert task.get("dependsOn", task["label"]) in tasks
        if task["command"].startswith("make "):
            assert set(task["command"].split()[1:]) <= targets()
    started = json.loads(text(".vscode/launch.json"))["configurations"]
    assert {item["preLaunchTask"] for item in started if "preLaunchTask" in item} <= set(tasks)


def test_the_dev_container_sets_the_project_up() -> None:
    command = json.loads(text(".devcontainer/devcontainer.json"))["postCreateCommand"]
    assert command == "make setup"
