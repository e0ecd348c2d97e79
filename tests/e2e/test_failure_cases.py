"""Failure cases of `docs/reliability.md` in Chromium: phones, and a server that is really killed."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Route, WebSocket, expect
from support.browser import wait_until
from support.phones import (
    FIRST,
    SECOND,
    DyingServer,
    Phone,
    answer_with,
    copy_of,
    heads_of,
    new_design,
    settled,
)
from support.screen import assert_fits, make_ready_for_offline, open_gallery

HTML = {"status": 200, "content_type": "text/html", "body": "<html><title>Log in</title></html>"}
PROBLEM_JSON = "application/problem+json"


def try_now(phone: Phone, sheet: Locator) -> None:
    """Tap Try now in the open sync sheet, wait until everything is saved on the server, and close the sheet."""
    sheet.get_by_role("button", name="Try now").tap()
    expect(sheet).to_contain_text("Everything on this phone is saved on the server.")
    phone.close_sync()


def test_case_06_half_an_answer_is_no_answer(one: Phone, dying_server: DyingServer) -> None:
    def half(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.body()[: len(answer.body()) // 2])

    one.context.route("**/api/sync", half)
    one.set_heads(FIRST, 8)
    wait_until(lambda: heads_of(dying_server.design(one.design_id), "c3") == 8, 15, one.page)
    expect(one.status).to_contain_text("1 change waiting")
    expect(one.open_sync().get_by_role("status", name="Problem")).to_contain_text("The answer of the server broke off")
    one.close_sync()
    one.context.unroute_all(behavior="wait")
    settled(dying_server, one)
    assert heads_of(one.stored()[one.design_id], "c3") == 8


def test_case_07_the_server_is_killed_between_commit_and_answer(one: Phone, two: Phone, dying_server: DyingServer) -> None:
    two.go_offline()
    dying_server.die_before_the_next_answer()
    one.set_heads(FIRST, 8)
    dying_server.wait_until_killed()
    expect(one.status).to_contain_text("1 change waiting")
    one.set_heads(FIRST, 2)
    dying_server.start()
    assert heads_of(dying_server.design(one.design_id), "c3") == 8, "the change was committed before the server died"
    settled(dying_server, one)
    two.go_offline(False)
    settled(dying_server, one, two)
    assert heads_of(dying_server.design(one.design_id), "c3") == 2
    for phone in (one, two):
        assert phone.rows("conflicts") == []
        expect(phone.conflicts).to_have_count(0)


def test_case_08_the_data_folder_is_put_back_from_a_copy(one: Phone, two: Phone, dying_server: DyingServer) -> None:
    """The epoch lies in that folder, and the other phone's edits pass the number that the first one knows."""
    dying_server.kill()
    shutil.copytree(dying_server.data, copy_of(dying_server.data))
    dying_server.start()
    epoch = dying_server.get("/api/health")["epoch"]
    two.go_offline()
    one.set_heads(FIRST, 8)
    shared = one.design_id
    one.back()
    new_design(one.page, "Tiny MLP")
    one.is_saved()
    only_here = one.design_id
    one.go_offline()
    dying_server.kill()
    shutil.rmtree(dying_server.data)
    copy_of(dying_server.data).rename(dying_server.data)
    dying_server.start()
    assert dying_server.get("/api/health")["epoch"] == epoch
    assert dying_server.ids() == {shared}
    two.go_offline(False)
    for heads in (2, 8, 1, 2):
        two.set_heads(SECOND, heads)
        two.is_saved()
    one.go_offline(False)
    settled(dying_server, one, two)
    assert (heads_of(dying_server.design(shared), "c3"), heads_of(dying_server.design(shared), "c4")) == (8, 2)
    assert dying_server.ids() == {shared, only_here}
    assert one.rows("conflicts") == two.rows("conflicts") == []


def test_case_09_the_server_is_empty(one: Phone, two: Phone, dying_server: DyingServer) -> None:
    two.go_offline()
    two.set_heads(FIRST, 8)
    dying_server.kill()
    shutil.rmtree(dying_server.data)
    dying_server.data.mkdir()
    dying_server.start()
    one.sync_now()
    wait_until(lambda: dying_server.ids() == {one.design_id}, 15, one.page)
    two.go_offline(False)
    settled(dying_server, one, two)
    assert heads_of(dying_server.design(one.design_id), "c3") == 8


def test_case_16_removed_here_and_edited_there(one: Phone, two: Phone, dying_server: DyingServer) -> None:
    for phone in (one, two):
        phone.go_offline()
    one.back()
    one.remove_only_design()
    two.set_heads(FIRST, 8)
    one.go_offline(False)
    wait_until(lambda: dying_server.ids() == set(), 15, one.page)
    two.go_offline(False)
    expect(one.page.get_by_role("region", name="Design is back")).to_contain_text("another device changed or restored it")
    settled(dying_server, one, two)
    assert heads_of(dying_server.design(two.design_id), "c3") == 8
    for phone in (one, two):
        phone.wait_for(lambda phone: len(phone.rows("conflicts")) == 1)
    two.back()
    for phone in (one, two):
        expect(phone.page.get_by_role("link", name="Experts for each cell")).to_be_visible()
        assert_fits(phone.page, "list with a design that came back")


def test_case_16_removed_on_both_phones(one: Phone, two: Phone, dying_server: DyingServer) -> None:
    for phone in (one, two):
        phone.back()
        phone.go_offline()
        phone.remove_only_design()
    for phone in (one, two):
        phone.go_offline(False)
    settled(dying_server, one, two)
    assert dying_server.ids() == set()
    for phone in (one, two):
        phone.wait_for(lambda phone: phone.rows() == [])
        assert phone.rows("conflicts") == []


def test_case_19_a_conflict_is_on_both_screens(one: Phone, two: Phone, dying_server: DyingServer) -> None:
    for phone in (one, two):
        phone.go_offline()
    one.set_heads(FIRST, 2)
    two.set_heads(FIRST, 8)
    dying_server.kill()
    dying_server.start()
    one.go_offline(False)
    one.is_saved()
    two.go_offline(False)
    for phone in (one, two):
        for value in ("2", "8"):
            expect(phone.conflicts).to_contain_text(re.compile(rf"(?<!\d){value}(?!\d)"))
        assert_fits(phone.page, "conflict")
    settled(dying_server, one, two)
    assert heads_of(dying_server.design(one.design_id), "c3") == 8, "the last phone to sync"


def test_case_21_the_server_wants_the_phone_to_sign_in(one: Phone, dying_server: DyingServer) -> None:
    answer_with(one, status=401, content_type=PROBLEM_JSON, body='{"title": "Unauthorized", "status": 401, "detail": ""}')
    one.set_heads(FIRST, 8)
    sheet = one.open_sync()
    expect(sheet.get_by_role("status", name="Problem")).to_contain_text("wants this phone to sign in (401): nothing is lost")
    expect(sheet.get_by_role("region", name="Waiting")).to_contain_text("Changed here")
    one.context.unroute("**/api/**")
    try_now(one, sheet)
    settled(dying_server, one)
    assert heads_of(dying_server.design(one.design_id), "c3") == 8
    one.forget_errors("401 (Unauthorized)")


def test_case_23_the_server_asks_to_wait(one: Phone, dying_server: DyingServer) -> None:
    calls: list[str] = []
    one.context.on("request", lambda request: calls.append(request.url) if request.url.endswith("/api/sync") else None)
    problem = '{"title": "Service Unavailable", "status": 503, "detail": "The server stops"}'
    answer_with(one, status=503, content_type=PROBLEM_JSON, headers={"Retry-After": "600"}, body=problem)
    one.set_heads(FIRST, 8)
    sheet = one.open_sync()
    expect(sheet.get_by_role("status", name="Problem")).to_contain_text("is not ready (503): nothing is lost")
    expect(sheet.get_by_role("status", name="Problem")).to_contain_text("again in 10 min")
    before = len(calls)
    one.sync_now()
    one.close_sync()
    one.set_heads(SECOND, 8)
    assert len(calls) == before
    one.context.unroute("**/api/**")
    sheet = one.open_sync()
    try_now(one, sheet)
    settled(dying_server, one)
    assert heads_of(dying_server.design(one.design_id), "c4") == 8
    one.forget_errors("503 (Service Unavailable)")


def test_case_24_a_captive_portal_answers_200_with_html(one: Phone, dying_server: DyingServer) -> None:
    answer_with(one, **HTML)
    one.set_heads(FIRST, 8)
    sheet = one.open_sync()
    expect(sheet.get_by_role("status", name="Problem")).to_contain_text("This network answered in place of the server")
    assert_fits(one.page, "captive portal")
    one.close_sync()
    expect(one.status).to_contain_text("1 change waiting")
    one.page.reload()
    expect(one.page.get_by_role("tab", name="Chain")).to_be_visible()
    assert heads_of(one.stored()[one.design_id], "c3") == 8
    one.context.unroute("**/api/**")
    settled(dying_server, one)
    assert heads_of(dying_server.design(one.design_id), "c3") == 8


def test_case_28_the_live_messages_of_a_run_go_on_after_their_last_number(one: Phone, dying_server: DyingServer) -> None:
    """The socket is cut by the end of the server; the trainer goes on meanwhile."""
    received: list[int] = []
    sockets: list[str] = []

    def note(frame: Any) -> None:
        message = json.loads(frame)
        if message.get("run_id"):
            received.append(message["seq"])

    def watch(socket: WebSocket) -> None:
        sockets.append(socket.url)
        socket.on("framereceived", note)

    one.page.on("websocket", watch)
    one.page.reload()
    wait_until(lambda: sockets, 15, one.page)
    config = {"total_steps": 10_000_000, "n_envs": 8, "n_steps": 8, "minibatch_size": 64, "threads": 1}
    run_id = dying_server.post(f"/api/designs/{one.design_id}/train", config)["run_id"]
    wait_until(lambda: len(received) > 5, 60, one.page)
    dying_server.kill()
    before = len(received)
    dying_server.start()
    wait_until(lambda: len(received) > before + 5, 60, one.page)
    stored = [message["seq"] for message in dying_server.get(f"/api/runs/{run_id}/metrics")]
    wait_until(lambda: stored[-1] in received, 30, one.page)
    assert {seq for seq in stored if seq >= received[0]} <= set(received)
    assert received == sorted(set(received))
    assert len(sockets) > 1
    assert int(sockets[-1].partition("after=")[2]) >= received[before - 1]


def test_case_30_all_designs_of_a_phone_are_opened_on_another(
    one: Phone, browser: Browser, browser_context_args: dict[str, Any], dying_server: DyingServer, tmp_path: Path
) -> None:
    other = Phone(browser, browser_context_args, dying_server.url)
    expect(other.page.get_by_role("link", name="Experts for each cell")).to_be_visible()
    for phone in (one, other):
        make_ready_for_offline(phone.page)
    dying_server.kill()
    one.set_heads(FIRST, 8)
    shared = one.design_id
    one.back()
    new_design(one.page, "Tiny MLP")
    only_here = one.design_id
    wait_until(lambda: set(one.stored()) == {shared, only_here}, 10, one.page)
    with one.page.expect_download() as waiting:
        one.open_sync().get_by_role("button", name="Save all designs").tap()
    waiting.value.save_as(tmp_path / "all.json")
    one.close_sync()
    open_gallery(other.page)
    other.page.get_by_label("Open a file").set_input_files(tmp_path / "all.json")
    expect(other.page.get_by_role("link", name="Tiny MLP")).to_be_visible()
    expect(other.page.get_by_role("link", name="Experts for each cell")).to_have_count(2)
    assert heads_of(other.stored()[shared], "c3") is None, "the design that was there is not overwritten"
    assert other.stored()[only_here] == one.stored()[only_here]
    dying_server.start()
    settled(dying_server, one, other)
    assert {shared, only_here} < dying_server.ids()
    assert len(dying_server.ids()) == 3
    assert heads_of(dying_server.design(shared), "c3") == 8
    other.context.close()
    assert other.errors == []
