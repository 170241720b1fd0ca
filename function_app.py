"""The Azure Functions app: an HTTP trigger for each operation's route. No logic of its own."""

from pathlib import Path

import azure.functions as func
from azurefunctions.extensions.http.fastapi import Request, Response

from simulator.factory import create_simulator
from simulator.settings import Settings, load_environment
from simulator.web import serve

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
settings = Settings.from_env(load_environment(Path(__file__).parent))
simulator = create_simulator(settings)


async def answer(req: Request) -> Response:
    return await serve(simulator, req)
