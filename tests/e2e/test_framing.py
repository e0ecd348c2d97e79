"""A page of another origin can neither frame the app or the set-up page, nor embed what the server sends, nor hold its window."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from support.browser import Server, skip_first_steps, wait_until
from support.lan_server import LanServer

REFUSED = "chrome-error://chromewebdata/"
"""the address of a frame whose page forbids it"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def other_site(tmp_path: Path) -> Iterator[str]:
    """A site of another origin; its page frames itself on request, so that a frame that works is seen too."""
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "index.html").write_text("<!doctype html><title>Another site</title><p>another site</p>")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as site:
        thread = threading.Thread(target=site.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{site.server_port}/"
        finally:
            site.shutdown()
            thread.join()


@pytest.fixture
def attacker(browser: Browser, browser_context_args: dict[str, Any], other_site: str) -> Iterator[Page]:
    """A tab with the other site."""
    context = browser.new_context(**browser_context_args)
    skip_first_steps(context)
    page = context.new_page()
    page.goto(other_site)
    yield page
    context.close()


@pytest.fixture
def set_up_page(tmp_path: Path) -> Iterator[str]:
    """The address of a set-up page."""
    server = LanServer(tmp_path / "data")
    server.data.mkdir()
    server.start()
    yield f"{server.page_url}/"
    server.stop()


def framed(page: Page, url: str, tag: str = "iframe") -> str:
    """Put an address into a frame; where the frame is once it has gone anywhere."""
    name = "data" if tag == "object" else "src"
    put = """([tag, name, url]) => {
      const frame = document.createElement(tag)
      frame[name] = url
      document.body.replaceChildren(frame)
    }"""
    page.evaluate(put, [tag, name, url])
    wait_until(lambda: all(frame.url not in ("", "about:blank") for frame in page.frames[1:]), 15, page)
    return page.frames[-1].url if len(page.frames) > 1 else REFUSED


def test_the_app_is_not_framed(attacker: Page, other_site: str, server: Server) -> None:
    assert framed(attacker, other_site) == other_site
    expect(attacker.frame_locator("iframe").get_by_text("another site")).to_be_visible()
    for path in ("/", "/#/design/d1", "/index.html", "/api/health", "/nothing.js"):
        for tag in ("iframe", "object"):
            assert framed(attacker, f"{server.url}{path}", tag) == REFUSED, (path, tag)


def test_the_set_up_page_is_not_framed(attacker: Page, set_up_page: str) -> None:
    for path in ("", "none"):
        assert framed(attacker, f"{set_up_page}{path}") == REFUSED, path


def test_answers_are_not_embedded_and_the_window_of_the_app_is_out_of_reach(attacker: Page, server: Server) -> None:
    attempt = "url => fetch(url, {mode: 'no-cors'}).then(() => 'embedded', () => 'refused')"
    assert attacker.evaluate(attempt, f"{server.url}/api/designs") == "refused"
    assert attacker.evaluate(attempt, f"{server.url}/") == "refused"
    with attacker.context.expect_page() as opened:
        attacker.evaluate("url => { window.held = window.open(url) }", server.url)
    app = opened.value
    expect(app.get_by_role("heading", level=1)).to_have_text("Model Studio")
    assert app.evaluate("window.opener") is None
    assert attacker.evaluate("window.held.closed"), "the handle leads nowhere"
