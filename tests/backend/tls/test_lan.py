"""`serve --lan` in a network namespace: name, certificate, set-up page, code, and another address at the next start."""

import json
import os
import shutil
import subprocess
import sys
from typing import Any

import pytest
from support.lan_namespace import FIRST, HOSTNAME, SECOND
from support.server_process import ROOT

COMMAND = ["unshare", "--net", "--uts"]


def can_unshare() -> bool:
    return (
        all(map(shutil.which, ("unshare", "ip")))
        and subprocess.run([*COMMAND, "true"], capture_output=True, check=False).returncode == 0
    )


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    if not can_unshare():
        pytest.skip("network namespaces cannot be made here")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests")))}
    command = [*COMMAND, sys.executable, "-m", "support.lan_namespace", str(tmp_path_factory.mktemp("lan"))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_one_code_and_the_announced_name_are_printed_soon(found: dict[str, Any]) -> None:
    assert f"http://{HOSTNAME}.local:8444" in found["said"]
    assert "█" in found["said"]
    assert found["said"].count("Pairing code") == 1
    assert found["seconds"] < 15, "on an idle machine it is below 5"


def test_a_phone_refuses_the_certificate_until_it_trusts_the_authority(found: dict[str, Any]) -> None:
    assert found["refuses_without_trust"]
    for names in found["names"]:
        assert {f"{HOSTNAME}.local", f"{HOSTNAME}.lan", "localhost", FIRST, "127.0.0.1"} <= set(names)


def test_the_page_shows_the_fingerprint_of_the_terminal(found: dict[str, Any]) -> None:
    lines = [line.strip() for line in found["said"].splitlines()]
    start = next(index for index, line in enumerate(lines) if line.startswith("Fingerprint"))
    assert " ".join(lines[start + 1 : start + 3]).replace(":", " ") in found["page"]
    assert f"https://{HOSTNAME}.local:8443" in found["page"]


def test_only_paired_devices_and_own_names_are_served(found: dict[str, Any]) -> None:
    assert json.loads(found["health"]) == {"status": "ok"}
    assert (found["by_name"], found["rebound"]) == (200, 403)
    assert (found["unpaired"], found["paired"]) == (401, 200)


def test_another_address_renews_the_certificate_and_keeps_trust_and_pairing(found: dict[str, Any]) -> None:
    assert SECOND in found["names_again"]
    assert found["still_paired"] == 200
    assert "Pairing code" not in found["said_again"], "nobody sees the output, and a device is paired"
    assert "model-studio devices pair" in found["said_again"]


def test_nothing_is_logged_as_an_error(found: dict[str, Any]) -> None:
    assert "ERROR" not in found["log"]
    assert "Traceback" not in found["log"]
