"""Installed, the package makes itself known to Gymnasium without an import."""

import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent.parent
PLAY = """
import sys
assert not {"gymnasium", "numpy", "typing", "backend", "shared_py"} & sys.modules.keys(), "a program starts with nothing of ours"
import gymnasium
assert not {"torch", "backend"} & sys.modules.keys()
assert gymnasium.spec("ModelStudio/Game2048-v0").entry_point.startswith("backend.")
one = gymnasium.make("ModelStudio/Game2048-v0")
assert one.reset(seed=1)[0].shape == (16,)
many = gymnasium.make_vec("ModelStudio/Game2048-v0", num_envs=3, autoreset_mode="Disabled")
assert many.reset(seed=1)[0].shape == (3, 16)
assert "torch" not in sys.modules
assert not [finder for finder in sys.meta_path if type(finder).__module__ == "model_studio_gymnasium"], "the hook is gone"
from importlib.metadata import entry_points
(point,) = entry_points(group="gymnasium.envs", module="model_studio_gymnasium")
point.load()()
import backend.environment.gym_2048_env
print("played", backend.__file__)
"""


@pytest.mark.parametrize("how", ["wheel", "editable"])
def test_an_installed_package_needs_no_import_to_make_the_game(how: str, tmp_path: Path) -> None:
    source = tmp_path / "source"
    for name in ("backend", "shared_py"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    environment = tmp_path / "environment"
    venv.create(environment, with_pip=False)
    python = environment / "bin" / "python"
    (packages,) = (environment / "lib").glob("*/site-packages")
    (packages / "what_it_needs.pth").write_text(sysconfig.get_path("purelib"))
    install = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--no-cache-dir",
    ]
    install += ["--no-build-isolation", "--force-reinstall", *(["--editable"] if how == "editable" else []), str(source)]
    subprocess.run(install, check=True, cwd=tmp_path, env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)})
    play = [str(python), "-W", "error", "-c", PLAY]
    played = subprocess.run(play, cwd=tmp_path, env={"HOME": str(tmp_path)}, capture_output=True, text=True)
    assert played.returncode == 0, played.stderr
    assert played.stderr == ""
    assert str(source if how == "editable" else packages) in played.stdout
