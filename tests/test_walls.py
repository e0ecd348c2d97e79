"""Who may import whom, for every file there is and every file to come: the tables of `import_rules.py` and of `biome.json`."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from import_graph import imported_modules, phone_arrows, phone_rules, python_arrows, two_way, upward
from import_rules import BACKEND, HEAVY, MAY_IMPORT_HEAVY, SHARED_PY

ROOT = Path(__file__).parent.parent

# third-party library -> the only places of the backend that may import it
PLACES = {
    "litestar": ("*/routes.py", "*/catalogue_routes.py", "backend/web/*.py", "backend/app.py"),
    "sqlite_utils": ("backend/store/*.py",),
    "sqlite3": ("backend/store/*.py", "backend/pairing/*.py"),
    "cryptography": ("backend/tls/*.py", "backend/notifications/*.py"),
    "py_vapid": ("backend/notifications/encryption.py",),
    "pywebpush": ("backend/notifications/encryption.py",),
    "ifaddr": ("backend/tls/addresses.py",),
    "segno": ("backend/tls/qr.py",),
    "zeroconf": ("backend/tls/announcement.py",),
    "setuptools": ("backend/environment/editable_install.py", "backend/wheel.py"),
    "websockets": ("backend/connections/protocols.py",),
    "uvicorn": ("backend/serve.py", "backend/reachable_server.py", "backend/connections/*.py"),
    "prometheus_client": ("backend/monitoring/metrics.py",),
    **dict.fromkeys(HEAVY, tuple(name.replace(".", "/") + ending for name in MAY_IMPORT_HEAVY for ending in (".py", "/*.py"))),
    "ray": ("backend/cluster/connection.py", "backend/cluster/keeper.py"),
}
OURS_AND_EVERYWHERE = {"backend", "shared_py", "msgspec"}


def imports_of(path: Path) -> set[str]:
    """The top-level names a file imports anywhere in it, those only for type checkers excepted."""
    return {name.partition(".")[0] for name in imported_modules(path)}


def files(folder: str) -> list[Path]:
    return [path.relative_to(ROOT) for path in sorted((ROOT / folder).rglob("*.py"))]


def test_import_contracts() -> None:
    """import-linter's contracts in pyproject.toml, which also see indirect imports."""
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


def test_every_folder_of_the_backend_imports_what_its_row_names() -> None:
    arrows = python_arrows("backend")
    assert {name for pair in arrows for name in pair} <= set(BACKEND)
    for name, allowed in BACKEND.items():
        assert allowed == {target for source, target in arrows if source == name}, name


def test_shared_py_imports_downward_only() -> None:
    folders = {path.name.removesuffix(".py") for path in (ROOT / "shared_py").iterdir() if path.suffix == ".py" or path.is_dir()}
    assert set(SHARED_PY) == folders - {"__init__", "__pycache__"}
    assert upward(python_arrows("shared_py"), SHARED_PY) == []


def test_no_arrow_points_upward_and_no_two_folders_import_each_other() -> None:
    phone = (*phone_rules(), "generated")
    for arrows, order in ((python_arrows("backend"), tuple(BACKEND)), (phone_arrows(), phone)):
        assert upward(arrows, order) == []
        assert two_way(arrows) == []
    rules = {(name, target): {""} for name, allowed in BACKEND.items() for target in allowed}
    assert upward(rules, tuple(BACKEND)) == [], "no row allows more than it should"


def test_every_folder_of_the_phone_has_a_rule_that_allows_what_it_imports_and_no_more() -> None:
    rules = phone_rules()
    assert {path.name for path in (ROOT / "pwa" / "src").iterdir() if path.is_dir()} == {*rules, "generated"}
    for name, allowed in rules.items():
        assert allowed == {target for source, target in phone_arrows() if source == name}, name


@pytest.mark.parametrize(("title", "order"), [("The server", list(BACKEND)), ("The phone", [*phone_rules(), "generated"])])
def test_architecture_lists_the_folders_in_the_order_of_the_rules(title: str, order: list[str]) -> None:
    section = (ROOT / "ARCHITECTURE.md").read_text().split(f"## {title}\n")[1].split("\n## ")[0]
    rows = [re.findall(r"`(\w+)(?:/|\.py)`", line.split("|")[1]) for line in section.splitlines() if line.startswith("| `")]
    assert [name for row in rows for name in row] == order
