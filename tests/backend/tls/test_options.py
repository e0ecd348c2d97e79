"""The options of `serve` for address, certificate, proxy and pairing: without https only loopback is allowed."""

from pathlib import Path

import pytest
from support.certificates import certified

from backend.cli import main
from backend.settings import Settings


def read(*options: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[Settings, str, int, object]:
    served: list[tuple[Settings, str, int, object]] = []
    monkeypatch.setattr("backend.serve.serve", lambda *given: served.append(given) or 0)
    assert main(["serve", "--data-dir", str(tmp_path / "data"), *options]) == 0
    return served[0]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.7.20"])
def test_another_host_without_https_is_refused_with_a_hint(host: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--data-dir", str(tmp_path), "--host", host]) == 2
    said = capsys.readouterr().err
    assert "make phone" in said
    assert "--trusted-proxy" in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--tls-cert", "a.pem"], "belong together"),
        (["--lan", "--tls-cert", "a.pem", "--tls-key", "a.pem"], "leave out either"),
        (["--lan", "--port", "8444"], "a port of its own"),
        (["--trusted-proxy", "proxy"], "is no address"),
        (["--tls-cert", "none.pem", "--tls-key", "none.pem"], "does not exist"),
    ],
)
def test_options_that_do_not_fit_are_refused(
    options: list[str], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--data-dir", str(tmp_path), *options]) == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "host", "port", "pairing"),
    [
        ([], "127.0.0.1", 8000, False),
        (["--host", "localhost"], "localhost", 8000, False),
        (["--require-pairing"], "127.0.0.1", 8000, True),
        (["--allow-host", "Studio.Example"], "127.0.0.1", 8000, True),
        (["--trusted-proxy", "127.0.0.1"], "127.0.0.1", 8000, True),
        (["--host", "0.0.0.0", "--trusted-proxy", "192.168.7.1"], "0.0.0.0", 8000, True),
        (["--lan"], "0.0.0.0", 8443, True),
        (["--lan", "--host", "127.0.0.1", "--port", "9000"], "127.0.0.1", 9000, True),
    ],
)
def test_who_must_be_paired(
    options: list[str], host: str, port: int, pairing: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, its_host, its_port, https = read(*options, monkeypatch=monkeypatch, tmp_path=tmp_path)
    assert (its_host, its_port, settings.requires_pairing) == (host, port, pairing)
    assert (https is not None) == ("--lan" in options)


def test_the_names_of_a_certificate_are_names_of_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, leaf = certified(tmp_path / "tls")
    options = ["--host", "0.0.0.0", "--tls-cert", str(leaf), "--tls-key", str(leaf)]
    settings, *_, https = read(*options, monkeypatch=monkeypatch, tmp_path=tmp_path)
    assert "studio.home.arpa" in settings.allowed_hosts
    assert settings.requires_pairing
    assert https is not None
