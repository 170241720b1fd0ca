"""The list of commands: one line each, the default one first."""

from simulator.commands.base import Command
from simulator.commands.fleet import Fleet
from simulator.commands.import_recordings import ImportRecordings
from simulator.commands.latency import Latency
from simulator.commands.recordings import Recordings
from simulator.commands.serve import Serve
from simulator.commands.verdict import ShowVerdict

COMMANDS: tuple[Command, ...] = (
    Serve(),
    ImportRecordings(),
    Recordings(),
    Fleet(),
    Latency(),
    ShowVerdict(),
)
