"""Tests with the simulator: a real server that a test starts, steers and asks what it saw.

    with Simulator() as aoai:
        client = AzureOpenAI(azure_endpoint=aoai.endpoint, api_key=aoai.key, …)

For pytest there is the fixture `aoai`, see `docs/testing.md`.
"""

from simulator.testing.control import SimulatorError
from simulator.testing.server import Simulator

__all__ = ["Simulator", "SimulatorError"]
