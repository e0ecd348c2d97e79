"""From the question after a long run was started to the notification of its end, and a tap on it.

The browser here has no push service, so the test has one: the app subscribes there, the server sends its message there, and the
test hands what it decrypted to the service worker, as a browser does.
"""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect
from support.access import axe_violations, load_axe
from support.browser import collect_errors, skip_first_steps, wait_until
from support.paired import new_code, serving_paired
from support.push_service import Browser, PushService, push_service
from support.screen import open_new_design, wait_for_service_worker
from support.server_thread import Served

from backend.runs.run_folder import RunFolder
from backend.settings import BUILT_APP

SIZE = {"width": 412, "height": 915}
WAIT_S = 60
BROWSER_WITH_PUSH = """
(() => {
  const [endpoint, p256dh, auth] = %s
  let subscription = null
  const make = ({applicationServerKey}) => ({
    endpoint, options: {applicationServerKey: applicationServerKey.buffer}, toJSON: () => ({endpoint, keys: {p256dh, auth}}),
    unsubscribe: async () => { subscription = null; return true },
  })
  PushManager.prototype.getSubscription = async () => subscription
  PushManager.prototype.subscribe = async (options) => (subscription ??= make(options))
})()
"""
SHOWN = """async () => (await (await navigator.serviceWorker.ready).getNotifications())
  .map(({title, body, tag, data}) => ({title, body, tag, data}))"""
TAP = """async () => {
  const [notification] = await self.registration.getNotifications()
  const ended = []
  const event = new NotificationEvent('notificationclick', {notification})
  event.waitUntil = (work) => ended.push(work)
  self.dispatchEvent(event)
  await Promise.allSettled(ended)
}"""


@pytest.fixture
def service(tmp_path: Path) -> Iterator[PushService]:
    with push_service(tmp_path / "push") as made:
        yield made


@pytest.fixture
def paired(tmp_path: Path, service: PushService) -> Iterator[Served]:
    with serving_paired(tmp_path / "data", static_dir=BUILT_APP, test_push_authority=service.authority) as server:
        yield server


@pytest.fixture
def phone(service: PushService) -> Browser:
    """The subscription that the app gets."""
    return Browser(service)


@pytest.fixture
def app(browser: Chromium, browser_context_args: dict[str, Any], paired: Served, phone: Browser) -> Iterator[Page]:
    """The app on a paired phone."""
    context = browser.new_context(**browser_context_args | {"viewport": SIZE})
    skip_first_steps(context)
    keys = phone.subscription["keys"]
    context.add_init_script(BROWSER_WITH_PUSH % json.dumps([phone.endpoint, keys["p256dh"], keys["auth"]]))
    context.grant_permissions(["notifications"], origin=address(paired))
    errors = collect_errors(context)
    page = context.new_page()
    page.goto(f"{address(paired)}/#/pair/{new_code(paired.settings.data_dir)}")
    expect(page.get_by_text("Paired as")).to_be_visible()
    wait_for_service_worker(page)
    yield page
    context.close()
    refusals = ("401", "HTTP Authentication failed")  # before the phone was paired
    assert [error for error in errors if not any(words in error for words in refusals)] == []


def address(server: Served) -> str:
    return str(server.base_url).rstrip("/")


def call(page: Page, path: str, method: str = "GET") -> Any:
    """Call the server as the paired phone."""
    script = "async ([path, method]) => { const answer = await fetch(path, {method}); return answer.json().catch(() => null) }"
    return page.evaluate(script, [path, method])


def start_a_run(page: Page) -> str:
    """Start the run that is chosen, which takes a quarter of an hour; returns its id once it trains."""
    page.get_by_role("button", name="Train").tap()
    page.get_by_role("dialog", name="Train").get_by_role("button", name="Start").tap()
    running = partial(call, page, "/api/runs")
    wait_until(lambda: any(run["steps"] > 0 for run in running()), WAIT_S, page)
    run_id: str = running()[0]["id"]
    return run_id


def deliver(page: Page, server: Served, content: str) -> None:
    """Let the browser hand a push message to the service worker."""
    session = page.context.new_cdp_session(page)
    seen: list[dict[str, Any]] = []
    session.on("ServiceWorker.workerRegistrationUpdated", lambda event: seen.extend(event["registrations"]))
    session.send("ServiceWorker.enable")
    wait_until(lambda: seen, WAIT_S, page)
    message = {"origin": address(server), "registrationId": seen[-1]["registrationId"], "data": content}
    session.send("ServiceWorker.deliverPushMessage", message)
    session.detach()


def test_a_long_run_is_asked_about_announced_and_opened(app: Page, paired: Served, service: PushService, phone: Browser) -> None:
    open_new_design(app)
    question = app.get_by_role("region", name="Notifications")
    run_id = start_a_run(app)
    expect(question).to_contain_text("This run takes about")
    load_axe(app)
    assert axe_violations(app, contrast=True) == []
    question.get_by_role("button", name="Notify me").tap()
    expect(question).to_have_count(0)
    expect(app.get_by_text("This phone is notified when a run ends")).to_be_visible()
    assert call(app, "/api/push")["endpoint"] == phone.endpoint

    # the server stops it, as at its limit of hours
    RunFolder(paired.settings.runs_dir / run_id).write_stop_reason("it trained for 24 hours")
    call(app, f"/api/runs/{run_id}/stop", "POST")
    wait_until(lambda: service.received, WAIT_S, app)
    (received,) = service.received
    message = phone.message(received)
    design_id = app.url.split("/")[-2]
    assert {name: message[name] for name in ("run_id", "design_id", "design", "status")} == {
        "run_id": run_id,
        "design_id": design_id,
        "design": "Experts for each cell",
        "status": "stopped",
    }

    app.goto(f"{address(paired)}/#/")
    expect(app.get_by_role("heading", level=1)).to_have_text("Model Studio")
    assert app.evaluate(SHOWN) == []
    deliver(app, paired, phone.decrypt(received.body).decode())
    shown = wait_until(lambda: app.evaluate(SHOWN), WAIT_S, app)
    assert [(notice["title"], notice["tag"], notice["data"]) for notice in shown] == [
        (
            "Training of “Experts for each cell” was stopped by the server",
            f"run-{run_id}",
            {"design_id": design_id, "run_id": run_id},
        )
    ]
    assert shown[0]["body"].endswith("Tap to see why.")

    (worker,) = app.context.service_workers
    worker.evaluate(TAP)
    expect(app).to_have_url(f"{address(paired)}/#/d/{design_id}/train")
    expect(app.get_by_role("status", name="Run", exact=True)).to_contain_text("It trained for 24 hours")
    assert app.evaluate(SHOWN) == []


def test_the_address_of_a_run_opens_it(app: Page, paired: Served) -> None:
    open_new_design(app)
    run_id = start_a_run(app)
    call(app, f"/api/runs/{run_id}/stop", "POST")
    design_id = app.url.split("/")[-2]
    app.goto("about:blank")
    app.goto(f"{address(paired)}/#/run/{design_id}/{run_id}")
    expect(app).to_have_url(f"{address(paired)}/#/d/{design_id}/train")
    expect(app.get_by_role("status", name="Run", exact=True)).to_contain_text("Stopped")
    app.go_back()
    expect(app.get_by_role("heading", level=1)).to_have_text("Model Studio")


def test_a_message_that_cannot_be_read_is_shown_as_well(app: Page, paired: Served) -> None:
    deliver(app, paired, "no JSON")
    shown = wait_until(lambda: app.evaluate(SHOWN), WAIT_S, app)
    assert [(notice["title"], notice["data"]) for notice in shown] == [("A training run has ended", None)]


def test_the_settings_turn_it_on_and_off(app: Page, phone: Browser) -> None:
    app.get_by_role("button", name="App settings").tap()
    setting = app.get_by_role("switch", name="Notify me when a run ends or fails")
    expect(setting).not_to_be_checked()
    setting.tap()
    expect(setting).to_be_checked()
    assert call(app, "/api/push")["endpoint"] == phone.endpoint
    setting.tap()
    expect(setting).not_to_be_checked()
    assert call(app, "/api/push")["endpoint"] is None
    wait_until(lambda: len(call(app, "/api/audit")) >= 3, WAIT_S, app)
    assert [entry["what"] for entry in call(app, "/api/audit")] == [
        "notifications turned off",
        "notifications turned on",
        "device paired",
    ]


def test_the_settings_say_what_to_do_where_it_is_blocked(app: Page) -> None:
    app.context.clear_permissions()
    app.evaluate("void Object.defineProperty(Notification, 'permission', {get: () => 'denied'})")
    app.get_by_role("button", name="App settings").tap()
    expect(app.get_by_role("status", name="Why not")).to_contain_text("Allow them for this app")
    expect(app.get_by_role("switch", name="Notify me when a run ends or fails")).to_be_disabled()
