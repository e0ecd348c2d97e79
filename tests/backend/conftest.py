"""A server for the tests of a module, and a fresh one where a test needs its own."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from served import Served, serving


class _Lost(logging.Handler):
    """Collects what asyncio logs of errors that nobody has seen."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if "never retrieved" in record.getMessage():
            self.messages.append(record.getMessage())


@pytest.fixture(autouse=True)
def lost_errors() -> Iterator[list[str]]:
    """Fail a test during which a task or future ended in an error that nobody has seen."""
    handler = _Lost()
    logging.getLogger("asyncio").addHandler(handler)
    try:
        yield handler.messages
    finally:
        logging.getLogger("asyncio").removeHandler(handler)
    assert handler.messages == []


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
