"""Which endpoints the server calls: https at a name of the public internet, and nothing that leads elsewhere."""

import asyncio
import socket
from typing import Any

import pytest

from backend.errors import InvalidRequest, PushServiceUnreachable
from backend.notifications.endpoints import is_public, public_addresses, read_endpoint

GOOD = "https://push.example.com/send/abc?d=1"


def test_an_endpoint_is_read() -> None:
    endpoint = read_endpoint(GOOD)
    assert (endpoint.host, endpoint.port, endpoint.target) == ("push.example.com", 443, "/send/abc?d=1")
    assert endpoint.origin == "https://push.example.com"
    assert read_endpoint("https://PUSH.example.com:8443").origin == "https://push.example.com:8443"
    assert read_endpoint("https://push.example.com").target == "/"
    assert read_endpoint("https://a.xn--p1ai/x").host == "a.xn--p1ai"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "push.example.com/x",
        "http://push.example.com/x",
        "ftp://push.example.com/x",
        "file:///etc/passwd",
        "https:///x",
        "https://localhost/x",
        "https://localhost:8443/x",
        "https://localhost./x",
        "https://push.example.com./x",
        "https://router/x",
        "https://127.0.0.1/x",
        "https://127.1/x",
        "https://2130706433/x",
        "https://0x7f000001/x",
        "https://0x7f.1/x",
        "https://0177.0.0.1/x",
        "https://10.0.0.1.2/x",
        "https://[::1]/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://[fe80::1%25eth0]/x",
        "https://8.8.8.8/x",
        "https://[2001:4860:4860::8888]/x",
        "https://user@push.example.com/x",
        "https://user:secret@push.example.com/x",
        "https://push.example.com@127.0.0.1/x",
        "https://127.0.0.1#@push.example.com/x",
        "https://127.0.0.1\\@push.example.com/x",
        "https://push.example.com/x#fragment",
        "https://push.example.com/x#",
        "https://push.example.com:0/x",
        "https://push.example.com:65536/x",
        "https://push.example.com:port/x",
        "https://push.example.com/x y",
        "https://push.example.com/x\r\nHost: other",
        "https://push.example.com\t/x",
        "https://püsh.example.com/x",
        "https://push.example.com/ü",
        "https://-push.example.com/x",
        "https://push..example.com/x",
        f"https://{'a' * 64}.example.com/x",
        f"https://{'a.' * 130}com/x",
        "https://[::1/x",
    ],
)
def test_another_address_is_refused(url: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read_endpoint(url)
    assert refused.value.errors[0]["pointer"] == "/endpoint"


def test_localhost_is_accepted_in_tests_only() -> None:
    assert read_endpoint("https://localhost:8443/x", allow_loopback=True).origin == "https://localhost:8443"
    for url in ("https://127.0.0.1/x", "https://router/x", "http://localhost/x"):
        with pytest.raises(InvalidRequest):
            read_endpoint(url, allow_loopback=True)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "142.250.1.188", "2001:4860:4860::8888", "2a00:1450:4001::200e", "64:ff9b::808:808"]
)
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.0", "0.1.2.3", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1"),
        *("172.31.255.255", "192.0.0.8", "192.0.0.9", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1"),
        *("203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:a00:1", "::ffff:0:127.0.0.1"),
        *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b::c0a8:101", "64:ff9b:1::808:808", "100::1"),
        *("2001::1", "2001:0:7f00:1::1", "2001:db8::1", "2001:10::1", "2002:7f00:1::1", "2002:c0a8:101::1"),
        *("fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%eth0", "2a00:1450:4001::200e%eth0", "fec0::1", "ff02::1", "ff0e::1"),
        *("", "push.example.com", "127.1", "8.8.8.8/32"),
    ],
)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Let every name resolve to these addresses."""

    def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


def addresses_of(url: str, *, allow_loopback: bool = False) -> list[str]:
    endpoint = read_endpoint(url, allow_loopback=allow_loopback)
    return asyncio.run(public_addresses(endpoint, allow_loopback=allow_loopback))


def test_a_name_is_resolved_to_the_addresses_that_are_called(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, "8.8.8.8", "8.8.8.8", "8.8.4.4", *(f"9.9.9.{last}" for last in range(9)))
    assert addresses_of(GOOD) == ["8.8.8.8", "8.8.4.4", "9.9.9.0", "9.9.9.1"]


def test_ipv6_and_ipv4_are_tried_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, "2a00::1", "2a00::2", "2a00::3", "8.8.8.8", "8.8.4.4")
    assert addresses_of(GOOD) == ["2a00::1", "8.8.8.8", "2a00::2", "8.8.4.4"]
    resolving(monkeypatch, "8.8.8.8", "2a00::1", "2a00::2")
    assert addresses_of(GOOD) == ["8.8.8.8", "2a00::1", "2a00::2"]


@pytest.mark.parametrize(
    "addresses", [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["169.254.169.254"], ["::ffff:10.0.0.1"], ["8.8.8.8"] * 20 + ["::1"]]
)
def test_a_name_of_which_any_address_is_not_public_is_refused(monkeypatch: pytest.MonkeyPatch, addresses: list[str]) -> None:
    resolving(monkeypatch, *addresses)
    with pytest.raises(InvalidRequest, match="not on the public internet"):
        addresses_of(GOOD)


def test_the_setting_of_tests_allows_loopback_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, "127.0.0.1")
    assert addresses_of("https://localhost/x", allow_loopback=True) == ["127.0.0.1"]
    resolving(monkeypatch, "10.0.0.1")
    with pytest.raises(InvalidRequest):
        addresses_of("https://localhost/x", allow_loopback=True)


def test_a_name_that_does_not_resolve_is_no_fault_of_the_phone(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> list[Any]:
        raise socket.gaierror(socket.EAI_AGAIN, "try again")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(PushServiceUnreachable, match=r"push\.example\.com"):
        addresses_of(GOOD)
    resolving(monkeypatch)
    with pytest.raises(PushServiceUnreachable):
        addresses_of(GOOD)
