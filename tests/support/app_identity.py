"""What an app on Azure finds around it: an endpoint for tokens of its identity, and blobs that take them."""

import json
import re
import ssl
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import jwt

from simulator.hosting.certificate import NAMES, Certificate, self_signed
from tests.support import azurite

TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"
LIFETIME = 3600
"""Seconds."""
SECRET = "the-header-of-the-endpoint"


def token(resource: str) -> str:
    """A token as Entra makes it; its signature is checked by nobody here."""
    now = int(time.time())
    claims = {"iss": f"https://sts.windows.net/{TENANT}/", "aud": resource.rstrip("/")}
    times = {"iat": now - 60, "nbf": now - 60, "exp": now + LIFETIME}
    return jwt.encode({**claims, **times}, "a signature that nobody checks, 32 bytes", "HS256")


@dataclass(slots=True)
class IdentityEndpoint:
    """Gives tokens to whoever sends the header, as App Service does; `asked` is for what and whom."""

    client_id: str
    port: int = 0
    asked: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    @property
    def environment(self) -> dict[str, str]:
        """What the platform sets for an app that has an identity."""
        address = f"http://127.0.0.1:{self.port}/msi/token"
        return {"IDENTITY_ENDPOINT": address, "IDENTITY_HEADER": SECRET}

    def answer(self, query: str, header: str) -> tuple[int, dict[str, str]]:
        parts = dict(urllib.parse.parse_qsl(query))
        resource, client_id = parts.get("resource", ""), parts.get("client_id", "")
        self.asked.append((resource, client_id))
        if header != SECRET or client_id != self.client_id:
            return 400, {"statusCode": "400", "message": "No managed identity was found."}
        known = {"resource": resource, "client_id": client_id, "token_type": "Bearer"}
        expires = str(int(time.time()) + LIFETIME)
        return 200, {"access_token": token(resource), "expires_on": expires, **known}


@contextmanager
def identity_endpoint(client_id: str) -> Generator[IdentityEndpoint]:
    """The endpoint while it serves on a free port."""
    endpoint = IdentityEndpoint(client_id)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = self.path.partition("?")[2]
            status, document = endpoint.answer(query, self.headers.get("X-IDENTITY-HEADER", ""))
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as above
            del format, args

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        endpoint.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield endpoint
        finally:
            server.shutdown()


@dataclass(frozen=True, slots=True)
class SecureBlobs:
    """Azurite over https that takes tokens; `host` is the name of the account's blobs on Azure."""

    host: str
    port: int
    certificate: Certificate

    def names(self, container: str) -> list[str]:
        """What a container holds, listed with a token as well."""
        account = self.host.partition(".")[0]
        path = f"{account}/{container}?restype=container&comp=list"
        headers = {
            "authorization": f"Bearer {token('https://storage.azure.com')}",
            "x-ms-version": "2025-05-05",
        }
        request = urllib.request.Request(f"https://127.0.0.1:{self.port}/{path}", headers=headers)
        trusted = ssl.create_default_context(cafile=str(self.certificate.authority))
        with urllib.request.urlopen(request, timeout=30, context=trusted) as response:  # noqa: S310
            return re.findall("<Name>(.*?)</Name>", response.read().decode())


@contextmanager
def secure_blobs(account: str, folder: Path) -> Generator[SecureBlobs]:
    """The emulator while it runs, with this account alone."""
    host = f"{account}.blob.core.windows.net"
    made = self_signed(folder, (*NAMES, host))
    port = azurite.free_port()
    process = azurite.start(
        port,
        *("--oauth", "basic", "--cert", str(made.chain), "--key", str(made.key)),
        AZURITE_ACCOUNTS=f"{account}:{azurite.KEY}",
    )
    try:
        yield SecureBlobs(host, port, made)
    finally:
        azurite.stop(process)
