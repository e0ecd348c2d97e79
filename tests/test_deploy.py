"""The systemd unit and the Dockerfile are well formed, and the commands and files that they name exist."""

import re
import shlex
import shutil
import subprocess
from importlib import metadata
from pathlib import Path

import pytest

from backend.cli import _parser

ROOT = Path(__file__).parents[1]
UNIT = ROOT / "deploy" / "model-studio.service"
DOCKERFILE = ROOT / "deploy" / "Dockerfile"
LOCK = ROOT / "requirements.lock"


def unknown_options(command: list[str]) -> set[str]:
    """The arguments of a command that the command line does not know."""
    options, unknown = _parser().parse_known_args(command)
    assert options.run
    return set(unknown)


def instructions() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile with their arguments; continued lines are joined."""
    text = re.sub(r"\\\n\s*", "", DOCKERFILE.read_text())
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in lines]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="checks the unit with systemd-analyze")
def test_systemd_finds_no_fault_in_the_unit(tmp_path: Path) -> None:
    program = tmp_path / "model-studio"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace("/opt/model-studio/bin/model-studio", str(program)))
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, check=False)
    assert (done.returncode, [line for line in done.stderr.splitlines() if unit.name in line]) == (0, [])


def test_the_unit_starts_a_command_that_exists() -> None:
    (command,) = re.findall(r"^ExecStart=\S+/model-studio (.+)$", UNIT.read_text(), re.MULTILINE)
    assert unknown_options(shlex.split(command)) == set()


def test_the_dockerfile_has_known_instructions_and_copies_what_exists() -> None:
    known = {"FROM", "RUN", "WORKDIR", "COPY", "USER", "ENV", "VOLUME", "EXPOSE", "HEALTHCHECK", "CMD"}
    assert {name for name, _ in instructions()} <= known
    for name, arguments in instructions():
        if name == "COPY" and not arguments.startswith("--from"):
            assert all((ROOT / source).exists() for source in arguments.split()[:-1]), arguments
        if name == "FROM":
            assert ":" in arguments.split()[0], "a version is named"
    (command,) = (eval(arguments) for name, arguments in instructions() if name == "CMD")  # a list of texts
    assert unknown_options(command[1:]) == set()
    assert [arguments for name, arguments in instructions() if name == "USER"] == ["studio"], "it does not run as root"


def test_the_scripts_of_the_dockerfile_are_sound_shell(tmp_path: Path) -> None:
    for number, script in enumerate(arguments for name, arguments in instructions() if name == "RUN"):
        path = tmp_path / f"{number}.sh"
        path.write_text(script)
        done = subprocess.run(["sh", "-n", path], capture_output=True, text=True, check=False)
        assert done.stderr == ""


def test_every_package_of_the_lock_file_has_hashes_and_the_version_that_is_installed() -> None:
    entries = re.findall(r"^(\S+)==(\S+)((?: \\\n +--hash=sha256:[0-9a-f]{64})*)$", LOCK.read_text(), re.MULTILINE)
    assert len(entries) > 50
    assert [name for name, _, hashes in entries if not hashes] == []
    assert {name: version for name, version, _ in entries} == {name: metadata.version(name) for name, _, _ in entries}
    assert len(LOCK.read_text().splitlines()) == sum(1 + hashes.count("--hash") for _, _, hashes in entries), (
        "nothing else is in it"
    )


def test_versions_in_the_dockerfile_are_those_of_the_lock_file() -> None:
    lock = LOCK.read_text().lower()
    makefile = (ROOT / "Makefile").read_text()
    for name, version in re.findall(r"\b(torch|build|msgspec)==([\d.]+)", DOCKERFILE.read_text()):
        assert f"{name}=={version}" in (makefile if name == "torch" else lock)
