"""The deployments at the start: from a file, a blob, or the default ones."""

from collections.abc import Mapping

from simulator.assembly.blob_names import blob_of, is_blob, name_of_blob
from simulator.catalogue.deployment_file import parse_deployments
from simulator.catalogue.deployments import Deployment, default_deployments
from simulator.configuration.files import read_named_file
from simulator.configuration.overrides.document import KeptIn
from simulator.configuration.settings import Settings

SETTING = "OPENAI_DEPLOYMENT_CONFIG_PATH"


def read_deployments(settings: Settings, kept_in: KeptIn) -> Mapping[str, Deployment]:
    """Return the deployments of the deployment file, else the default ones. There are none yet if
    they are in a blob, which the first request reads. Raises `SettingError` or
    `DeploymentFileError`.
    """
    if not settings.deployments_path:
        return default_deployments(limited=settings.default_deployment_limits)
    if is_blob(settings.deployments_path):
        blob_of(SETTING, settings.deployments_path, kept_in)
        return {}
    document = read_named_file(SETTING, settings.deployments_path)
    return parse_deployments(document, f"{SETTING}={settings.deployments_path}")


def deployments_blob(settings: Settings) -> str | None:
    """The name of the blob that has the deployments, if they are in one; may raise `SettingError`."""
    path = settings.deployments_path
    return name_of_blob(SETTING, path) if is_blob(path) else None
