"""What was recorded of the real service, byte for byte; each file's name says when."""

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from simulator.wire.obfuscation import Padding

DATA = Path(__file__).with_name("data")


def recorded(name: str) -> bytes:
    return (DATA / name).read_bytes()


def recorded_json(name: str) -> Any:
    return json.loads(recorded(name))


def events_of(stream: bytes) -> Iterator[bytes]:
    """The data of each event of a stream, [DONE] too."""
    for event in stream.split(b"\n\n"):
        if event:
            assert event.startswith(b"data: ")
            yield event.removeprefix(b"data: ")


class RecordedPadding(Padding):
    """Gives the paddings of a recording, in their order, in place of random ones; `checked` that they
    are as long as those would be."""

    def __init__(self, paddings: Iterable[str], *, checked: bool = True) -> None:
        super().__init__(random.Random(0))
        self._checked = checked
        self._paddings = iter(paddings)

    def of(self, length: int) -> str:
        padding = next(self._paddings)
        assert not self._checked or len(padding) == len(super().of(length))
        return padding

    def of_all(self, length: int, pieces: Sequence[str]) -> list[str]:
        return [self.of(length + len(piece)) for piece in pieces]
