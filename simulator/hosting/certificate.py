"""The certificate with which the local host serves https, made once and stored in the user's folder."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

NAMES = ("localhost", "127.0.0.1", "::1")
"""The names of this machine, for which every certificate is good."""


class Certificate(NamedTuple):
    """The files of a certificate. `trusted` holds whom a client has to trust; empty if nobody
    knows, because the certificate is the user's own."""

    chain: Path
    key: Path
    trusted: Path | None = None
    authority: Path | None = None


def user_folder() -> Path:
    """Return the folder in which this user's certificate is stored."""
    import platformdirs  # needed with --tls only, as the libraries below

    return platformdirs.user_data_path("azure-openai-simulator", appauthor=False)


def self_signed(folder: Path, names: Sequence[str] = NAMES) -> Certificate:
    """Return the certificate stored in the folder; make one if there is none for just these names.

    The authority that signs it is made once, so a client that trusts it also trusts the next one.
    `trusted` holds the public authorities, too: a client that is pointed at it still reaches others.
    """
    import certifi

    made = Certificate(
        folder / "server.pem", folder / "server.key", folder / "trusted.pem", folder / "ca.pem"
    )
    for_names = folder / "names.txt"
    wanted = "\n".join(sorted(names))
    stored = for_names.read_text("utf-8") if for_names.is_file() else ""
    if stored != wanted or not all(file.is_file() for file in (made.chain, made.key)):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _issue(folder, names, made)
        for_names.write_text(wanted, encoding="utf-8")
    public = Path(certifi.where()).read_bytes()
    _write(folder / "trusted.pem", public + (folder / "ca.pem").read_bytes())
    return made


def _issue(folder: Path, names: Sequence[str], made: Certificate) -> None:
    import trustme

    certificate, key = folder / "ca.pem", folder / "ca.key"
    if certificate.is_file() and key.is_file():
        authority = trustme.CA.from_pem(certificate.read_bytes(), key.read_bytes())
    else:
        authority = trustme.CA(organization_name="Azure OpenAI API Simulator")
        _write(key, authority.private_key_pem.bytes(), private=True)
        _write(certificate, authority.cert_pem.bytes())
    issued = authority.issue_cert(*names, common_name=names[0])
    _write(made.key, issued.private_key_pem.bytes(), private=True)
    _write(made.chain, b"".join(part.bytes() for part in issued.cert_chain_pems))


def _write(path: Path, content: bytes, *, private: bool = False) -> None:
    """Replace a file in one step; a private one is readable for its owner alone from the start."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    mode = 0o600 if private else 0o644
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
    part.replace(path)
