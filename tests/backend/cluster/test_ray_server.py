"""The start of a server with a Ray cluster; `make test-ray` runs these tests in a network namespace."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from support.ray_cluster import ROOT, ray_marks
from support.server_process import server_process
from support.waiting import wait_until

from backend.doctor.cluster import check_cluster

pytestmark = ray_marks()

TOKEN, OTHER = "a" * 64, "b" * 64
OWN = """
import sys, pathlib
from backend.cluster.own_cluster import own_cluster_address
print(own_cluster_address(pathlib.Path(sys.argv[1])), flush=True)
"""
PORT = 6399


def run(*command: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"} | settings
    return subprocess.run([sys.executable, *command], env=environment, capture_output=True, text=True, timeout=180)


def serve(folder: Path, address: str, **settings: str) -> str:
    """What the command says of an address with which it does not start."""
    ended = run(
        "-m", "backend.cli", "serve", "--data-dir", str(folder), "--executor", "ray", "--ray-address", address, **settings
    )
    assert ended.returncode == 2, ended.stderr
    return ended.stderr.splitlines()[-1]


@contextmanager
def head_with_token(folder: Path) -> Iterator[None]:
    """A cluster that wants a token."""
    environment = os.environ | {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": TOKEN, "RAY_USAGE_STATS_ENABLED": "0"}
    options = [
        f"--port={PORT}",
        "--num-cpus=1",
        "--include-dashboard=false",
        "--node-ip-address=127.0.0.1",
        f"--temp-dir={folder}",
    ]
    command = [sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block", *options]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as head:
        try:
            assert head.stdout is not None
            assert any("Ray runtime started" in line for line in head.stdout)
            yield
        finally:
            head.kill()


def test_an_address_where_nothing_answers_is_reported_at_once(tmp_path: Path) -> None:
    said = serve(tmp_path, "127.0.0.1:1")
    assert said.startswith("model-studio: No Ray cluster answers at 127.0.0.1:1 (Connection refused): check --ray-address")
    assert "No Ray cluster answers at ray://127.0.0.1:1" in serve(tmp_path, "ray://127.0.0.1:1")
    finding = check_cluster("127.0.0.1:1")
    assert (finding.level, finding.detail) == ("problem", "No Ray cluster answers at 127.0.0.1:1 (Connection refused)")
    assert finding.advice == "check --ray-address, and that its head runs"


def test_auto_without_a_cluster_is_reported(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    assert "There is no Ray cluster on this machine: start one" in serve(tmp_path, "auto", RAY_ADDRESS=f"127.0.0.1:{port}")


def test_a_missing_and_a_wrong_token_are_reported(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    home = str(tmp_path_factory.mktemp("home"))
    with head_with_token(tmp_path_factory.mktemp("r")):
        address = f"127.0.0.1:{PORT}"
        assert "wants a token, and there is none here" in serve(tmp_path, address, RAY_AUTH_MODE="token", HOME=home)
        wrong = serve(tmp_path, address, RAY_AUTH_MODE="token", RAY_AUTH_TOKEN=OTHER, HOME=home)
        assert "does not admit this server, as where its token" in wrong


def test_the_own_cluster_is_found_again_and_ends_with_its_last_user(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OWN + "\ninput()", str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as user:
        assert user.stdout is not None
        first = user.stdout.readline().strip()
        assert first
        assert run("-c", OWN, str(tmp_path)).stdout.strip() == first
        assert (tmp_path / "cluster" / "address").read_text() == first
        token = tmp_path / "cluster" / "token"
        assert (len(token.read_text()), token.stat().st_mode & 0o777) == (64, 0o600)
        said = serve(tmp_path / "other", first, RAY_AUTH_MODE="token", RAY_AUTH_TOKEN=OTHER)
        assert "does not admit this server" in said
    wait_until(lambda: not (tmp_path / "cluster" / "address").exists(), 60)


def test_a_run_continues_while_the_server_is_restarted(tmp_path: Path) -> None:
    options = ("--executor", "ray", "--ray-address", "local", "--no-prepare")
    with server_process(tmp_path, *options) as (process, address), httpx.Client(base_url=address, timeout=60) as client:
        design = client.post("/api/designs", json={"template": "tiny_mlp"}).raise_for_status().json()["id"]
        settings = {"total_steps": 10**9, "checkpoint_every_s": 1}
        run = client.post(f"/api/designs/{design}/train", json=settings).raise_for_status().json()["run_id"]
        wait_until(lambda: client.get(f"/api/runs/{run}").json()["saved_steps"] is not None, 200)
        process.terminate()
        process.wait()
    with server_process(tmp_path, *options) as (_, address), httpx.Client(base_url=address, timeout=60) as client:
        before = client.get(f"/api/runs/{run}").json()
        assert before["status"] == "running"
        wait_until(lambda: client.get(f"/api/runs/{run}").json()["steps"] > before["steps"], 100)
        client.post(f"/api/runs/{run}/stop").raise_for_status()
        wait_until(lambda: client.get(f"/api/runs/{run}").json()["status"] != "running", 100)
        assert client.get(f"/api/runs/{run}").json()["status"] == "stopped"
    wait_until(lambda: not (tmp_path / "cluster" / "address").exists(), 60)
