"""The deployments at the start: from a file, a blob, or the default ones."""

from collections.abc import Mapping
from pathlib import Path

from simulator.catalogue.deployment_file import parse_deployments
from simulator.catalogue.deployments import Deployment, default_deployments
from simulator.configuration.files import read_file
from simulator.configuration.overrides.document import KeptIn
from simulator.configuration.settings import SettingError, Settings
from simulator.storage.container import checked

SETTING = "OPENAI_DEPLOYMENT_CONFIG_PATH"
BLOB = "blob:"
"""The prefix of a deployment file's path that is in the container."""


def read_deployments(settings: Settings, kept_in: KeptIn) -> Mapping[str, Deployment]:
    """Return the deployments of the deployment file, else the default ones. There are none yet if
    they are in a blob, which the first request reads. Raises `SettingError` or
    `DeploymentFileError`.
    """
    if not settings.deployments_path:
        return default_deployments(limited=settings.default_deployment_limits)
    if deployments_blob(settings):
        if kept_in == "memory":
            raise _no_deployments(settings, "a blob needs RecordingStorage or RECORDING_DIR")
        return {}
    path = Path(settings.deployments_path)
    try:
        document = read_file(path)
    except OSError as error:
        raise _no_deployments(settings, f"a file that can be read ({error.strerror})") from None
    return parse_deployments(document, f"{SETTING}={path}")


def deployments_blob(settings: Settings) -> str | None:
    """The name of the blob that has the deployments, if they are in one; may raise `SettingError`."""
    if not settings.deployments_path.startswith(BLOB):
        return None
    try:
        return checked(settings.deployments_path.removeprefix(BLOB))
    except ValueError:
        raise _no_deployments(settings, "after blob: a name in the container") from None


def _no_deployments(settings: Settings, allowed: str) -> SettingError:
    return SettingError(SETTING, repr(settings.deployments_path), allowed)
