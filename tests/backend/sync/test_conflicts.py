"""Conflicts on a real server: to whom they are delivered, for how long, and who can resolve them."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from support.server_thread import Served, serving
from support.sync_phone import Phone, drawing, widths

from backend.store.conflicts import ABSENT_DAYS


@pytest.fixture
def server(fresh_server: Served) -> Served:
    """A server without designs."""
    return fresh_server


def two_phones(server: Served, **first: int) -> tuple[Phone, Phone]:
    """Two phones that both have the design `d1`."""
    one, two = Phone("one"), Phone("two")
    one.edit("d1", drawing("d1", **first))
    one.sync(server)
    two.sync(server)
    return one, two


def in_conflict(server: Served) -> tuple[Phone, Phone]:
    """Two phones that both set one value; only the second has the conflict."""
    one, two = two_phones(server, c1=1)
    one.set("d1", c1=2)
    one.sync(server)
    two.set("d1", c1=3)
    two.sync(server)
    return one, two


def set_clock(monkeypatch: pytest.MonkeyPatch, day: str) -> None:
    monkeypatch.setattr("backend.store.database.now_text", lambda: f"{day}T00:00:00.000Z")


def waiting_for(data: Path, device: str) -> int:
    """How many conflicts are stored for a device that has not called meanwhile."""
    with closing(sqlite3.connect(data / "studio.db")) as database:
        row = database.execute("SELECT count(*) FROM conflict_devices WHERE device_id = ?", [device]).fetchone()
    return int(row[0])


def test_case_02_a_conflict_is_delivered_until_each_device_has_acknowledged_it(server: Served) -> None:
    one, two = two_phones(server, c1=1)
    one.set("d1", c1=2)
    one.sync(server)
    two.set("d1", c1=3)
    server.sync(**two.call())  # the answer is lost
    two.sync(server)
    one.sync(server)
    for phone in (one, two):
        (conflict,) = phone.conflicts
        assert (conflict["path"], conflict["mine"], conflict["theirs"], conflict["kept"]) == (
            "/components/c1/props/d_model", 3, 2, "mine",
        )  # fmt: skip
        assert (conflict["device"], conflict["device_name"], conflict["other_name"]) == ("two", "Phone two", "Phone one")
        assert server.sync(**phone.call())["conflicts"] == []
    assert one.conflicts == two.conflicts


def test_a_resolved_conflict_is_delivered_again_to_the_other_device(server: Served) -> None:
    one, two = two_phones(server, c1=1)
    one.set("d1", c1=2)
    one.sync(server)
    two.set("d1", c1=3)
    two.sync(server)
    one.sync(server)
    one.set("d1", c1=2)
    one.resolved = [{"id": one.conflicts[0]["id"], "choice": "theirs"}]
    one.sync(server)
    two.sync(server)
    (conflict,) = two.conflicts
    assert (conflict["resolved"], conflict["resolved_by"]) == ("theirs", "Phone one")
    assert widths(two.rows["d1"].work) == {"c1": 2}
    assert server.sync(**one.call())["conflicts"] == []


def test_only_a_device_concerned_can_resolve_a_conflict(server: Served) -> None:
    one, two = in_conflict(server)
    stranger = Phone("stranger")
    stranger.resolved = [{"id": two.conflicts[0]["id"], "choice": "theirs"}]
    stranger.sync(server)
    one.sync(server)
    assert "resolved" not in one.conflicts[0]


def test_a_choice_that_comes_late_changes_nothing(server: Served) -> None:
    one, two = in_conflict(server)
    choice = {"id": two.conflicts[0]["id"], "choice": "theirs"}
    one.resolved = [choice]
    one.sync(server)
    two.resolved = [{**choice, "choice": "mine"}]
    two.sync(server)
    (conflict,) = two.conflicts
    assert conflict["resolved"] == "theirs"
    assert server.sync(**one.call())["conflicts"] == []


def test_a_choice_in_a_call_whose_design_is_refused_is_not_stored(server: Served) -> None:
    one, two = in_conflict(server)
    one.sync(server)
    two.edit("d1", {**drawing("d1"), "components": [{"id": "c1", "type": "nothing"}]})
    two.resolved = [{"id": two.conflicts[0]["id"], "choice": "theirs"}]
    assert server.sync(**two.call())["rejected"]
    assert server.sync(**one.call())["conflicts"] == []
    two.edit("d1", drawing("d1", c1=2))
    server.sync(**two.call())
    (conflict,) = server.sync(**one.call())["conflicts"]
    assert conflict["resolved"] == "theirs"


def test_conflicts_of_devices_that_are_gone_are_deleted_after_many_days_of_contact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(tmp_path) as server:
        _, two = in_conflict(server)
        for day in range(ABSENT_DAYS + 1):
            assert waiting_for(tmp_path, "one") == 1
            set_clock(monkeypatch, f"{3000 + day}-01-01")
            server.sync(**two.call())
        assert waiting_for(tmp_path, "one") == 0


@pytest.mark.parametrize(("first", "then"), [("2026-01-01", "2999-01-01"), ("1990-01-01", "2026-01-01")])
def test_case_10_a_clock_of_the_server_that_jumps_deletes_no_conflict(
    server: Served, monkeypatch: pytest.MonkeyPatch, first: str, then: str
) -> None:
    set_clock(monkeypatch, first)
    one, _ = in_conflict(server)
    set_clock(monkeypatch, then)
    Phone("other").sync(server)
    set_clock(monkeypatch, first)
    assert len(server.sync(**one.call())["conflicts"]) == 1


def test_a_device_receives_what_was_delivered_to_the_one_that_it_was_before(server: Served) -> None:
    one, _ = in_conflict(server)
    one.sync(server)
    (conflict,) = one.conflicts
    copied = {**one.call(), "device_id": "one-anew", "client_id": "c-anew", "former_device_ids": ["one"]}
    assert [again["id"] for again in server.sync(**copied)["conflicts"]] == [conflict["id"]]
    answer = server.sync(**{**copied, "acknowledged": [conflict["id"]]})
    assert answer["conflicts"] == []
    assert server.sync(**copied)["conflicts"] == []


def test_case_04_a_late_call_of_a_former_device_makes_a_conflict_for_what_it_became(server: Served) -> None:
    one, two = two_phones(server, c1=1)
    one.set("d1", c1=2)
    late = one.call()
    two.set("d1", c1=3)
    two.sync(server)
    for former, device in (("one", "second"), ("second", "third")):
        server.sync(**{**late, "designs": [], "device_id": device, "client_id": f"c-{device}", "former_device_ids": [former]})
    server.sync(**late)  # the answer reaches nobody
    answer = server.sync(**{**late, "designs": [], "device_id": "third", "client_id": "c-third"})
    assert [(conflict["mine"], conflict["theirs"]) for conflict in answer["conflicts"]] == [(2, 3)]


def test_case_08_a_conflict_that_no_device_has_is_kept_by_the_others_that_receive_its_design(tmp_path: Path) -> None:
    data, backup = tmp_path / "data", tmp_path / "copy"
    third = Phone("third")
    with serving(data) as server:
        one, two = two_phones(server, c1=1)
    shutil.copytree(data, backup)
    with serving(data) as server:
        one.set("d1", c1=2)
        one.sync(server)
        two.set("d1", c1=3)
        server.sync(**two.call())  # the answer is lost
        (kept,) = server.sync(**third.call())["for_others"]
        assert (kept["mine"], kept["theirs"], sorted(kept["devices"])) == (3, 2, ["one", "two"])
    shutil.rmtree(data)
    backup.rename(data)
    with serving(data) as server:
        answer = server.sync(**{**third.call(), "for_others": [kept, {**kept, "id": "xnobody", "devices": []}, "text"]})
        assert answer["conflicts"] == []
        one.sync(server)
        assert one.conflicts == [kept]


def test_a_conflict_that_a_device_concerned_has_is_kept_by_no_other(server: Served) -> None:
    in_conflict(server)
    assert server.sync(**Phone("third").call())["for_others"] == []


def test_case_08_a_conflict_that_the_server_lost_is_delivered_by_the_phone_that_has_it(tmp_path: Path) -> None:
    data, backup = tmp_path / "data", tmp_path / "copy"
    with serving(data) as server:
        one, two = two_phones(server, c1=1)
    shutil.copytree(data, backup)
    with serving(data) as server:
        one.set("d1", c1=2)
        one.sync(server)
        two.set("d1", c1=3)
        two.sync(server)
    shutil.rmtree(data)
    backup.rename(data)
    with serving(data) as server:
        one.sync(server)
        two.sync(server)
        bad = [{"id": "x1"}, {**two.conflicts[0], "id": "No Id"}, "text"]
        server.sync(**{**two.call(), "conflicts": [*bad, *two.conflicts]})
        one.sync(server)
        assert one.conflicts == two.conflicts
        assert widths(one.rows["d1"].work) == {"c1": 3}
        assert server.sync(**two.call())["conflicts"] == []
