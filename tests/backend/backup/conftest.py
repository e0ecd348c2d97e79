"""A data folder, and a backup of it."""

import shutil
from pathlib import Path

import pytest
from support.backup_data import write_data

from backend.backup.back_up import back_up


@pytest.fixture(scope="package")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that tests copy."""
    folder = tmp_path_factory.mktemp("pattern") / "data"
    write_data(folder)
    return folder


@pytest.fixture
def data(pattern: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(pattern, tmp_path / "data"))


@pytest.fixture
def backup(data: Path, tmp_path: Path) -> Path:
    file = tmp_path / "backup.tar"
    back_up(data, file, with_runs=True, force=False)
    return file
