"""The app settings of a deployment, from the environment, `.env` and `local.settings.json`.

    python scripts/app_settings.py            as JSON
    python scripts/app_settings.py --export   as shell commands that scripts/deploy.sh evaluates
    python scripts/app_settings.py --azd      into the environment of azd, before `azd provision`

They are read as the simulator reads them, so a value that is not allowed stops a deployment before
it begins. Secrets are no app settings: the deployment puts them into Key Vault.
"""

import argparse
import dataclasses
import json
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.deployment_variables import check, mistaken  # noqa: E402 - as above
from simulator.configuration.environment import load_environment  # noqa: E402 - as above
from simulator.configuration.setting_fields import Setting  # noqa: E402 - a script finds the package beside its folder
from simulator.configuration.settings import (  # noqa: E402 - as above
    SettingError,
    Settings,
)

VAULT = ("SIMULATOR_API_KEY", "AZURE_OPENAI_KEY")
# What a deployment decides by itself, or what makes sense on a developer's machine alone.
DECIDED = (
    "APPLICATIONINSIGHTS_CONNECTION_STRING",
    "RATE_LIMIT_REDIS_CLIENT_ID",
    "RATE_LIMIT_REDIS_IDENTITY",
    "RATE_LIMIT_REDIS_URL",
    "RECORDING_CONTAINER",
    "RECORDING_DIR",
    "WEBSITE_INSTANCE_ID",
)
PASSED = ("AZURE_", "DEPLOY_", "SIMULATOR_API_KEY", "TEST_OPENAI_")


def setting_names() -> list[str]:
    """The names of the settings that are app settings."""
    declared = [item.metadata.get("setting") for item in dataclasses.fields(Settings)]
    names = [name for found in declared if isinstance(found, Setting) for name in found.names]
    return [name for name in names if name not in (*VAULT, *DECIDED)]


def app_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Those that are set; `SettingError` if any setting is not allowed."""
    Settings.from_env(environment)
    of_extensions = environment.get("DEPLOY_SETTINGS", "").replace(",", " ").split()
    names = [*setting_names(), *of_extensions]
    return {name: environment[name] for name in names if environment.get(name)}


def deployment(environment: Mapping[str, str]) -> dict[str, str]:
    """What infra/main.bicepparam and scripts/deploy.sh read from the environment.

    `SettingError` if any of it is not allowed.
    """
    check(environment)
    passed = {name: value for name, value in environment.items() if name.startswith(PASSED)}
    return {**passed, "SIMULATOR_APP_SETTINGS": json.dumps(app_settings(environment))}


def tell_azd(values: Mapping[str, str]) -> None:
    """azd reads no `.env` of a project; what it has decided itself stays as it is."""
    if values.get("DEPLOY_PLAN") == "premium":
        # Its package lies in a blob, and azd has no way to put it there.
        sys.exit(
            "app settings: azd cannot deploy DEPLOY_PLAN=premium; use make deploy-infra deploy"
        )
    azd = shutil.which("azd") or sys.exit("app settings: 'azd' is not on the PATH")
    for name, value in values.items():
        if name.startswith(("DEPLOY_", "SIMULATOR_", "AZURE_OPENAI_")) and value:
            subprocess.run([azd, "env", "set", name, value], check=True)


def exported(name: str, value: str) -> str:
    """Return the command of a shell; what is empty is unset, so that its default holds."""
    return f"export {name}={shlex.quote(value)}" if value else f"unset {name}"


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--export", action="store_true", help="as shell commands")
    parser.add_argument("--azd", action="store_true", help="into the environment of azd")
    options = parser.parse_args(arguments)
    environment = load_environment(ROOT)
    try:
        values = deployment(environment)
    except SettingError as error:
        raise SystemExit(f"app settings: {error}") from None
    for line in mistaken(environment):
        print(f"app settings: {line}", file=sys.stderr)
    if options.azd:
        tell_azd(values)
    elif options.export:
        print("\n".join(map(exported, values, values.values())))
    else:
        print(values["SIMULATOR_APP_SETTINGS"])


if __name__ == "__main__":
    main()
