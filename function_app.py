"""The Azure Functions app, as the worker and the local host find it. No logic of its own.

A setting that is not allowed stops the import, and with it the start, with one line that names it.
"""

import sys
from pathlib import Path

from simulator.assembly.operations import OPERATIONS
from simulator.assembly.simulator import create_simulator
from simulator.assembly.timers import timers_of
from simulator.configuration.environment import load_environment
from simulator.configuration.settings import Settings
from simulator.hosting.functions_app import create_app
from simulator.telemetry.logs import set_levels

environment = load_environment(Path(__file__).parent)
settings = Settings.from_env(environment)
set_levels(settings.log_level)
if not settings.api_key and not settings.on_azure:
    settings = settings.with_key()
    print(f"SIMULATOR_API_KEY is not set: made {settings.api_key} for this run", file=sys.stderr)

simulator = create_simulator(settings, environment=environment)
app = create_app(simulator, OPERATIONS, timers_of(settings), largest_body=settings.largest_body)
