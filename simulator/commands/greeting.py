"""The lines that the start prints below address and key: facts first, then warnings."""

import asyncio
import dataclasses
import socket
import urllib.parse
from collections.abc import Iterator, Mapping

from simulator.assembly.blob_names import is_blob
from simulator.assembly.containers import choose_recordings, recordings_place
from simulator.assembly.deployments import read_deployments
from simulator.assembly.fleet import resource_names
from simulator.configuration.setting_fields import Setting
from simulator.configuration.settings import Settings
from simulator.configuration.warnings import warnings
from simulator.recordings import names
from simulator.storage.azure_blobs import BlobContainer
from simulator.storage.container import StorageError

_COUNTED = 10_000
_NAMED = 5
_PATIENCE = 3.0
"""Seconds that the count of the recordings may take: a start does not wait for a large store."""


def lines(settings: Settings, environment: Mapping[str, str]) -> Iterator[str]:
    """Yield a line for each fact, then one for each warning."""
    found = [*warnings(environment), *_without_redis(settings)]
    yield f"deployments: {_deployments(settings)}"
    if _serves_nothing(settings):
        found.append(
            f"{settings.deployments_path} defines no deployment, so every request is a 404"
        )
    yield f"latency: {_latency(settings)}"
    if settings.fleet_path:
        yield f"fleet: {_fleet(settings)}"
    if settings.rules_path:
        yield f"rules: those of {settings.rules_path}"
    if settings.mode != "generate" or settings.storage is not None:
        try:
            count = asyncio.run(_count(settings))
        except StorageError as error:
            found.append(str(error))
        else:
            yield f"recordings: {count} in {recordings_place(settings)}"
            if settings.mode == "replay" and count == "0":
                found.append("there is nothing to replay; record first, or name another folder")
    yield from (f"warning: {warning}" for warning in found)


def _deployments(settings: Settings) -> str:
    path = settings.deployments_path
    if is_blob(path):
        return f"those of {path}, read with the first request"
    known = read_deployments(settings, "memory").values()
    limited = sum(one.limited for one in known)
    others = "; other names are served, too" if settings.allow_undefined_deployments else ""
    return f"{len(known)} {f'of {path}' if path else 'by default'}, {limited} with limits{others}"


def _serves_nothing(settings: Settings) -> bool:
    """Return whether there is a deployment file without any deployments, and nothing else is served."""
    path = settings.deployments_path
    if not path or is_blob(path) or settings.fleet_path:
        return False
    return not settings.allow_undefined_deployments and not read_deployments(settings, "memory")


def _fleet(settings: Settings) -> str:
    path = settings.fleet_path
    names = resource_names(settings)
    if not names:
        return f"the resources of {path}, read with the first request"
    shown = ", ".join(names[:_NAMED]) + (" …" if len(names) > _NAMED else "")
    how = "reached by /resources/NAME or NAME.localhost"
    return f"{len(names)} resources of {path} ({shown}), {how}"


def _latency(settings: Settings) -> str:
    """Return in a word where the time comes from that answers take."""
    if settings.mode == "record":
        return "upstream"
    if settings.mode == "replay":
        return "recorded" if settings.replay_speed and settings.latency else "none"
    if not settings.latency:
        return "none"
    if settings.latency_profile != "classic":
        return settings.latency_profile
    figures = {name: getattr(settings, name) for name in _latency_fields()}
    if not any(figures.values()):
        return "none"
    changed = any(value != getattr(Settings(), name) for name, value in figures.items())
    return "configured" if changed else "default"


def _latency_fields() -> Iterator[str]:
    for item in dataclasses.fields(Settings):
        declared = item.metadata.get("setting")
        if isinstance(declared, Setting) and declared.names[0].startswith("LATENCY_OPENAI_"):
            yield item.name


async def _count(settings: Settings) -> str:
    """Return how many recordings there are; a large or slow store is not counted to its end."""
    container = choose_recordings(settings, retry_after=0)
    found = 0
    try:
        async with asyncio.timeout(_PATIENCE):
            async for name in container.names():
                found += names.is_recording(name)
                if found == _COUNTED:
                    break
            else:
                return str(found)
    except TimeoutError:
        if not found:
            cause = container.likely_cause if isinstance(container, BlobContainer) else ""
            late = f"{recordings_place(settings)} does not answer within {_PATIENCE:.0f} s"
            raise StorageError(cause or late) from None
    finally:
        await container.close()
    return f"more than {found}"


def _without_redis(settings: Settings) -> Iterator[str]:
    """Yield a line if nothing listens where limits are to be counted."""
    address = urllib.parse.urlsplit(settings.redis_url)
    if not address.hostname:
        return
    where = (address.hostname, address.port or 6379)
    try:
        socket.create_connection(where, timeout=_PATIENCE).close()
    except OSError as error:
        reason = error.strerror or error
        yield f"RATE_LIMIT_REDIS_URL: {where[0]}:{where[1]} does not answer ({reason}); is it running?"
