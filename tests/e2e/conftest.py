"""A real server and a phone-sized Chromium for every browser test."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from support.browser import Server, collect_errors, launch_options, wait_until

SIZES = [(360, 640), (412, 915)]
"""the smallest phone there should be room on, and a usual one"""


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


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def page(
    request: pytest.FixtureRequest, browser: Browser, browser_context_args: dict[str, Any], server: Server
) -> Iterator[Page]:
    """The app on a phone of either size; nothing may be written to the console as an error."""
    width, height = request.param
    context = browser.new_context(**browser_context_args | {"viewport": {"width": width, "height": height}})
    errors = collect_errors(context)
    page = context.new_page()
    page.goto(server.url)
    yield page
    assert errors == []
    context.close()
