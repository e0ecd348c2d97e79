"""A server process with a thousand idle connections, and with few file descriptors."""

import resource
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from support.server_process import server_process

from backend.connections.registry import RESERVED_DESCRIPTORS, connections_that_fit
from backend.errors import CannotStart

SILENT = 1_100
LOG_BYTES = 20_000


@pytest.fixture(autouse=True)
def enough_descriptors() -> Iterator[None]:
    """Raise the limit of this process, which holds the clients."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("descriptors", [1024, 400], ids=["raised", "few"])
def test_other_clients_are_served_during_a_thousand_idle_connections(tmp_path: Path, descriptors: int) -> None:
    """With 1,024 descriptors the limit can be raised, with 400 it cannot; in both cases the log stays short."""
    log = tmp_path / "log"
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1] if descriptors == 1024 else descriptors
    with (
        server_process(tmp_path / "data", "--no-preload", descriptors=(descriptors, hard), log=log) as (_, url),
        ExitStack() as stack,
    ):
        place = urlsplit(url)
        for _ in range(SILENT):
            stack.enter_context(closing(socket.create_connection((place.hostname, place.port or 0), timeout=20)))
        for _ in range(5):
            assert httpx.get(f"{url}/api/health", timeout=20).status_code == 200
    text = log.read_text()
    assert "running on http" in text
    assert len(text) < LOG_BYTES, text[-2000:]


def test_a_process_that_may_open_too_few_files_says_so() -> None:
    script = (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100));"
        "from backend.connections.registry import connections_that_fit; connections_that_fit(2000)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "This process may open 100 files, which is too few for a server: allow 336 or more" in done.stderr


def test_the_limit_is_raised_and_connections_are_bounded_by_it(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = [1024, 4096]
    monkeypatch.setattr(resource, "getrlimit", lambda _: tuple(limits))
    monkeypatch.setattr(resource, "setrlimit", lambda _, wanted: limits.__setitem__(0, wanted[0]))
    assert connections_that_fit(2000) == 2000
    assert limits == [4096, 4096]
    assert connections_that_fit(5000) == 4096 - RESERVED_DESCRIPTORS
    limits[:] = [100, 100]
    with pytest.raises(CannotStart, match="too few for a server"):
        connections_that_fit(2000)
