"""The wheel contains the app and serves it from a separate environment, without Node and without the source tree."""

import re
import shutil
import subprocess
import sys
import sysconfig
import threading
import venv
import zipfile
from pathlib import Path

import httpx
import pytest
from support.project_copy import IGNORED, ROOT

INDEX = "<!doctype html><title>Model Studio</title>"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from a copy of the packages with a small app."""
    folder = tmp_path_factory.mktemp("project")
    for name in ("backend", "shared_py"):
        shutil.copytree(ROOT / name, folder / name, ignore=IGNORED)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / name)
    (folder / "pwa" / "dist" / "assets").mkdir(parents=True)
    (folder / "pwa" / "dist" / "index.html").write_text(INDEX)
    (folder / "pwa" / "dist" / "assets" / "main-1.js").write_text("// main")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", "out", "."]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    (found,) = (folder / "out").glob("model_studio-*.whl")
    return found


def test_it_contains_every_file_of_both_packages_and_the_app(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    listed = subprocess.run(["git", "ls-files", "backend", "shared_py"], cwd=ROOT, capture_output=True, text=True, check=True)
    placed_elsewhere = {"backend/environment/model_studio_gymnasium.pth"}
    expected = {name for name in listed.stdout.splitlines() if (ROOT / name).exists()} - placed_elsewhere
    assert expected - names == set()
    assert {"backend/built_app/index.html", "backend/built_app/assets/main-1.js", "model_studio_gymnasium.pth"} <= {
        name.removeprefix("model_studio-0.1.0.data/purelib/") for name in names
    }
    assert not [name for name in names if name.startswith(("tests", "pwa", "benchmarks"))]


def test_it_serves_the_app_from_an_environment_of_its_own(wheel: Path, tmp_path: Path) -> None:
    """A `.pth` file adds the libraries of this environment, since installing torch takes minutes."""
    environment = tmp_path / "venv"
    venv.create(environment, with_pip=False)
    place = next((environment / "lib").glob("python3*")) / "site-packages"
    (place / "libraries.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    pip = [sys.executable, "-m", "pip", "--python", str(environment / "bin" / "python")]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel)], check=True, capture_output=True)
    studio = environment / "bin" / "model-studio"
    clean = {"PATH": "/nowhere", "HOME": str(tmp_path)}
    version = subprocess.run([studio, "--version"], capture_output=True, text=True, check=True, env=clean, cwd=tmp_path)
    assert version.stdout.startswith("model-studio 0.")
    command = [studio, "serve", "--port", "0", "--data-dir", "data", "--no-preload", "--measure-after", "0"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True, env=clean) as process:
        try:
            assert process.stderr is not None
            address = next(found[1] for line in process.stderr if (found := re.search(r"running on (http://[\d.:]+)", line)))
            rest = threading.Thread(target=process.stderr.read)  # a full pipe would hold it up
            rest.start()
            assert httpx.get(address).text == INDEX
            assert httpx.get(f"{address}/designs/d1").text == INDEX
            assert httpx.get(f"{address}/assets/main-1.js").headers["cache-control"].endswith("immutable")
            meta = httpx.post(f"{address}/api/designs", json={"template": "tiny_mlp"}).json()
            design = httpx.get(f"{address}/api/designs/{meta['id']}").json()
            assert httpx.post(f"{address}/api/designs/{meta['id']}/validate", json=design).json()["valid"]
            script = "import backend; print(backend.__file__)"
            python = environment / "bin" / "python"
            command = [python, "-c", script]
            where = subprocess.run(command, capture_output=True, text=True, check=True, env=clean, cwd=tmp_path)
            assert where.stdout.startswith(str(environment)), "not the source tree"
        finally:
            process.kill()
            rest.join()
