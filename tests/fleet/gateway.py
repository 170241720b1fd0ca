"""A gateway as people put it in front of several resources: back ends by priority, and a circuit
breaker that stays open for as long as `retry-after` says.
"""

import contextlib
import threading
import time
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx2

_PASSED_ON = ("x-ms-region", "content-type", "retry-after")


class Gateway(ThreadingHTTPServer):
    """Sends each request to the first back end whose breaker is closed; what none takes is the last
    answer's.
    """

    daemon_threads = True

    def __init__(self, back_ends: Sequence[str], key: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._open_until = dict.fromkeys(back_ends, 0.0)
        self._key = key
        self._http = httpx2.Client(timeout=10)
        self._turn = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def forward(self, path: str, body: bytes) -> httpx2.Response | None:
        answer = None
        for back_end in self._open_until:
            with self._turn:
                if time.monotonic() < self._open_until[back_end]:
                    continue
            headers = {"api-key": self._key, "content-type": "application/json"}
            answer = self._http.post(f"{back_end}{path}", content=body, headers=headers)
            if answer.status_code not in (429, 503):
                return answer
            wait = float(answer.headers.get("retry-after", "1"))
            with self._turn:
                self._open_until[back_end] = time.monotonic() + wait
        return answer

    def server_close(self) -> None:
        super().server_close()
        self._http.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Gateway

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        answer = self.server.forward(self.path, body)
        content = b"{}" if answer is None else answer.content
        self.send_response(429 if answer is None else answer.status_code)
        for name in _PASSED_ON:
            if answer is not None and name in answer.headers:
                self.send_header(name, answer.headers[name])
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Leave the console to the tests."""


@contextlib.contextmanager
def gateway(back_ends: Sequence[str], key: str) -> Iterator[str]:
    server = Gateway(back_ends, key)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.url
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
