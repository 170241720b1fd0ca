"""The Functions host's side of the real worker library, as a program of its own.

`worker.py serve` indexes the app and serves it through the worker on a free port, which it prints;
`worker.py soak N` sends N requests through the worker and prints by how many bytes it grew. A program
of its own, because the library keeps its state in globals and starts a server that never ends.
"""

import asyncio
import gc
import json
import os
import resource
import socket
import sys
import uuid
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import azure_functions_runtime as runtime
import httpx2
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from uvicorn.config import STARTUP_FAILURE

from simulator.hosting.local_host import create_server
from simulator.hosting.triggers import HttpTrigger, Triggers, read_triggers

ROOT = Path(__file__).parents[2]
INVOCATION = "x-ms-invocation-id"
_STARTS, _MOST_STARTS = "STARTS_OF_THE_WORKER", 5


class Message(SimpleNamespace):
    """Stands in for a protobuf message: keeps what it is given."""

    def WhichOneof(self, group: str) -> str:  # noqa: N802 - protobuf's name
        return self.oneof[group]


SUCCESS = 1


class Protos:
    """Stands in for the worker's protobuf module, whose messages the library only fills in."""

    BindingInfo = type(
        "BindingInfo",
        (Message,),
        {
            "undefined": 0,
            "string": 1,
            "binary": 2,
            "stream": 3,
            "in": 0,
            "out": 1,
            "inout": 2,
            "DataType": SimpleNamespace(Value=lambda name: name),
        },
    )
    StatusResult = type("StatusResult", (Message,), {"Failure": 0, "Success": SUCCESS})

    def __getattr__(self, name: str) -> type[Message]:
        return Message


class Worker:
    """The worker with the app indexed. `uri` is its own HTTP server."""

    def __init__(self) -> None:
        self._properties = {"protos": Protos(), "host": "127.0.0.1"}
        self.uri = ""
        self.functions: list[Any] = []

    async def start(self) -> None:
        runtime.start_threadpool_executor()
        init = SimpleNamespace(capabilities={}, function_app_directory=str(ROOT))
        answer = await runtime.worker_init_request(self._message(worker_init_request=init))
        if answer.result.status != SUCCESS:
            sys.exit(answer.result.exception.message)
        self.uri = answer.capabilities["HttpUri"]
        found = await runtime.functions_metadata_request(self._message())
        self.functions = found.function_metadata_results
        await self._listening()

    async def invoke(self, function_id: str, invocation_id: str, binding: Message) -> Any:
        trace = SimpleNamespace(trace_parent="", trace_state="", attributes={})
        retry = SimpleNamespace(retry_count=0, max_retry_count=0, exception=None)
        request = SimpleNamespace(
            invocation_id=invocation_id,
            function_id=function_id,
            input_data=[binding],
            trigger_metadata={},
            trace_context=trace,
            retry_context=retry,
        )
        return await runtime.invocation_request(self._message(invocation_request=request))

    def triggers(self) -> Triggers:
        """The app's triggers, as the worker has indexed them."""
        return read_triggers(_Indexed(function) for function in self.functions)

    def _message(self, **request: Any) -> SimpleNamespace:
        return SimpleNamespace(request=SimpleNamespace(**request), properties=self._properties)

    async def _listening(self) -> None:
        address = urlsplit(self.uri)
        for _ in range(100):
            try:
                _, writer = await asyncio.open_connection(address.hostname, address.port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return


def http_input(path_parameters: dict[str, str]) -> Message:
    """What the host tells the worker of a request; the request itself goes over HTTP."""
    body = Message(oneof={"data": "bytes"}, bytes=b"")
    http = Message(method="", url="", headers={}, query={}, params=path_parameters, body=body)
    data = Message(oneof={"data": "http"}, http=http)
    return Message(name="req", oneof={"rpc_data": "data"}, data=data)


def timer_input(parameter: str) -> Message:
    state = json.dumps({"IsPastDue": False, "Schedule": {}, "ScheduleStatus": None})
    data = Message(oneof={"data": "json"}, json=state)
    return Message(name=parameter, oneof={"rpc_data": "data"}, data=data)


class _Indexed:
    """A function that the worker has indexed, in the form in which the app itself lists it."""

    def __init__(self, metadata: Any) -> None:
        self._metadata = metadata

    def get_function_name(self) -> str:
        return self._metadata.name

    def get_raw_bindings(self) -> list[str]:
        return self._metadata.raw_bindings

    def get_user_function(self) -> Any:
        async def function(req: Request) -> None:
            del req

        return function


class Front:
    """Routes as the host does, and hands each request to the worker twice: as invocation and HTTP."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._ids = {function.name: function.function_id for function in worker.functions}
        self._http = httpx2.AsyncClient(base_url=worker.uri, timeout=30)

    def triggers(self) -> Triggers:
        listed = HttpTrigger("list", "admin/functions", frozenset({"GET"}), self._list)
        forwarding = [
            HttpTrigger(trigger.name, trigger.template, trigger.methods, self._forward(trigger))
            for trigger in self._worker.triggers().http
        ]
        fired = HttpTrigger("fire", "admin/functions/{name}", frozenset({"POST"}), self._fire)
        return Triggers((listed, fired, *forwarding), ())

    async def _list(self, request: Request) -> Response:
        del request
        return JSONResponse(
            {
                function.name: list(map(json.loads, function.raw_bindings))
                for function in self._worker.functions
            }
        )

    async def _fire(self, request: Request) -> Response:
        """Runs a timer now, as the host does when it is told to at this path."""
        name = request.path_params["name"]
        (function,) = (found for found in self._worker.functions if found.name == name)
        parameter = json.loads(function.raw_bindings[0])["name"]
        answer = await self._worker.invoke(
            function.function_id, str(uuid.uuid4()), timer_input(parameter)
        )
        failed = answer.result.status != SUCCESS
        return Response(answer.result.exception.message if failed else "", 500 if failed else 202)

    def _forward(self, trigger: HttpTrigger) -> Any:
        async def forward(request: Request) -> Response:
            invocation_id = str(uuid.uuid4())
            headers = [*request.headers.raw, (INVOCATION.encode(), invocation_id.encode())]
            target = httpx2.URL(
                self._worker.uri,
                raw_path=request.scope["raw_path"] + b"?" + request.scope["query_string"],
            )
            sent = self._http.build_request(
                request.method, target, headers=headers, content=await request.body()
            )
            invocation = asyncio.create_task(
                self._worker.invoke(
                    self._ids[trigger.name], invocation_id, http_input(dict(request.path_params))
                )
            )
            answer = await self._http.send(sent, stream=True)
            await invocation
            response = StreamingResponse(answer.aiter_raw(), status_code=answer.status_code)
            response.raw_headers = answer.headers.raw
            return response

        return forward


async def serve() -> None:
    worker = Worker()
    await worker.start()
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    await create_server(Front(worker).triggers(), grace=1).serve([listener])


async def soak(requests: int, connections: int = 16) -> None:
    worker = Worker()
    await worker.start()
    function_id = next(f.function_id for f in worker.functions if f.name == "catch_all")

    async def client(count: int) -> None:
        address = urlsplit(worker.uri)
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        for _ in range(count):
            invocation_id = str(uuid.uuid4())
            head = f"GET / HTTP/1.1\r\nhost: localhost\r\n{INVOCATION}: {invocation_id}\r\n\r\n"
            writer.write(head.encode())
            invocation = asyncio.create_task(
                worker.invoke(function_id, invocation_id, http_input({"path": ""}))
            )
            answered = await reader.readuntil(b"\r\n\r\n")
            length = int(answered.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
            await reader.readexactly(length)
            await invocation
        writer.close()

    async def clients(total: int) -> int:
        await asyncio.gather(*(client(total // connections) for _ in range(connections)))
        gc.collect()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024

    before = await clients(2_000)
    print(await clients(requests) - before, flush=True)


def _begin_anew() -> None:
    """Replace this process, a few times at most: the worker looks for a free port, lets go of it and then
    listens there, and another program may have taken it meanwhile."""
    starts = int(os.environ.get(_STARTS, "1"))
    if starts < _MOST_STARTS:
        os.environ[_STARTS] = str(starts + 1)
        os.execv(sys.executable, [sys.executable, *sys.argv])  # noqa: S606 - this program


if __name__ == "__main__":
    try:
        asyncio.run(serve() if sys.argv[1] == "serve" else soak(int(sys.argv[2])))
    except SystemExit as stopped:
        if stopped.code == STARTUP_FAILURE:
            _begin_anew()
        raise
