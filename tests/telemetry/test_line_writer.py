import threading

import pytest

from simulator.telemetry.line_writer import LineWriter


class Pipe:
    """A pipe whose reader may pause; `entered` is set while a write is under way."""

    def __init__(self) -> None:
        self.text = ""
        self.writes = 0
        self.reads = threading.Event()
        self.reads.set()
        self.entered = threading.Event()

    def write(self, text: str) -> None:
        self.entered.set()
        assert self.reads.wait(10)
        self.text += text
        self.writes += 1


@pytest.fixture
def pipe():
    pipe = Pipe()
    yield pipe
    pipe.reads.set()


def test_lines_of_a_moment_are_written_at_once_and_in_order(pipe) -> None:
    writer = LineWriter(pipe.write, pause=60)
    for number in range(100):
        writer.add(str(number))
    writer.flush()
    assert (pipe.writes, pipe.text.split()) == (1, [str(number) for number in range(100)])


def test_lines_are_written_without_anybody_flushing(pipe) -> None:
    LineWriter(pipe.write, pause=0).add("one")
    assert pipe.entered.wait(10)


@pytest.mark.parametrize("at_once", [1, 5])
def test_a_pipe_that_is_not_read_holds_nobody_and_drops_what_is_too_much(
    pipe, at_once: int
) -> None:
    pipe.reads.clear()
    complaints: list[str] = []
    writer = LineWriter(
        pipe.write, pause=0, most=10, lost="lost {}".format, on_drop=lambda: complaints.append("")
    )
    writer.add("under way")
    assert pipe.entered.wait(10)
    for _ in range(0, 5, at_once):
        writer.add(*"x" * at_once)
    assert len(complaints) == 1
    pipe.reads.set()
    writer.flush()
    writer.add("after")
    writer.flush()
    assert pipe.text.split("\n") == ["under way", "x", "lost 4", "after", ""]
    assert len(complaints) == 1


def test_the_end_does_not_wait_for_a_pipe_that_is_not_read(pipe) -> None:
    pipe.reads.clear()
    writer = LineWriter(pipe.write, pause=0)
    writer.add("one")
    writer.flush(patience=0.01)
    assert pipe.text == ""


@pytest.mark.parametrize("failure", [BrokenPipeError, ValueError("I/O operation on closed file")])
def test_a_pipe_that_is_closed_is_no_error(failure) -> None:
    tries = []

    def write(text: str) -> None:
        tries.append(text)
        raise failure

    writer = LineWriter(write, pause=0)
    writer.add("one")
    writer.flush()
    writer.add("two")
    writer.flush()
    assert tries == ["one\n"]


def test_lines_of_several_threads_are_all_written(pipe) -> None:
    writer = LineWriter(pipe.write, pause=0)

    def add(name: int) -> None:
        for number in range(500):
            writer.add(f"{name} {number}")

    threads = [threading.Thread(target=add, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.flush()
    lines = pipe.text.splitlines()
    for name in range(4):
        own = [line for line in lines if line.startswith(f"{name} ")]
        assert own == [f"{name} {number}" for number in range(500)]
