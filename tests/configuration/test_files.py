"""Files that settings name: none of them can hold up the start, or fill the memory."""

import os
from pathlib import Path

import pytest

from simulator.assembly.deployments import read_deployments
from simulator.assembly.latency import choose_profile
from simulator.assembly.prices import read_price_file
from simulator.configuration import files
from simulator.configuration.files import read_file
from simulator.configuration.settings import SettingError, Settings


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["bare", "marked"])
def test_a_file_is_read(tmp_path: Path, mark: bytes) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(mark + b"{}")
    assert read_file(path) == b"{}"


def test_a_file_has_a_largest_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_BYTES", 10)
    path = tmp_path / "a.json"
    path.write_bytes(bytes(11))
    with pytest.raises(OSError, match="larger than"):
        read_file(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such pipes")
def test_a_pipe_stops_the_start_with_a_line_that_names_the_setting(tmp_path: Path) -> None:
    pipe = tmp_path / "a.json"
    os.mkfifo(pipe)
    with pytest.raises(SettingError, match=r"OPENAI_DEPLOYMENT_CONFIG_PATH.*no file"):
        read_deployments(Settings(deployments_path=str(pipe)), "memory")
    with pytest.raises(SettingError, match=r"PRICES_PATH.*no file"):
        read_price_file(Settings(prices_path=str(pipe)))
    with pytest.raises(SettingError, match=r"LATENCY.*no file"):
        choose_profile(str(pipe))
