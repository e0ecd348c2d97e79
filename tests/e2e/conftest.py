"""A real server and a phone-sized Chromium for every browser test."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import Server, collect_errors, launch_options, wait_until
from playwright.sync_api import BrowserContext


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any], playwright: Any) -> dict[str, Any]:
    return {**browser_type_launch_args, **launch_options(playwright)}


@pytest.fixture(scope="session")
def browser_context_args(playwright: Any) -> dict[str, Any]:
    pixel = dict(playwright.devices["Pixel 7"])
    pixel.pop("default_browser_type", None)
    return {**pixel, "viewport": {"width": 412, "height": 839}, "accept_downloads": True}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A running server with empty data; every run it started is stopped with it."""
    server = Server(tmp_path)
    server.start()
    yield server
    if server.process is not None and server.process.poll() is None:
        for run in server.get("/api/runs"):
            if run["status"] in ("queued", "running", "paused"):
                server.post(f"/api/runs/{run['id']}/stop")
                wait_until(lambda run=run: server.get(f"/api/runs/{run['id']}")["status"] not in ("running", "paused"), 30)
    server.stop()


@pytest.fixture
def console_errors(context: BrowserContext) -> list[str]:
    """What pages of this context write to the console as an error."""
    return collect_errors(context)
