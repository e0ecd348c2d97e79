"""A trained network comes to the phone by itself, with the bytes that the server wrote, and stays there without the server."""

import re
from typing import Any

from playwright.sync_api import Browser, Page, expect
from support.browser import Server, collect_errors, wait_until
from support.exported_networks import write_exported_run
from support.phones import ROWS
from support.screen import make_ready_for_offline, open_new_design

RUN = "r1kept"
HASHES = """async () => {
  const cache = await caches.open('networks')
  const found = {}
  for (const request of await cache.keys()) {
    const bytes = await (await cache.match(request)).arrayBuffer()
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
    const kind = new URL(request.url).pathname.split('/').at(-1)
    found[kind] = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  }
  return found
}"""


def kept(page: Page) -> list[dict[str, Any]]:
    """The rows of the networks on the phone."""
    rows: list[dict[str, Any]] = page.evaluate(ROWS, "networks")
    return rows


def best_files(server: Server, design_id: str) -> dict[str, str]:
    """The hashes of the best network's files as the server lists them."""
    (run,) = server.get(f"/api/designs/{design_id}/exports")["runs"]
    best = next(one for one in run["checkpoints"] if one["checkpoint"] == "best")
    onnx = [file for file in best["files"] if file["fmt"] == "onnx"]
    return {"inspect.onnx" if file["inspect"] else "plain.onnx": file["sha256"] for file in onnx}


def test_the_network_of_a_run_that_ended_is_fetched_and_stays_without_the_server(
    browser: Browser, browser_context_args: dict[str, Any], server: Server
) -> None:
    context = browser.new_context(**browser_context_args)
    errors = collect_errors(context)
    page = context.new_page()
    page.goto(server.url)
    open_new_design(page)
    expect(page.get_by_role("status", name="Sync")).to_contain_text("Saved on server")
    found = re.search(r"#/d/(\w+)", page.url)
    assert found is not None
    design_id = found[1]
    make_ready_for_offline(page)  # a service worker that loses its server while it is installed is installed at the next visit
    # the phone hears of a run that begins, and is not connected when it ends
    page.evaluate(
        '([run, design]) => localStorage.setItem(\'model-studio-active-runs\', `{"${run}": "${design}"}`)', [RUN, design_id]
    )
    server.kill()
    write_exported_run(server.data, RUN, "mixture-ppo", design_id)
    server.start()
    errors.clear()
    page.evaluate("dispatchEvent(new Event('online'))")
    wait_until(lambda: any(row["inspectBytes"] for row in kept(page)), 60, page)
    (row,) = kept(page)
    assert (row["runId"], row["designId"], row["checkpoint"], row["automatic"]) == (RUN, design_id, "best", True)
    hashes = page.evaluate(HASHES)
    assert hashes == {"plain.onnx": row["sha256"], "inspect.onnx": row["inspectSha256"]}
    assert hashes == best_files(server, design_id)
    assert errors == []
    server.kill()
    page.reload()
    expect(page.get_by_role("status", name="Validation")).to_contain_text(re.compile("^Valid"), timeout=60_000)
    assert page.evaluate(HASHES) == hashes
    assert kept(page) == [row]
    context.close()
    server.start()
