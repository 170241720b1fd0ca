"""What deploying says of what is missing, with stand-ins for the programs of Azure."""

import json
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.configuration.setting_fields import SettingError
from tests.conftest import KEY
from tests.scripts.test_setup_tiktoken import script
from tests.support.settings_table import OFFERED

ROOT = Path(__file__).parents[2]
app_settings = script("app_settings")
deploy_test = script("deploy_test")

Deploy = Callable[..., subprocess.CompletedProcess[str]]
# An Azure CLI that is signed in, knows a deployment and writes down what else it is told to do.
AZ = """#!/bin/sh
case "$*" in
  "account show"*) exit 0 ;;
  "deployment sub show"*FUNCTION_APP_NAME*) echo func-test ;;
  "deployment sub show"*AZURE_RESOURCE_GROUP*) echo rg-test ;;
  "deployment sub show"*KEY_VAULT_NAME*) echo kv-test ;;
  "ad signed-in-user show"*) echo me ;;
  *) echo "az $*" "$AZURE_PRINCIPAL_ID" "$SIMULATOR_APP_SETTINGS" ;;
esac
"""
# A blank variable is an unset one, and keeps what a developer's own .env says out.
UNSET = dict.fromkeys([*OFFERED, "AZURE_ENV_NAME", "AZURE_LOCATION", "TEST_OPENAI_ENDPOINT"], "")
FUNC = '#!/bin/sh\necho "func $*"\n'
SIGNED_OUT = "#!/bin/sh\nexit 1\n"


@pytest.fixture
def deploy(tmp_path: Path) -> Deploy:
    """`deploy(command, programs, typed, **environment)` runs it with no other programs of Azure."""

    def run(
        command: str, programs: dict[str, str], typed: str = "", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        for name, text in programs.items():
            program = tmp_path / name
            program.write_text(text)
            program.chmod(program.stat().st_mode | stat.S_IXUSR)
        (tmp_path / "dirname").symlink_to(str(shutil.which("dirname")))
        return subprocess.run(  # noqa: S603 - our own script
            ["/bin/bash", str(ROOT / "scripts" / "deploy.sh"), command],
            env={**UNSET, "PATH": str(tmp_path), "PY": sys.executable, **environment},
            input=typed,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.mark.parametrize(
    ("command", "programs", "environment", "missing"),
    [
        ("infra", {}, {"SIMULATOR_API_KEY": ""}, "SIMULATOR_API_KEY"),
        ("infra", {}, {"SIMULATOR_API_KEY": KEY}, "AZURE_LOCATION"),
        ("infra", {}, {"SIMULATOR_API_KEY": KEY, "AZURE_LOCATION": "x"}, "'az' (Azure CLI)"),
        (
            "infra",
            {},
            {"SIMULATOR_API_KEY": KEY, "AZURE_LOCATION": "x", "DEPLOY_PLAN": "dedicated"},
            "DEPLOY_PLAN='dedicated' is not allowed: use flex or premium",
        ),
        ("app", {}, {}, "'az' (Azure CLI)"),
        ("app", {"az": AZ}, {}, "'func' (Azure Functions Core Tools)"),
        ("app", {"func": FUNC, "az": SIGNED_OUT}, {}, "az login"),
        ("app", {}, {"NETWORK": "bogus"}, "make package NETWORK=bogus"),
        ("logs", {}, {}, "'func' (Azure Functions Core Tools)"),
        ("destroy", {}, {}, "'az' (Azure CLI)"),
        ("check", {}, {}, "'az' (Azure CLI)"),
    ],
)
def test_one_line_says_what_is_missing(
    deploy: Deploy,
    command: str,
    programs: dict[str, str],
    environment: dict[str, str],
    missing: str,
) -> None:
    done = deploy(command, programs, **environment)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert missing in done.stderr


def test_a_setting_that_is_not_allowed_stops_a_deployment(deploy: Deploy) -> None:
    done = deploy("infra", {"az": AZ}, LOG_LEVEL="LOUD", SIMULATOR_API_KEY=KEY)
    assert done.returncode == 1
    assert done.stderr.startswith("app settings: LOG_LEVEL='LOUD' is not allowed")
    assert done.stdout == ""


def test_the_settings_and_who_deploys_reach_the_template(deploy: Deploy) -> None:
    values = {"SIMULATOR_API_KEY": KEY, "AZURE_LOCATION": "eastus2", "LOG_LEVEL": "WARNING"}
    done = deploy("infra", {"az": AZ}, **values)
    assert "az deployment sub create --name aoai-simulator --location eastus2" in done.stdout
    assert done.stdout.rstrip().endswith('me {"LOG_LEVEL": "WARNING"}')


def refusing(words: str) -> str:
    """An Azure CLI that does not deploy, with these words."""
    case = f"""  "deployment sub create"*) echo '{words}' >&2; exit 1 ;;"""
    return AZ.replace('  *) echo "az', f'{case}\n  *) echo "az')


# The words that users were given in 2026-01 for no value, with ranges of regions that allow fewer.
RANGE = (
    "Site.FunctionAppConfig.ScaleAndConcurrency is invalid.  InvalidMaximumInstanceCount - The specified "
    "value of maximumInstanceCount (1) is not allowed, the allowed value range is [{lowest}, 1000]."
)


@pytest.mark.parametrize(
    ("words", "lowest"),
    [
        (RANGE.format(lowest=40), 40),
        (RANGE.format(lowest=20), 20),
        ('{"code": "BadRequest", "message": "' + RANGE.format(lowest=40) + '"}', 40),
        ("InvalidRequest: maximumInstanceCount must be 40 or more", 40),
        ("Maximum instance count must be between 100 and 1000, not 1", 100),
        ("argument --maximum-instance-count: allowed range 40-1000", 40),
        ("ERROR: The maximum_instance_count 1 is too low", 40),
    ],
)
@pytest.mark.parametrize("redis", [{}, {"DEPLOY_REDIS": "true"}])
def test_a_region_that_refuses_a_low_maximum_is_recognised(
    deploy: Deploy, words: str, lowest: int, redis: dict[str, str]
) -> None:
    values = {"SIMULATOR_API_KEY": KEY, "AZURE_LOCATION": "eastus2", **redis}
    done = deploy("infra", {"az": refusing(words)}, **values)
    assert done.returncode == 1
    refusal, advice = done.stderr.splitlines()
    assert refusal == words
    assert f"_WITH_REDIS={lowest}, or take another region" in advice
    assert (f"DEPLOY_MAXIMUM_INSTANCES={lowest} " in advice) == (not redis)


@pytest.mark.parametrize(
    "words",
    [
        "something else must be 40 or more",
        RANGE.format(lowest=1),
        "The instance count of the cluster is not allowed",
    ],
)
def test_another_refusal_is_shown_as_it_is(deploy: Deploy, words: str) -> None:
    az = refusing(words)
    done = deploy("infra", {"az": az}, SIMULATOR_API_KEY=KEY, AZURE_LOCATION="eastus2")
    assert (done.returncode, done.stderr) == (1, f"{words}\n")


def test_the_app_is_published_where_the_deployment_says(deploy: Deploy) -> None:
    done = deploy("app", {"az": AZ, "func": FUNC})
    assert done.stdout == "func azure functionapp publish func-test --python --build remote\n"


# An Azure CLI that knows a deployment on Elastic Premium, and a Python that builds no package.
PREMIUM = AZ.replace(
    '  *) echo "az',
    """  "deployment sub show"*PLAN*) echo premium ;;
  "deployment sub show"*PACKAGE_URL*) echo https://st.blob/app-package/package.zip ;;
  "functionapp show"*) echo /subscriptions/s/sites/func-test ;;
  *) echo "az""",
)
PYTHON = f"""#!/bin/sh
case "$1" in
  scripts/package.py) echo "python $*" ;;
  *) exec {sys.executable} "$@" ;;
esac
"""


def test_an_app_on_elastic_premium_gets_its_package_as_a_blob_and_starts_anew(
    deploy: Deploy, tmp_path: Path
) -> None:
    done = deploy("app", {"az": PREMIUM, "python": PYTHON}, PY=str(tmp_path / "python"))
    assert done.returncode == 0, done.stderr
    built, uploaded, restarted, synced = done.stdout.splitlines()
    assert built == "python scripts/package.py"
    url = "https://st.blob/app-package/package.zip"
    assert f"storage blob upload --auth-mode login --blob-url {url} --file dist/package" in uploaded
    assert "functionapp restart --resource-group rg-test --name func-test" in restarted
    assert "--url /subscriptions/s/sites/func-test/syncfunctiontriggers?api-version=" in synced


def test_a_package_that_cannot_be_put_there_stops_the_deployment(
    deploy: Deploy, tmp_path: Path
) -> None:
    refusing = PREMIUM.replace(
        '  *) echo "az', '  "storage blob upload"*) echo denied >&2; exit 1 ;;\n  *) echo "az'
    )
    done = deploy("app", {"az": refusing, "python": PYTHON}, PY=str(tmp_path / "python"))
    assert (done.returncode, done.stderr) == (1, "denied\n")
    assert "functionapp restart" not in done.stdout


def test_azd_is_not_given_a_plan_that_it_cannot_deploy_to() -> None:
    with pytest.raises(SystemExit, match="azd cannot deploy DEPLOY_PLAN=premium; use make"):
        app_settings.tell_azd({"DEPLOY_PLAN": "premium"})


@pytest.mark.parametrize("typed", ["yes\n", "\n", "rg-tes\n"])
def test_nothing_is_deleted_unless_the_group_is_named(deploy: Deploy, typed: str) -> None:
    done = deploy("destroy", {"az": AZ}, typed)
    assert done.returncode == 1
    assert "az group delete" not in done.stdout


def test_the_named_group_is_deleted_with_the_name_of_its_vault(deploy: Deploy) -> None:
    done = deploy("destroy", {"az": AZ}, "rg-test\n")
    assert done.returncode == 0, done.stderr
    assert "az group delete --name rg-test --yes" in done.stdout
    assert "az keyvault purge --name kv-test" in done.stdout


def test_app_settings_are_what_is_set_without_keys_and_without_what_azure_decides() -> None:
    environment = {
        "SIMULATOR_MODE": "record",
        "RECORDING_AUTO_SAVE": "false",
        "SIMULATOR_REGION": "",
        "SIMULATOR_API_KEY": KEY,
        "AZURE_OPENAI_KEY": "secret",
        "AZURE_OPENAI_ENDPOINT": "https://x.openai.azure.com",
        "RECORDING_DIR": "recordings",
        "RATE_LIMIT_REDIS_URL": "redis://:password@x",
        "HOME": "/home/me",
    }
    assert app_settings.app_settings(environment) == {
        "SIMULATOR_MODE": "record",
        "RECORDING_AUTO_SAVE": "false",
        "AZURE_OPENAI_ENDPOINT": "https://x.openai.azure.com",
    }


def test_settings_of_extensions_are_app_settings_if_they_are_named() -> None:
    environment = {"DEPLOY_SETTINGS": "ECHO_GREETING, OTHER", "ECHO_GREETING": "Hi", "HOME": "/"}
    assert app_settings.app_settings(environment) == {"ECHO_GREETING": "Hi"}


def test_app_settings_that_are_not_allowed_are_an_error() -> None:
    with pytest.raises(SettingError):
        app_settings.app_settings({"SIMULATOR_MODE": "bogus"})


def test_a_deployment_gets_what_its_parameters_read() -> None:
    environment = {"DEPLOY_REDIS": "true", "AZURE_LOCATION": "eastus2", "PATH": "/bin"}
    values = app_settings.deployment(environment)
    assert values == {
        "DEPLOY_REDIS": "true",
        "AZURE_LOCATION": "eastus2",
        "SIMULATOR_APP_SETTINGS": json.dumps({}),
    }


def test_a_running_simulator_passes_the_test_of_a_deployment(
    serve: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    deploy_test.main({"TEST_OPENAI_ENDPOINT": serve(), "SIMULATOR_API_KEY": KEY})
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["chat", "stream", "embedding"]


def test_a_wrong_key_fails_the_test_of_a_deployment(serve: Callable[..., str]) -> None:
    with pytest.raises(SystemExit, match=r"did not answer as it should: .*401"):
        deploy_test.main({"TEST_OPENAI_ENDPOINT": serve(), "TEST_OPENAI_KEY": "wrong"})


def test_the_test_of_a_deployment_says_what_is_not_set() -> None:
    with pytest.raises(SystemExit, match="TEST_OPENAI_ENDPOINT is not set"):
        deploy_test.main({})


def test_a_variable_that_is_empty_is_one_that_is_not_set() -> None:
    assert app_settings.exported("DEPLOY_MAXIMUM_INSTANCES", "") == "unset DEPLOY_MAXIMUM_INSTANCES"
    assert (
        app_settings.exported("DEPLOY_TAGS", '{"a": "b"}') == """export DEPLOY_TAGS='{"a": "b"}'"""
    )
