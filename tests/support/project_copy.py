"""A copy of the project to change and try out, as the recipes of CONTRIBUTING.md say."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
IGNORED = shutil.ignore_patterns("__pycache__", "*.pyc")
GENERATED = "pwa/src/generated"
PARTS = ("shared_py", "backend", "tests", "pwa/scripts", "docs/experiments", GENERATED)


def copy_project(folder: Path) -> Path:
    """The Python packages with their tests, and what generates the phone's types and the documents."""
    for part in PARTS:
        shutil.copytree(ROOT / part, folder / part, ignore=IGNORED)
    for file in ("pyproject.toml", *(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.*") if path.is_file())):
        (folder / file).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / file, folder / file)
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    return folder


def run_in(folder: Path, *command: str) -> str:
    """What a command prints that must succeed; Python finds the packages of the copy."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(folder), str(folder / "tests")]),
        "PYTHON": sys.executable,
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
    }
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def generate(folder: Path) -> None:
    """As `make generate`."""
    run_in(folder, "node", "pwa/scripts/generate.mjs")


def changed_files(folder: Path) -> set[str]:
    """Files of the copy that the project does not have, or has otherwise."""
    paths = [path for part in (*PARTS, "docs") for path in (folder / part).rglob("*") if path.is_file()]
    names = {str(path.relative_to(folder)) for path in paths if "__pycache__" not in path.parts}
    return {name for name in names if not (ROOT / name).exists() or (ROOT / name).read_bytes() != (folder / name).read_bytes()}


def recipe(title: str) -> tuple[list[str], list[str]]:
    """The files that a section of CONTRIBUTING.md names before each of its Python blocks, and the blocks."""
    section = (ROOT / "CONTRIBUTING.md").read_text().split(f"## {title}\n")[1].split("\n## ")[0]
    parts = re.split(r"```python\n(.*?)```", section, flags=re.DOTALL)
    return [re.findall(r"`([\w/]+\.py)`", text)[-1] for text in parts[:-1:2]], parts[1::2]


def insert_before(file: Path, line: str, text: str) -> None:
    """Put text before the only occurrence of a line."""
    head, found, tail = file.read_text().partition(line)
    assert found
    assert line not in tail
    file.write_text(f"{head}{text}{found}{tail}")
