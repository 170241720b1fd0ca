"""The apps that have the timer which saves recordings."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from simulator.assembly.timers import timers_of
from simulator.configuration.settings import Settings


@pytest.mark.parametrize(
    ("changes", "timers"),
    [
        ({}, 0),
        ({"recording_dir": "folder"}, 1),
        ({"mode": "record"}, 1),
        ({"recording_autosave": False}, 1),
        ({"mode": "replay", "recording_dir": "folder"}, 1),
    ],
    ids=["memory", "folder", "record", "spooling", "replay"],
)
def test_the_timer_is_there_where_recordings_may_have_been_spooled(
    tmp_path: Path, changes: dict[str, Any], timers: int
) -> None:
    if "recording_dir" in changes:
        changes = changes | {"recording_dir": str(tmp_path)}
    assert len(timers_of(dataclasses.replace(Settings(), **changes))) == timers
