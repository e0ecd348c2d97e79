"""The same simulation with the phones in a browser, over its own IndexedDB."""

import asyncio
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import msgspec
from playwright.async_api import Browser, Route, async_playwright

from tests.simulation.scripts import BUILT, PLAIN
from tests.simulation.server import SimulatedServer, seeded
from tests.simulation.tasks import Task
from tests.simulation.worker import answer, make_folder, make_template
from tests.support.browser import launch_options

ADDRESS = "http://localhost/"
"""never reached: every request of the page is answered here"""


def run_in_browser(tasks: list[Task]) -> list[dict[str, Any]]:
    """Run tasks in Chromium, with the scripts as they were built last.

    In a thread of its own, since the plugin of pytest for Playwright may have an event loop running in this one.
    """
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, _run(tasks)).result()


async def _run(tasks: list[Task]) -> list[dict[str, Any]]:
    folder = make_folder()
    try:
        template = await make_template(folder / "template")
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(**launch_options(cast(Any, playwright)))
            results = [await _run_one(browser, task, folder, template) for task in tasks]
            await browser.close()
    finally:
        shutil.rmtree(folder)
    return results


async def _run_one(browser: Browser, task: Task, folder: Path, template: Path) -> dict[str, Any]:
    async def blank(route: Route) -> None:
        await route.fulfill(content_type="text/html", body="<!doctype html>")

    with seeded(f"{task.mode} {task.seed}"):
        server = SimulatedServer(folder / f"{task.mode}{task.seed}", template)
        await server.start()

        async def ask_server(head: dict[str, Any], body: str) -> tuple[dict[str, Any], str]:
            about, text = await answer(server, head, body.encode())
            return about, text.decode()

        page = await browser.new_page()
        await page.route("**/*", blank)
        await page.goto(ADDRESS)
        await page.expose_function("askServer", ask_server)
        await page.add_script_tag(content=(BUILT / PLAIN / "page.js").read_text())
        phone = (BUILT / PLAIN / "phone_app.js").read_text()
        result: dict[str, Any] = await page.evaluate("parts => page.runTask(...parts)", [msgspec.to_builtins(task), phone])
        await page.close()
        await server.close()
    return result
