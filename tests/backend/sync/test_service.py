"""While one call merges a large design, other calls are answered, and what they change meanwhile is not lost."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pytest
from support.server_thread import Served, serving
from support.sync_phone import Phone, drawing, widths

from backend.store.database import Transaction
from backend.sync import service
from backend.sync.apply import Sender, apply_push
from backend.sync.reconcile import Push
from backend.sync.request import read_push
from backend.sync.service import LARGE, TRIES

PATIENCE_S = 30


class HeldMerge:
    """Lets a long merge wait in the middle, until the test lets it go on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.merges = 0
        decide = service.decide

        def held(*args: Any) -> Any:
            self.merges += 1
            decision = decide(*args)
            self.begun.set()
            assert self.go_on.wait(PATIENCE_S)
            return decision

        monkeypatch.setattr(service, "decide", held)


def large(first: int) -> dict[str, Any]:
    return drawing("dlarge", c0=first, **{f"c{number}": 1 for number in range(1, LARGE + 1)})


def pair(server: Served) -> tuple[Phone, Phone]:
    """Two phones that both have a large design."""
    one, two = Phone("one"), Phone("two")
    one.edit("dlarge", large(1))
    one.sync(server)
    two.sync(server)
    return one, two


@pytest.fixture
def merge(monkeypatch: pytest.MonkeyPatch) -> Callable[[], HeldMerge]:
    return lambda: HeldMerge(monkeypatch)


def test_other_calls_are_answered_during_a_long_merge(tmp_path: Path, merge: Callable[[], HeldMerge]) -> None:
    with serving(tmp_path) as server, ThreadPoolExecutor(1) as pool:
        one, two = pair(server)
        held = merge()
        one.edit("dlarge", large(2))
        long = pool.submit(one.sync, server)
        assert held.begun.wait(PATIENCE_S)
        assert server.get("/api/health").json()["status"] == "ok"
        two.edit("dsmall", drawing("dsmall", c1=1))
        two.sync(server)
        assert not long.done()
        held.go_on.set()
        long.result(PATIENCE_S)
        one.sync(server)
        assert widths(one.rows["dlarge"].work)["c0"] == 2
        assert set(one.rows) == {"dlarge", "dsmall"}


def test_a_design_that_changes_during_its_merge_is_merged_again(tmp_path: Path, merge: Callable[[], HeldMerge]) -> None:
    with serving(tmp_path) as server, ThreadPoolExecutor(1) as pool:
        one, two = pair(server)
        held = merge()
        one.edit("dlarge", large(2))
        long = pool.submit(one.sync, server)
        assert held.begun.wait(PATIENCE_S)
        etag = server.get("/api/designs/dlarge").headers["etag"]
        document = {**server.get("/api/designs/dlarge").json(), "name": "Renamed meanwhile"}
        server.put("/api/designs/dlarge", json=document, headers={"If-Match": etag}).raise_for_status()
        held.go_on.set()
        long.result(PATIENCE_S)
        stored = server.get("/api/designs/dlarge").json()
        assert (stored["name"], widths(stored)["c0"]) == ("Renamed meanwhile", 2)
        assert held.merges == 2
        two.sync(server)
        assert two.rows["dlarge"].work == stored


def test_a_design_that_changes_all_the_time_is_merged_at_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []

    def always_changed(*_: Any) -> None:
        tries.append(1)

    with serving(tmp_path) as server:
        one, _ = pair(server)
        monkeypatch.setattr(service, "store_if_unchanged", always_changed)
        one.edit("dlarge", large(2))
        one.sync(server)
        assert len(tries) == TRIES
        assert widths(server.get("/api/designs/dlarge").json())["c0"] == 2


def test_what_others_change_between_the_designs_of_a_call_is_in_its_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its cursor is behind that change, so no later call would bring it."""
    end_call = service.end_call

    def changed_before(transaction: Transaction, *args: Any) -> Any:
        apply_push(transaction, foreign, Sender("two", is_storing=True, same_history=True))
        return end_call(transaction, *args)

    with serving(tmp_path) as server:
        one, two = Phone("one"), Phone("two")
        one.edit("d1", drawing("d1", c1=1, c2=1))
        one.sync(server)
        two.sync(server)
        two.set("d1", c2=7)
        foreign = pushed(two)
        one.set("d1", c1=5)
        monkeypatch.setattr(service, "end_call", changed_before)
        one.sync(server)
        assert widths(one.rows["d1"].work) == {"c1": 5, "c2": 7}


def pushed(phone: Phone) -> Push:
    """The one design of a phone's next call, decoded as the server does it."""

    push = read_push(msgspec.Raw(msgspec.json.encode(phone.call()["designs"][0])))
    assert isinstance(push, Push)
    return push
