"""Access tokens of an Entra tenant: which of them let in."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

import jwt

from simulator.authentication.signing_keys import SigningKeys
from simulator.errors import TokenMissing

# Seconds by which the clocks of Entra and of the simulator may differ.
_LEEWAY = 60
_ALGORITHM = "RS256"
_CLAIMS = ("exp", "nbf", "iss", "aud")
# The cloud of China has an issuer of its own for tokens of version 1 (Microsoft's documentation).
_ISSUERS = {
    "login.chinacloudapi.cn": "sts.chinacloudapi.cn",
    "login.partner.microsoftonline.cn": "sts.chinacloudapi.cn",
}


_WHY: dict[type[jwt.PyJWTError], str] = {
    jwt.ExpiredSignatureError: "it has expired",
    jwt.ImmatureSignatureError: "it is not valid yet",
    jwt.InvalidAudienceError: "its audience is not one of SIMULATOR_ENTRA_AUDIENCE",
    jwt.InvalidIssuerError: "its issuer is not the tenant",
    jwt.InvalidSignatureError: "its signature is wrong",
}


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant, by the lower-case GUID that is its id, at the sign-in address of its cloud."""

    id: str
    authority: str

    @property
    def keys_address(self) -> str:
        return f"{self._address}/discovery/v2.0/keys"

    @property
    def issuers(self) -> tuple[str, ...]:
        """The tenant's issuer names in tokens of version 1 and of version 2."""
        first = _ISSUERS.get(urlsplit(self.authority).netloc, "sts.windows.net")
        return f"https://{first}/{self.id}/", f"{self._address}/v2.0"

    @property
    def _address(self) -> str:
        return f"{self.authority.rstrip('/')}/{self.id}"


class EntraTokens:
    """Lets in whoever has a token that the tenant has signed, for one of the audiences, in its time."""

    def __init__(self, tenant: Tenant, audiences: Iterable[str], keys: SigningKeys) -> None:
        bare = [audience.rstrip("/") for audience in audiences]
        self._audiences = [*bare, *(f"{audience}/" for audience in bare)]
        self._issuers = list(tenant.issuers)
        self._keys = keys

    async def check(self, token: str) -> None:
        """Raises `TokenMissing`, or `Unavailable` if there are no keys to check with."""
        try:
            header = jwt.get_unverified_header(token)
            # Nobody is to make the simulator look for keys with what no tenant would sign.
            if header.get("alg") != _ALGORITHM:
                raise TokenMissing(f"its algorithm is not {_ALGORITHM}")
            key = await self._keys.find(header.get("kid", ""))
            if key is None or key.key_type != "RSA":
                raise TokenMissing("no key of the tenant has signed it (tenant or signature)")
            jwt.decode(
                token,
                key,
                algorithms=[_ALGORITHM],
                audience=self._audiences,
                issuer=self._issuers,
                leeway=_LEEWAY,
                options={"require": list(_CLAIMS)},
            )
        except jwt.PyJWTError as error:
            raise TokenMissing(_why(error)) from None


def _why(error: jwt.PyJWTError) -> str:
    """Return the claim at fault, for whoever set the client up."""
    for kind, why in _WHY.items():
        if isinstance(error, kind):
            return why
    return "it is not a token, or lacks a claim"
