"""The walls of ARCHITECTURE.md stand, for every file there is and every file to come."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HEAVY = {"torch", "onnx", "onnx_ir", "onnxruntime", "onnxscript", "safetensors", "gymnasium"}

# third-party library -> the only places of the backend that may import it
PLACES = {
    "litestar": ("*/routes.py", "backend/web/*.py", "backend/app.py"),
    "sqlite_utils": ("backend/store/*.py",),
    "sqlite3": ("backend/store/*.py",),
    "setuptools": ("backend/environment/editable_install.py",),
    "uvicorn": ("backend/serve.py",),
    "numpy": (
        "backend/environment/*.py",
        "backend/export/onnx_file.py",
        "backend/machine/measurement.py",
        "backend/training/*.py",
        "backend/compile/prover.py",
    ),
    **dict.fromkeys(
        HEAVY,
        (
            "backend/compile/prover.py",
            "backend/environment/*.py",
            "backend/export/model_files.py",
            "backend/export/onnx_file.py",
            "backend/machine/measurement.py",
            "backend/models/*.py",
            "backend/training/*.py",
            "backend/processes.py",
        ),
    ),
}
OURS_AND_EVERYWHERE = {"backend", "shared_py", "msgspec"}


def imports_of(path: Path) -> set[str]:
    """The top-level names a file imports anywhere in it, those only for type checkers excepted."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def files(folder: str) -> list[Path]:
    return [path.relative_to(ROOT) for path in sorted((ROOT / folder).rglob("*.py"))]


def test_import_contracts() -> None:
    """import-linter's contracts in pyproject.toml, which also see the long roads."""
    linter = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([linter, "--no-cache"], capture_output=True, text=True, cwd=ROOT)
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize("path", files("shared_py"), ids=str)
def test_shared_py_needs_only_the_standard_library_and_msgspec(path: Path) -> None:
    assert imports_of(ROOT / path) - sys.stdlib_module_names <= {"shared_py", "msgspec"}


@pytest.mark.parametrize("path", files("backend"), ids=str)
def test_every_library_has_its_place(path: Path) -> None:
    for name in imports_of(ROOT / path) - OURS_AND_EVERYWHERE:
        if name in PLACES:
            assert any(path.match(place) for place in PLACES[name]), f"{path} imports {name}"
        else:
            assert name in sys.stdlib_module_names, f"{path} imports {name}"
