"""A server for the tests of a module, and a fresh one where a test needs its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from served import Served, serving


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server for a module; its tests make designs of their own."""
    with serving(tmp_path_factory.mktemp("data")) as client:
        yield client


@pytest.fixture
def fresh_server(tmp_path: Path) -> Iterator[Served]:
    """A server with an empty database."""
    with serving(tmp_path / "data") as client:
        yield client
