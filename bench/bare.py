"""The yardstick: bare Starlette, with the server and the options that the simulator has."""

import asyncio
import sys
from collections.abc import AsyncIterator

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route


async def plain(request: Request) -> Response:
    """Reads the body and answers as many bytes as the path says."""
    await request.body()
    return Response(b"x" * request.path_params["size"], media_type="application/json")


async def stream(request: Request) -> Response:
    """Reads the body and answers as many events of as many bytes as the path says."""
    await request.body()
    event = b"x" * request.path_params["size"]

    async def events() -> AsyncIterator[bytes]:
        for _ in range(request.path_params["events"]):
            yield event

    return StreamingResponse(events(), media_type="text/event-stream")


async def paced(request: Request) -> Response:
    """Reads the body and answers as many events, each so many milliseconds after the one before."""
    await request.body()
    event, between = b"x" * request.path_params["size"] + b"\n\n", request.path_params["between"]

    async def events() -> AsyncIterator[bytes]:
        for _ in range(request.path_params["events"]):
            await asyncio.sleep(between / 1000)
            yield event

    return StreamingResponse(events(), media_type="text/event-stream")


async def root(request: Request) -> Response:
    del request
    return Response(b"{}", media_type="application/json")


app = Starlette(
    routes=[
        Route("/", root),
        Route("/plain/{size:int}", plain, methods=["POST"]),
        Route("/stream/{events:int}/{size:int}", stream, methods=["POST"]),
        Route("/paced/{events:int}/{size:int}/{between:int}", paced, methods=["POST"]),
    ]
)


def main(port: int) -> None:
    config = uvicorn.Config(
        app,
        port=port,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
    )
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(uvicorn.Server(config).serve())


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]))
    except KeyboardInterrupt:
        sys.exit(0)
