"""The authority and the certificates that it signs, as OpenSSL and a strict TLS client see them."""

import asyncio
import os
import ssl
import stat
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from support.certificates import MACHINE, NOW, certified, openssl_verify

from backend.errors import CannotStart, DataUnusable
from backend.tls.addresses import MachineNames, host_label, machine_names
from backend.tls.authority import AUTHORITY, read_or_make_authority
from backend.tls.https_config import prepare_lan
from backend.tls.leaf import make_leaf
from backend.tls.supplied_certificate import check_pair


@pytest.mark.parametrize(
    "option",
    [
        *(["-verify_hostname", name] for name in ("studio.local", "studio.lan", "studio.home.arpa", "localhost")),
        *(["-verify_ip", address] for address in ("192.168.7.20", "fd00::7", "127.0.0.1", "::1")),
    ],
    ids=lambda option: option[1],
)
def test_openssl_accepts_the_certificate_for_each_name_and_address(tmp_path: Path, option: list[str]) -> None:
    _, leaf = certified(tmp_path)
    accepted, said = openssl_verify(tmp_path, leaf, *option)
    assert accepted, said


@pytest.mark.parametrize("option", [["-verify_hostname", "other.local"], ["-verify_ip", "192.168.7.21"]], ids=lambda o: o[1])
def test_openssl_refuses_it_for_others(tmp_path: Path, option: list[str]) -> None:
    _, leaf = certified(tmp_path)
    assert not openssl_verify(tmp_path, leaf, *option)[0]


@pytest.mark.parametrize("machine", [MachineNames("evil", ("93.184.216.34",)), MachineNames("evil", ("2606:2800::1",))], ids=str)
def test_no_certificate_for_a_public_address_is_accepted(tmp_path: Path, machine: MachineNames) -> None:
    authority, _ = certified(tmp_path)
    leaf = tmp_path / "evil.pem"
    leaf.write_bytes(make_leaf(authority, machine, NOW))
    accepted, said = openssl_verify(tmp_path, leaf)
    assert not accepted
    assert "permitted subtree violation" in said


def test_no_certificate_for_a_public_name_is_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority, _ = certified(tmp_path)
    monkeypatch.setattr(MachineNames, "domain_names", ("bank.example.com",))
    leaf = tmp_path / "evil.pem"
    leaf.write_bytes(make_leaf(authority, MACHINE, NOW))
    accepted, said = openssl_verify(tmp_path, leaf, "-verify_hostname", "bank.example.com")
    assert not accepted
    assert "permitted subtree violation" in said


def test_the_certificate_has_the_form_that_ios_and_android_accept(tmp_path: Path) -> None:
    _, path = certified(tmp_path)
    leaf = x509.load_pem_x509_certificate(path.read_bytes())
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc <= timedelta(days=398)
    assert leaf.not_valid_before_utc <= NOW - timedelta(days=1), "for phones whose clock is behind"
    usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [x509.oid.ExtendedKeyUsageOID.SERVER_AUTH]
    assert leaf.signature_hash_algorithm is not None
    assert leaf.signature_hash_algorithm.name == "sha256"
    assert leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False


def test_keys_are_readable_by_their_owner_only_and_become_so_again(tmp_path: Path) -> None:
    os.umask(os.umask(0))  # the files do not depend on it
    _, leaf = certified(tmp_path / "tls")
    authority = tmp_path / "tls" / AUTHORITY
    for path in (authority, leaf):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "tls").stat().st_mode) == 0o700
    authority.chmod(0o644)
    certified(tmp_path / "tls")
    assert stat.S_IMODE(authority.stat().st_mode) == 0o600


def test_nothing_is_created_again_without_need(tmp_path: Path) -> None:
    authority, leaf = certified(tmp_path)
    before = leaf.read_bytes()
    again, _ = certified(tmp_path, now=NOW + timedelta(days=300))
    assert again.fingerprint == authority.fingerprint
    assert leaf.read_bytes() == before


@pytest.mark.parametrize(
    ("machine", "later"),
    [
        (MachineNames("studio", ("192.168.7.21", "fd00::7")), timedelta(0)),
        (MachineNames("other", ("192.168.7.20", "fd00::7")), timedelta(0)),
        (MACHINE, timedelta(days=397 - 1 - 29)),
        (MACHINE, timedelta(days=3000)),
        (MACHINE, -timedelta(days=2)),
    ],
    ids=["address", "name", "30 days before the end", "long after the end", "before it began"],
)
def test_the_certificate_is_renewed_by_the_same_authority(tmp_path: Path, machine: MachineNames, later: timedelta) -> None:
    authority, leaf = certified(tmp_path)
    before = leaf.read_bytes()
    again, _ = certified(tmp_path, machine, NOW + later)
    assert again.fingerprint == authority.fingerprint
    assert leaf.read_bytes() != before
    if later >= timedelta(0):
        assert openssl_verify(tmp_path, leaf, at=NOW + later)[0]


def test_a_damaged_certificate_is_replaced_and_a_foreign_one_too(tmp_path: Path) -> None:
    _, leaf = certified(tmp_path)
    _, foreign = certified(tmp_path / "other")
    for content in (b"", b"-----BEGIN CERTIFICATE-----\nnonsense", foreign.read_bytes()):
        leaf.write_bytes(content)
        certified(tmp_path)
        assert openssl_verify(tmp_path, leaf)[0]


def test_a_damaged_authority_is_never_replaced_silently(tmp_path: Path) -> None:
    certified(tmp_path)
    whole = (tmp_path / AUTHORITY).read_bytes()
    other = tmp_path / "other"
    certified(other)
    certificate = whole.index(b"-----BEGIN CERTIFICATE")
    for content in (b"", whole[: len(whole) // 2], whole[:certificate] + (other / AUTHORITY).read_bytes()[certificate:]):
        (tmp_path / AUTHORITY).write_bytes(content)
        with pytest.raises(DataUnusable, match="every phone must trust anew"):
            read_or_make_authority(tmp_path, "studio", NOW)
        assert (tmp_path / AUTHORITY).read_bytes() == content


def test_an_authority_is_replaced_before_its_end(tmp_path: Path) -> None:
    authority, _ = certified(tmp_path)
    later = NOW + timedelta(days=3650 - 20)
    again, leaf = certified(tmp_path, now=later)
    assert again.fingerprint != authority.fingerprint
    assert openssl_verify(tmp_path, leaf, at=later)[0]


@pytest.mark.parametrize(
    ("hostname", "label"),
    [
        ("Studio", "studio"),
        ("my_box.lan", "my-box"),
        ("Лаптоп", "model-studio"),
        ("", "model-studio"),
        ("a" * 70, "a" * 63),
    ],
)
def test_a_host_name_becomes_a_label(hostname: str, label: str) -> None:
    assert host_label(hostname) == label


@contextmanager
def answering(leaf: Path) -> Iterator[int]:
    """A TLS server on the loopback interface; yields its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(leaf)
    loop = asyncio.new_event_loop()

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        writer.close()

    server = loop.run_until_complete(asyncio.start_server(greet, "127.0.0.1", 0, ssl=context))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


def test_a_strict_client_connects_with_the_authority_and_refuses_without(tmp_path: Path) -> None:
    https = prepare_lan(tmp_path, "127.0.0.1", 8443, 8444, lambda: MACHINE)
    with answering(https.certificate) as port:
        command = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-verify_return_error", "-x509_strict"]
        command += ["-verify_ip", "127.0.0.1"]
        authority = str(tmp_path / "tls" / "ca.crt")
        trusting = subprocess.run([*command, "-CAfile", authority], input=b"", capture_output=True, timeout=30, check=False)
        assert b"Verify return code: 0 (ok)" in trusting.stdout, trusting.stderr
        doubting = subprocess.run(command, input=b"", capture_output=True, timeout=30, check=False)
        assert doubting.returncode != 0


def test_a_certificate_from_elsewhere_is_checked_before_the_start(tmp_path: Path) -> None:
    _, leaf = certified(tmp_path)
    assert check_pair(leaf, leaf) == MACHINE.domain_names
    _, other = certified(tmp_path / "other")
    with pytest.raises(CannotStart, match="cannot be used"):
        check_pair(leaf, other)
    with pytest.raises(CannotStart, match="does not exist"):
        check_pair(leaf, tmp_path / "none.key")


def test_the_addresses_of_this_machine_are_private() -> None:
    machine = machine_names()
    assert "127.0.0.1" not in machine.addresses
    assert set(machine.certified_addresses) >= {"127.0.0.1", "::1"}
