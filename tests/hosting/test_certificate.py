"""The certificate of the local host."""

import ssl
import stat
from pathlib import Path

import pytest

from simulator.hosting.certificate import NAMES, self_signed


def test_a_certificate_is_made_once(tmp_path: Path) -> None:
    first = self_signed(tmp_path / "data").chain.read_bytes()
    assert self_signed(tmp_path / "data").chain.read_bytes() == first


def test_other_names_renew_it_and_its_authority_stays(tmp_path: Path) -> None:
    made = self_signed(tmp_path)
    assert made.authority is not None
    chain, authority = made.chain.read_bytes(), made.authority.read_bytes()
    self_signed(tmp_path, (*NAMES, "eastus2.localhost"))
    assert made.chain.read_bytes() != chain
    assert made.authority.read_bytes() == authority


def test_a_lost_key_is_made_anew(tmp_path: Path) -> None:
    made = self_signed(tmp_path)
    made.key.unlink()
    self_signed(tmp_path)
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(made.chain, made.key)


@pytest.mark.parametrize("name", ["ca.key", "server.key"])
def test_private_keys_are_for_their_owner_alone(tmp_path: Path, name: str) -> None:
    self_signed(tmp_path)
    assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_who_trusts_it_still_trusts_the_public_authorities(tmp_path: Path) -> None:
    made = self_signed(tmp_path)
    assert made.trusted is not None
    context = ssl.create_default_context(cafile=str(made.trusted))
    assert len(context.get_ca_certs()) > 50
