"""A real server and a phone-sized Chromium for every browser test."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from support.browser import Server, collect_errors, launch_options, skip_first_steps, wait_until
from support.phones import DyingServer, Phone
from support.screen import open_new_design

expect.set_options(timeout=15_000)  # on a busy machine Python in the browser takes seconds

SIZES = [(360, 640), (412, 915)]
"""the smallest phone there should be room on, and a usual one"""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test marked with `both_sizes` runs at each size, any other that takes a `page` at the smallest."""
    chosen = any("page" in mark.args[0] for mark in metafunc.definition.iter_markers("parametrize"))
    if "page" in metafunc.fixturenames and not chosen:
        sizes = SIZES if metafunc.definition.get_closest_marker("both_sizes") else SIZES[:1]
        metafunc.parametrize("page", sizes, ids=lambda size: f"{size[0]}x{size[1]}", indirect=True)


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
    stop(server)


def has_ended(server: Server, run_id: str) -> bool:
    """Whether a run is over."""
    return server.get(f"/api/runs/{run_id}")["status"] not in ("running", "paused")


def stop(server: Server) -> None:
    """Stop a server and every run it started."""
    if server.process is not None and server.process.poll() is None:
        for run in server.get("/api/runs"):
            if run["status"] in ("queued", "running", "paused"):
                server.post(f"/api/runs/{run['id']}/stop")
                wait_until(partial(has_ended, server, run["id"]), 30)
    server.stop()


@pytest.fixture
def dying_server(tmp_path: Path) -> Iterator[DyingServer]:
    """A running server with empty data in a folder of its own, which a test may replace."""
    (tmp_path / "data").mkdir()
    server = DyingServer(tmp_path / "data")
    server.start()
    yield server
    stop(server)


@pytest.fixture
def one(browser: Browser, browser_context_args: dict[str, Any], dying_server: DyingServer) -> Iterator[Phone]:
    """A phone with one design, which is open and saved on the server."""
    phone = Phone(browser, browser_context_args, dying_server.url)
    open_new_design(phone.page)
    phone.is_saved()
    yield phone
    phone.context.close()
    assert phone.errors == []


@pytest.fixture
def two(browser: Browser, browser_context_args: dict[str, Any], one: Phone) -> Iterator[Phone]:
    """Another phone with the same design open."""
    phone = Phone(browser, browser_context_args, one.page.url)
    expect(phone.page.get_by_role("tab", name="Chain")).to_be_visible()
    phone.is_saved()
    yield phone
    phone.context.close()
    assert phone.errors == []


@pytest.fixture
def console_errors(context: BrowserContext) -> list[str]:
    """What pages of this context write to the console as an error."""
    return collect_errors(context)


@pytest.fixture
def page(
    request: pytest.FixtureRequest, browser: Browser, browser_context_args: dict[str, Any], server: Server
) -> Iterator[Page]:
    """The app on a phone; nothing may be written to the console as an error."""
    width, height = request.param
    context = browser.new_context(**browser_context_args | {"viewport": {"width": width, "height": height}})
    skip_first_steps(context)
    errors = collect_errors(context)
    page = context.new_page()
    page.goto(server.url)
    yield page
    assert errors == []
    context.close()
