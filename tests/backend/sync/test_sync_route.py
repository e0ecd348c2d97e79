"""`POST /api/sync` on a real server: push and pull in one call, each design by itself, repeats without effect."""

import copy
from typing import Any

import pytest
from support.server_thread import Served, serving


def blank(name: str, **changes: Any) -> dict[str, Any]:
    part = {"id": "c1", "type": "embedding", "props": {"d_model": 64}, "x": 0.0, "y": 0.0}
    return {"id": name, "name": "Drawn offline", "components": [part], "edges": [], **changes}


def with_width(design: dict[str, Any], width: int) -> dict[str, Any]:
    changed = copy.deepcopy(design)
    changed["components"][0]["props"]["d_model"] = width
    return changed


def pushed(server: Served, epoch: str, **entry: Any) -> dict[str, Any]:
    """Push one design and give what the server says of it."""
    answer = server.sync(epoch=epoch, cursor=0, designs=[entry])
    return next(design for design in answer["designs"] if design["id"] == entry["id"])


@pytest.fixture
def epoch(server: Served) -> str:
    epoch: str = server.get("/api/health").json()["epoch"]
    return epoch


def test_a_first_call_gives_everything(fresh_server: Served) -> None:
    design = fresh_server.new_design()
    answer = fresh_server.sync()
    old = {"epoch", "cursor", "designs", "commands", "rejected", "unreadable"}
    assert set(answer) == {*old, "cursor_token", "history", "conflicts", "for_others"}
    (entry,) = answer["designs"]
    assert entry["document"] == design
    assert f'"{entry["etag"]}"' == fresh_server.get(f"/api/designs/{design['id']}").headers["etag"]
    assert fresh_server.sync(epoch=answer["epoch"], cursor=answer["cursor"])["designs"] == []


def test_case_03_a_design_made_offline_arrives_and_a_repeat_changes_nothing(server: Served, epoch: str) -> None:
    call = {"epoch": epoch, "designs": [{"id": "dnew", "base": None, "work": blank("dnew")}]}
    first = server.sync(**call)
    before = server.get("/api/designs/dnew")
    assert before.json()["name"] == "Drawn offline"
    second = server.sync(**call)
    assert second["cursor"] == first["cursor"]
    assert server.get("/api/designs/dnew").headers["etag"] == before.headers["etag"]
    assert second["designs"][0] == first["designs"][0]


def test_case_19_two_phones_are_merged_and_receive_conflicts(server: Served, epoch: str) -> None:
    base = pushed(server, epoch, id="dtwo", work=blank("dtwo"))["document"]
    pushed(server, epoch, id="dtwo", base=base, work={**with_width(base, 128), "name": "Theirs"})
    entry = pushed(server, epoch, id="dtwo", base=base, work={**with_width(base, 256), "edges": [["c1", "c1"]]})
    assert entry["document"]["name"] == "Theirs"
    assert entry["document"]["components"][0]["props"] == {"d_model": 256}
    assert entry["document"]["edges"] == [["c1", "c1"]]
    (conflict,) = entry["conflicts"]
    assert conflict == {"path": "/components/c1/props/d_model", "base": 64, "mine": 256, "theirs": 128, "kept": "mine"}


def test_others_changes_come_after_the_cursor_also_deletions(server: Served, epoch: str) -> None:
    cursor = server.sync(epoch=epoch)["cursor"]
    design = server.new_design()
    answer = server.sync(epoch=epoch, cursor=cursor)
    assert [entry["id"] for entry in answer["designs"]] == [design["id"]]
    server.delete(f"/api/designs/{design['id']}")
    answer = server.sync(epoch=epoch, cursor=answer["cursor"])
    (entry,) = answer["designs"]
    assert (entry["id"], entry["deleted"]) == (design["id"], True)


def test_a_deletion_counts_only_for_what_the_phone_saw(server: Served, epoch: str) -> None:
    base = pushed(server, epoch, id="ddel", work=blank("ddel"))["document"]
    edited = pushed(server, epoch, id="ddel", base=base, work=with_width(base, 128))["document"]
    assert pushed(server, epoch, id="ddel", base=base, deleted=True)["document"] == edited
    assert pushed(server, epoch, id="ddel", base=None, deleted=True)["document"] == edited
    assert pushed(server, epoch, id="ddel", base=edited, deleted=True)["deleted"]
    assert pushed(server, epoch, id="ddel", base=edited, deleted=True)["deleted"]
    assert server.get("/api/designs/ddel").status_code == 404
    assert pushed(server, epoch, id="ddel", base=edited, work=edited)["deleted"]
    assert pushed(server, epoch, id="ddel", base=edited, work=with_width(edited, 256))["document"] == with_width(edited, 256)


def test_case_22_one_bad_design_is_refused_by_itself(server: Served, epoch: str) -> None:
    entries: list[Any] = [
        {"id": "dbad1", "work": {"id": "dbad1", "components": [{"id": "a", "type": "nothing"}]}},
        {"id": "dbad2", "work": blank("dother")},
        {"id": "dbad3"},
        {"id": "dbad4", "work": blank("dbad4"), "deleted": True},
        {"id": "dbad5", "work": blank("dbad5"), "change": "new"},
        {"id": 6},
        "text",
        {"id": "dgood", "work": blank("dgood")},
    ]
    answer = server.sync(epoch=epoch, designs=entries)
    assert [rejection["id"] for rejection in answer["rejected"]] == ["dbad1", "dbad2", "dbad3", "dbad4", "dbad5", "", ""]
    assert all(rejection["problem"]["status"] == 422 for rejection in answer["rejected"])
    assert "dgood" in [entry["id"] for entry in answer["designs"]]
    assert server.get("/api/designs/dgood").status_code == 200


def test_a_command_runs_on_nothing_older_than_the_phone_has(server: Served, epoch: str) -> None:
    """Not where its design is refused in the same call, and not for a phone that has yet to send what a backup lacks."""
    drawn = pushed(server, epoch, id="dasked", work=blank("dasked"))["document"]
    compiling = {"id": "k-asked", "kind": "compile", "design_id": "dasked"}
    assert server.sync(epoch="e-before-the-backup", commands=[compiling])["commands"] == []
    refused = {**drawn, "components": [{"id": "a", "type": "nothing"}]}
    answer = server.sync(epoch=epoch, designs=[{"id": "dasked", "base": drawn, "work": refused}], commands=[compiling])
    (command,) = answer["commands"]
    assert (command["status"], command["problem"]) == ("failed", answer["rejected"][0]["problem"])
    assert server.sync(epoch=epoch, commands=[compiling])["commands"] == [command]


def test_case_04_a_late_repeat_of_a_counted_change_has_no_effect(server: Served, epoch: str) -> None:
    base = pushed(server, epoch, id="dlate", work=blank("dlate"), client_id="phone", change=1)["document"]
    first = {"id": "dlate", "base": base, "work": with_width(base, 128), "client_id": "phone", "change": 2}
    middle = pushed(server, epoch, **first)["document"]
    last = pushed(server, epoch, id="dlate", base=middle, work=with_width(base, 256), client_id="phone", change=3)["document"]
    assert pushed(server, epoch, **first)["document"] == last
    assert server.get("/api/designs/dlate").json() == last


def test_a_counter_that_jumps_too_far_is_refused_and_takes_no_later_change_away(server: Served, epoch: str) -> None:
    """A change of the highest number a browser has would make every later one of that phone a late repeat."""
    entry = {"id": "djump", "work": blank("djump"), "client_id": "phone"}
    for change in (2**53 - 1, 2**50 + 1):
        answer = server.sync(epoch=epoch, designs=[{**entry, "change": change}])
        (rejection,) = answer["rejected"]
        assert (rejection["id"], rejection["problem"]["status"]) == ("djump", 422)
        assert rejection["problem"]["errors"][0]["pointer"] == "/change"
    first = pushed(server, epoch, **entry, change=5)["document"]
    wider = {**entry, "base": first, "work": with_width(first, 128)}
    assert pushed(server, epoch, **wider, change=6)["document"] == with_width(first, 128)


def test_an_unknown_base_counts_as_none_and_both_sides_are_joined(server: Served, epoch: str) -> None:
    base = pushed(server, epoch, id="dold", work=blank("dold"))["document"]
    second = {"id": "c2", "type": "embedding", "props": {}, "x": 0.0, "y": 0.0}
    mine = {**base, "components": [second]}
    for other in ("e-of-another-server", None):
        call = {"epoch": other, "cursor": 99, "designs": [{"id": "dold", "base": with_width(base, 7), "work": mine}]}
        entry = next(entry for entry in server.sync(**call)["designs"] if entry["id"] == "dold")
        assert {component["id"] for component in entry["document"]["components"]} == {"c1", "c2"}


def test_a_cursor_ahead_of_the_server_is_another_history_and_changes_nothing_for_others(fresh_server: Served) -> None:
    answer = fresh_server.sync(designs=[{"id": "dgone", "work": blank("dgone")}])
    ahead = fresh_server.sync(epoch=answer["epoch"], cursor=answer["cursor"] + 7)
    assert ahead["history"] == "other"
    assert [entry["id"] for entry in ahead["designs"]] == ["dgone"]
    assert ahead["epoch"] == answer["epoch"] == fresh_server.get("/api/health").json()["epoch"]


def test_the_epoch_outlives_a_restart_and_ends_with_the_database(tmp_path: Any) -> None:
    epochs = []
    for lose_database in (False, True, False):
        if lose_database:
            for file in tmp_path.glob("studio.db*"):
                file.unlink()
        with serving(tmp_path) as client:
            epochs.append(client.get("/api/health").json()["epoch"])
    assert epochs[0] != epochs[1]
    assert epochs[1] == epochs[2]


def test_a_union_that_outgrows_a_design_is_refused_and_nothing_is_lost(server: Served) -> None:
    def many(letter: str) -> list[dict[str, Any]]:
        return [{"id": f"{letter}{n}", "type": "add"} for n in range(1200)]

    for letter in ("a", "b"):
        answer = server.sync(epoch=None, designs=[{"id": "dhuge", "work": {"id": "dhuge", "components": many(letter)}}])
    assert [rejection["id"] for rejection in answer["rejected"]] == ["dhuge"]
    assert len(server.get("/api/designs/dhuge").json()["components"]) == 1200
