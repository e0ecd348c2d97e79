"""`model-studio doctor`: each test breaks one thing, checks the finding, follows its advice and checks that it is gone."""

import json
import os
import resource
import shutil
import socket
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.server_thread import serving

from backend.cli import main
from backend.cluster.availability import ClusterUnavailable
from backend.doctor import checks
from backend.doctor.certificates import check_authority, check_certificate
from backend.doctor.cluster import check_cluster
from backend.doctor.finding import Finding
from backend.doctor.report import exit_status, line_of, run_checks
from backend.limits import Limits
from backend.store.salvage import new_database


def advice_of(finding: Finding, *expected_texts: str) -> None:
    """Check that the finding is not "ok" and that its advice contains each of the texts."""
    assert finding.level != "ok", finding
    for text in expected_texts:
        assert text in finding.advice, finding


def assert_ok(finding: Finding) -> None:
    assert finding.level == "ok", finding
    assert finding.advice == ""


def test_an_old_python() -> None:
    advice_of(checks.check_python((3, 10, 4)), "install Python 3.11")
    assert_ok(checks.check_python())


def test_a_cluster_without_ray_without_processors_and_a_usable_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("importlib.util.find_spec", lambda _: None)
        for address in ("local", "auto", "10.0.0.1:6379"):
            advice_of(check_cluster(address), "pip install 'model-studio[ray]'")
    for resources in ({}, {"CPU": 4.0}, {"CPU": 1.0, "GPU": 2.0}):
        monkeypatch.setattr("backend.doctor.cluster.resources_at", lambda _, found=resources: found)
        if resources:
            assert_ok(check_cluster("auto"))
        else:
            advice_of(check_cluster("auto"), "start a node")
    assert check_cluster("auto").detail == "auto; processors: 1, GPUs: 2"


@pytest.mark.parametrize(
    ("sentence", "detail", "advice"),
    [
        (
            "The cluster at a:1 is used (error: gone): check the address",
            "The cluster at a:1 is used (error: gone)",
            "check the address",
        ),
        ("Something else", "Something else", "see docs/cluster.md"),
    ],
)
def test_a_cluster_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch, sentence: str, detail: str, advice: str) -> None:
    def fail(_: str) -> None:
        raise ClusterUnavailable(sentence)

    monkeypatch.setattr("backend.doctor.cluster.resources_at", fail)
    assert check_cluster("auto") == Finding("problem", "Ray cluster", detail, advice)


def test_torch_that_is_missing_another_version_or_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: str) -> str:
        raise checks.importlib.metadata.PackageNotFoundError

    with monkeypatch.context() as patched:
        patched.setattr(checks.importlib.metadata, "version", missing)
        advice_of(checks.check_torch("2.13.0"), "pip install torch==2.13.0")
    with monkeypatch.context() as patched:
        patched.setattr(checks.importlib.metadata, "version", lambda _: "2.12.1+cpu")
        advice_of(checks.check_torch("2.13.0"), "pip install torch==2.13.0")
    broken = tmp_path / "broken"
    (broken / "torch").mkdir(parents=True)
    (broken / "torch" / "__init__.py").write_text("raise ImportError('libtorch_cpu.so: not found')")
    with monkeypatch.context() as patched:
        patched.setenv("PYTHONPATH", str(broken))
        finding = checks.check_torch()
        advice_of(finding, "--force-reinstall torch==")
        assert "libtorch_cpu.so: not found" in finding.detail
    (broken / "torch" / "__init__.py").write_text("class cuda:\n    is_available = staticmethod(lambda: False)")
    monkeypatch.setenv("PYTHONPATH", str(broken))
    assert_ok(checks.check_torch())


def test_the_version_of_torch_is_the_one_that_the_package_asks_for() -> None:
    assert checks.torch_needed().count(".") == 2


def test_a_data_folder_that_is_a_file_or_may_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "data"
    data.write_text("")
    advice_of(checks.check_data_dir(data), "--data-dir", "move the file away")
    data.rename(tmp_path / "moved")
    assert_ok(checks.check_data_dir(data))
    assert not data.exists(), "nothing is changed"
    data.mkdir()
    allowed: list[bool] = [False]
    monkeypatch.setattr(os, "access", lambda *_: allowed[0])  # root may write anywhere
    advice_of(checks.check_data_dir(data), "chown")
    allowed[0] = True
    assert_ok(checks.check_data_dir(data))


def test_a_database_of_another_program_or_damaged(tmp_path: Path) -> None:
    path = tmp_path / "studio.db"
    assert_ok(checks.check_database(tmp_path))
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE songs (title TEXT)")
    finding = checks.check_database(tmp_path)
    advice_of(finding, "do what the sentence says")
    assert "--data-dir" in finding.detail
    path.unlink()
    new_database(path).close()
    assert_ok(checks.check_database(tmp_path))
    whole = path.read_bytes()
    path.write_bytes(whole[:8192] + b"\xff" * 8192 + whole[16384:])
    advice_of(checks.check_database(tmp_path), "rescue --out")
    path.unlink()
    assert main(["dump-designs", "--out", str(tmp_path / "out"), "--data-dir", str(tmp_path)]) == 0
    path.write_bytes(whole)
    assert_ok(checks.check_database(tmp_path))


def test_a_disk_with_little_space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = [0.5]
    monkeypatch.setattr(shutil, "disk_usage", lambda _: type("Usage", (), {"free": free[0] * 1e6, "total": 100e9}))
    finding = checks.check_disk(tmp_path / "later", Limits())
    advice_of(finding, "delete runs", "--data-dir")
    assert finding.level == "problem"
    free[0] = 900
    advice_of(checks.check_disk(tmp_path, Limits()), "--free-disk-mb")
    assert_ok(checks.check_disk(tmp_path, Limits(free_disk_mb=800)))
    free[0] = 5000
    assert_ok(checks.check_disk(tmp_path, Limits()))


def test_a_port_that_another_program_has(tmp_path: Path) -> None:
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        advice_of(checks.check_port("127.0.0.1", port, tmp_path), "--port")
    assert_ok(checks.check_port("127.0.0.1", port, tmp_path))
    advice_of(checks.check_port("192.0.2.1", port, tmp_path), "--host")


def test_the_port_of_the_server_itself_is_no_problem(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as client:
        port = client.base_url.port
        assert port is not None
        finding = checks.check_port("127.0.0.1", port, tmp_path / "data")
        assert_ok(finding)
        assert "a server with this data folder" in finding.detail
        advice_of(checks.check_port("127.0.0.1", port, tmp_path / "other"), "--port")


def test_a_machine_whose_name_has_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    known: dict[str, Any] = {}

    def look_up(name: str, _: object) -> Any:
        if name not in known:
            raise socket.gaierror
        return known[name]

    monkeypatch.setattr(socket, "gethostname", lambda: "studio")
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    advice_of(checks.check_name("127.0.0.1"), "127.0.1.1 studio", "/etc/hosts")
    known["studio"] = [(2, 1, 6, "", ("127.0.1.1", 0))]
    assert_ok(checks.check_name("127.0.0.1"))


def test_few_files_may_be_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    hard = [512]
    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, hard[0]))
    advice_of(checks.check_files_limit(Limits()), "ulimit -Hn 2320", "LimitNOFILE=2320")
    hard[0] = 2320
    assert_ok(checks.check_files_limit(Limits()))
    hard[0] = resource.RLIM_INFINITY
    assert_ok(checks.check_files_limit(Limits()))


@pytest.fixture
def static_dir(tmp_path: Path) -> Path:
    """A built app with the list of its Python files, and one of these files."""
    folder = tmp_path / "dist"
    (folder / "rt" / "1").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html>")
    (folder / "rt" / "1" / "python.wasm").write_bytes(b"\0asm")
    listing = {"runtime": "/rt/1/", "files": [{"url": "/rt/1/python.wasm", "bytes": 4, "sent": 3}]}
    (folder / "rt" / "pack.json").write_text(json.dumps(listing))
    return folder


def test_an_app_that_was_not_built(static_dir: Path) -> None:
    (static_dir / "index.html").rename(static_dir / "away")
    advice_of(checks.check_app(static_dir), "make build")
    (static_dir / "away").rename(static_dir / "index.html")
    assert_ok(checks.check_app(static_dir))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: (folder / "rt" / "pack.json").unlink(),
        lambda folder: (folder / "rt" / "pack.json").write_text("{"),
        lambda folder: (folder / "rt" / "1" / "python.wasm").unlink(),
        lambda folder: (folder / "rt" / "1" / "python.wasm").write_bytes(b"\0as"),
    ],
    ids=["no list", "half a list", "a file is missing", "half a file"],
)
def test_a_pack_that_is_not_whole(static_dir: Path, tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    shutil.copytree(static_dir, tmp_path / "copy")
    spoil(static_dir)
    advice_of(checks.check_pack(static_dir, "rt", "Python for phones"), "make build")
    shutil.rmtree(static_dir)
    shutil.copytree(tmp_path / "copy", static_dir)
    assert_ok(checks.check_pack(static_dir, "rt", "Python for phones"))


def make_certificate(folder: Path, name: str, *options: str) -> tuple[Path, Path]:
    """A self-signed certificate and its key, created by openssl."""
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-subj", f"/CN={name}", "-keyout", str(key), "-out", str(certificate), *options]
    subprocess.run(command, check=True, capture_output=True)
    return certificate, key


CA_SETTINGS = """
[ca]
default_ca = own
[own]
database = index.txt
rand_serial = yes
new_certs_dir = .
default_md = sha256
policy = names
unique_subject = no
x509_extensions = leaf
[names]
commonName = supplied
[leaf]
basicConstraints = critical, CA:FALSE
subjectAltName = DNS:studio.local
"""


def certificate_between(folder: Path, begin: datetime, end: datetime) -> tuple[Path, Path]:
    """A certificate with the given validity, and its key."""
    (folder / "ca.cnf").write_text(CA_SETTINGS)
    (folder / "index.txt").write_text("")
    request = ["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=studio"]
    times = ["-startdate", f"{begin:%Y%m%d%H%M%SZ}", "-enddate", f"{end:%Y%m%d%H%M%SZ}"]
    sign = ["ca", "-batch", "-notext", "-selfsign", "-config", "ca.cnf", "-keyfile", "leaf.key", "-in", "leaf.csr"]
    for command in ([*request, "-keyout", "leaf.key", "-out", "leaf.csr"], [*sign, "-out", "leaf.pem", *times]):
        subprocess.run(["openssl", *command], check=True, capture_output=True, cwd=folder)
    return folder / "leaf.pem", folder / "leaf.key"


LEAF = ("-addext", "basicConstraints=critical,CA:FALSE", "-addext", "subjectAltName=DNS:studio.local")
DAY = 86_400


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes certificates with openssl")
def test_a_certificate_that_is_missing_not_its_keys_or_ends(tmp_path: Path) -> None:
    certificate, key = make_certificate(tmp_path, "one", "-days", "400", *LEAF)
    _, other = make_certificate(tmp_path, "two", "-days", "400", *LEAF)
    now = time.time()
    advice_of(check_certificate(tmp_path / "none.pem", key), "give the paths")
    advice_of(check_certificate(certificate, other), "its own key")
    advice_of(check_certificate(key, key), "PEM")
    assert check_certificate(certificate, key, now + 390 * DAY).level == "warning"
    advice_of(check_certificate(certificate, key, now + 401 * DAY), "renew it")
    assert_ok(check_certificate(certificate, key))
    assert (
        "valid for 399 days" in check_certificate(certificate, key).detail or "400" in check_certificate(certificate, key).detail
    )


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes certificates with openssl")
def test_a_certificate_that_has_expired_or_is_of_the_future(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    finding = check_certificate(*certificate_between(tmp_path, now - timedelta(days=9), now - timedelta(days=1)))
    advice_of(finding, "renew it")
    assert "has expired" in finding.detail
    finding = check_certificate(*certificate_between(tmp_path, now + timedelta(days=2), now + timedelta(days=90)))
    advice_of(finding, "set the clock")
    assert "not valid yet" in finding.detail
    assert_ok(check_certificate(*certificate_between(tmp_path, now - timedelta(days=1), now + timedelta(days=90))))


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes certificates with openssl")
def test_an_authority_that_others_may_read_or_that_ends(tmp_path: Path) -> None:
    path = tmp_path / "tls" / "authority.pem"
    assert_ok(check_authority(tmp_path))
    path.parent.mkdir()
    certificate, key = make_certificate(tmp_path, "ca", "-days", "400")
    path.write_bytes(key.read_bytes() + certificate.read_bytes())
    path.chmod(0o644)
    advice_of(check_authority(tmp_path), f"chmod 600 {path}")
    path.chmod(0o600)
    assert_ok(check_authority(tmp_path))
    advice_of(check_authority(tmp_path, time.time() + 500 * DAY), "--lan")
    path.write_bytes(key.read_bytes())
    path.chmod(0o600)
    advice_of(check_authority(tmp_path), f"move {path} away")


def test_the_report_has_a_line_for_each_check_and_a_status(
    tmp_path: Path, static_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checks, "check_torch", lambda: Finding("ok", "PyTorch", "2"))
    found = list(run_checks(tmp_path / "data", static_dir, "127.0.0.1", 0))
    assert len({finding.name for finding in found}) == len(found) >= 12
    assert [finding.name for finding in found if finding.level == "problem"] == ["Play for phones"]
    assert exit_status(found) == 1
    assert exit_status([Finding("ok", "a", "b"), Finding("warning", "a", "b", "c")]) == 0
    assert line_of(Finding("problem", "Disk", "it is full", "free some")) == "PROBLEM Disk: it is full\n        -> free some"
    status = main(["doctor", "--data-dir", str(tmp_path / "data"), "--port", "0", "--tls-cert", str(tmp_path / "none.pem")])
    out = capsys.readouterr().out
    assert status == 1
    assert "PROBLEM Certificate: " in out
    assert "ok      Python: " in out
    assert not (tmp_path / "data").exists()
