"""A tenant of Entra as far as a resource sees it: tokens, and an address that has its signing keys."""

import json
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from pytest_httpserver import HTTPServer

TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"
AUDIENCE = "https://cognitiveservices.azure.com"


class SigningKey:
    """A private key of 2048 bits and what is published of it."""

    def __init__(self, key_id: str) -> None:
        self.id = key_id
        self.private = rsa.generate_private_key(65537, 2048)

    @property
    def published(self) -> dict[str, Any]:
        # As Entra does, without the algorithm.
        key = RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        key.pop("key_ops")
        return {**key, "kid": self.id, "use": "sig"}


class EntraTenant:
    """Publishes `keys` on the server; the first one signs."""

    def __init__(self, server: HTTPServer, *keys: SigningKey) -> None:
        self.server = server
        self.keys = list(keys)
        self.authority = server.url_for("").rstrip("/")
        self.publish()

    @property
    def address(self) -> str:
        return f"{self.authority}/{TENANT}/discovery/v2.0/keys"

    @property
    def looks(self) -> int:
        """How often somebody has looked at the keys."""
        return len(self.server.log)

    def publish(self) -> None:
        self.answer({"keys": [key.published for key in self.keys]})

    def answer(self, document: object, status: int = 200) -> None:
        self.server.clear_all_handlers()
        handler = self.server.expect_request(f"/{TENANT}/discovery/v2.0/keys")
        handler.respond_with_data(json.dumps(document), status)

    def token(
        self,
        *,
        key: Any = None,
        algorithm: str = "RS256",
        key_id: str | None = None,
        without: str = "",
        **claims: object,
    ) -> str:
        """A token of version 1 as Entra makes them, but for the claims given."""
        now = int(time.time())
        made = {
            "aud": AUDIENCE,
            "iss": f"https://sts.windows.net/{TENANT}/",
            "iat": now,
            "nbf": now,
            "exp": now + 3600,
            "sub": "somebody",
            "tid": TENANT,
            "ver": "1.0",
            **claims,
        }
        made.pop(without, None)
        signer = self.keys[0].private if key is None else key
        header = {"kid": self.keys[0].id if key_id is None else key_id}
        return jwt.encode(made, signer, algorithm, headers=header)
