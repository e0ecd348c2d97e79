"""What keeps a server from starting is one sentence that says what to do, first and without a traceback."""

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.server_process import ROOT
from support.small_disk import small_disk

from backend.cli import main
from backend.errors import CannotStart
from backend.preflight import check_start
from backend.settings import Settings
from backend.store.database import take_lock
from backend.store.names import LOCK

WAIT_S = 60


def refused(data_dir: Path, *options: str) -> str:
    """What a server that cannot start says: all of it, which must be one line."""
    command = [sys.executable, "-m", "backend.cli", "serve", "--port", "0", "--data-dir", str(data_dir), *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=WAIT_S, check=False)
    assert done.returncode != 0
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("model-studio: ")
    return line


def test_a_data_folder_in_use_is_one_sentence(tmp_path: Path) -> None:
    lock = take_lock(tmp_path / LOCK)
    try:
        assert "Another server uses" in refused(tmp_path)
    finally:
        os.close(lock)


def test_a_data_folder_that_is_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("mine")
    assert "is a file where a folder is needed" in refused(tmp_path / "data")
    assert (tmp_path / "data").read_text() == "mine"


def test_a_port_that_is_taken_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert "is taken by another program" in refused(tmp_path, "--port", str(taken.getsockname()[1]))


def test_a_host_that_nobody_knows_is_one_sentence(tmp_path: Path) -> None:
    assert "is not known here" in refused(tmp_path, "--host", "no such host")


def test_a_database_that_is_not_ours_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "studio.db").write_text("notes " * 50)
    assert "is not a database" in refused(tmp_path)


def test_a_damaged_list_of_devices_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "access.db").write_text("notes " * 50)
    assert "pair the devices anew" in refused(tmp_path, "--require-pairing")


def test_a_disk_without_space_is_one_sentence(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 1) as disk:
        (disk / "ballast").write_bytes(bytes(900_000))
        assert "There is no space left" in refused(disk)


def test_a_disk_that_cannot_be_written_to_is_one_sentence(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 1) as disk:
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        assert "on a disk that can be written to" in refused(disk)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_rights_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o500)
    assert "give yourself the right" in refused(tmp_path / "data")


def test_a_missing_torch_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(CannotStart, match=r"PyTorch is not installed.*make setup"):
        check_start(Settings(data_dir=tmp_path), "127.0.0.1", 0)


@pytest.mark.parametrize(
    ("host", "sentence"), [("203.0.113.7", "no address of this machine"), ("\udc80", "is not known"), ("a" * 70, "is not known")]
)
def test_an_address_of_another_machine_is_one_sentence(tmp_path: Path, host: str, sentence: str) -> None:
    with pytest.raises(CannotStart, match=sentence):
        check_start(Settings(data_dir=tmp_path), host, 0)


@pytest.mark.parametrize("port", ["70000", "-1", "http", "²"])
def test_a_port_that_is_none_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["serve", f"--port={port}"])
    assert ended.value.code == 2
    assert "is no port" in capsys.readouterr().err


def test_a_start_that_can_go_on_changes_no_more_than_it_must(tmp_path: Path) -> None:
    check_start(Settings(data_dir=tmp_path / "data"), "localhost", 0)
    assert {path.name for path in (tmp_path / "data").iterdir()} == {"runs", "generated", LOCK}


def test_a_failure_that_only_the_start_finds_is_a_sentence_too(tmp_path: Path) -> None:
    (tmp_path / "epoch").mkdir()
    command = [sys.executable, "-m", "backend.cli", "serve", "--port", "0", "--data-dir", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=WAIT_S, check=False)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert "it is a folder where a file is needed" in done.stderr


# --- make run ---------------------------------------------------------------------------------------------------

FINE = {"python3": "3.11.7", "node": "v20.19.0", "npm": "10.8.2"}
BROKEN: dict[str, tuple[dict[str, str | None], str]] = {
    "no python": ({"python3": None}, "there is no python3: install Python 3.11 or newer"),
    "an old python": ({"python3": "3.9.18"}, "python3 is Python 3.9.18: install 3.11 or newer"),
    "a python that does not run": ({"python3": "broken"}, "python3 does not run"),
    "no node": ({"node": None}, "there is no node: install Node 20.19 or newer"),
    "an old node": ({"node": "v18.20.4"}, "node is v18.20.4: install Node 20.19 or newer"),
    "a node a little too old": ({"node": "v20.9.0"}, "node is v20.9.0"),
    "no npm": ({"npm": None}, "there is no npm"),
}


@pytest.fixture
def tools(tmp_path: Path) -> Callable[[dict[str, str | None]], Path]:
    """A folder of programs that say they have these versions, and of what the script itself needs."""

    def make(versions: dict[str, str | None]) -> Path:
        folder = tmp_path / "bin"
        folder.mkdir()
        for name in ("sh", "awk"):
            (folder / name).symlink_to(shutil.which(name) or name)
        for name, version in versions.items():
            if version is not None:
                (folder / name).write_text(f"#!/bin/sh\n[ {version} = broken ] && exit 1\necho {version}\n")
                (folder / name).chmod(0o755)
        return folder

    return make


def check_tools(folder: Path, make_version: str = "3.81", python: str = "python3") -> subprocess.CompletedProcess[str]:
    command = [str(folder / "sh"), "check_tools.sh", python, make_version]
    return subprocess.run(
        command, cwd=ROOT, env={"PATH": str(folder)}, capture_output=True, text=True, timeout=WAIT_S, check=False
    )


@pytest.mark.parametrize("case", BROKEN)
def test_make_run_says_what_is_missing_or_too_old(tools: Callable[[dict[str, str | None]], Path], case: str) -> None:
    changes, sentence = BROKEN[case]
    done = check_tools(tools({**FINE, **changes}))
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert sentence in line


def test_make_run_goes_on_with_what_is_new_enough(tools: Callable[[dict[str, str | None]], Path]) -> None:
    folder = tools(FINE)
    for make_version in ("3.81", "4.3", "4.4.1"):
        done = check_tools(folder, make_version)
        assert (done.returncode, done.stderr, done.stdout) == (0, "", "")
    assert "too old" in check_tools(folder, "3.80").stderr
    assert "not GNU make" in check_tools(folder, "").stderr
    assert "there is no python3.13" in check_tools(folder, python="python3.13").stderr


def test_make_checks_the_tools_before_it_sets_anything_up() -> None:
    if shutil.which("make") is None:
        pytest.skip("there is no make")
    done = subprocess.run(
        ["make", "--no-print-directory", "--dry-run", "--always-make", "run"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=WAIT_S,
        check=True,
    )
    assert done.stdout.splitlines()[0].startswith("sh check_tools.sh")
