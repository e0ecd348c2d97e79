"""Ways in which sync could lose work, each by its name, on a real server."""

import copy
import shutil
from pathlib import Path

import pytest
from support.server_thread import Served, serving
from support.sync_phone import Phone, drawing, widths

from backend.store.client_changes import MAX_CLIENTS


@pytest.fixture
def server(fresh_server: Served) -> Served:
    """A server without designs."""
    return fresh_server


def on_server(server: Served, design_id: str) -> dict[str, int]:
    return widths(server.get(f"/api/designs/{design_id}").raise_for_status().json())


def two_phones(server: Served, **first: int) -> tuple[Phone, Phone]:
    """Two phones that both have the design `d1`."""
    one, two = Phone("one"), Phone("two")
    one.edit("d1", drawing("d1", **first))
    one.sync(server)
    two.sync(server)
    return one, two


def test_case_08_a_data_folder_put_back_from_a_copy_loses_no_design_and_no_value(tmp_path: Path) -> None:
    """The other phone's cursor passes the first one's before that syncs, and a run's messages raise the numbers too."""
    data, backup = tmp_path / "data", tmp_path / "copy"
    with serving(data) as server:
        one, two = two_phones(server, c1=64, c2=64)
    shutil.copytree(data, backup)
    with serving(data) as server:
        one.edit("dnew", drawing("dnew", n1=8))
        one.set("d1", c1=128)
        one.sync(server)
    shutil.rmtree(data)
    backup.rename(data)
    with serving(data) as server:
        for width in (16, 24, 32, 40):
            two.set("d1", c2=width)
            two.sync(server)
        assert one.cursor < two.cursor
        one.sync(server)
        two.sync(server)
        assert on_server(server, "d1") == {"c1": 128, "c2": 40}
        assert on_server(server, "dnew") == {"n1": 8}
        assert widths(two.rows["d1"].work) == widths(one.rows["d1"].work) == {"c1": 128, "c2": 40}


def test_case_08_after_the_server_is_put_back_a_phone_that_changed_nothing_overwrites_and_revives_nothing(tmp_path: Path) -> None:
    data, backup = tmp_path / "data", tmp_path / "copy"
    with serving(data) as server:
        one, two = two_phones(server, c1=1, c2=1, c3=1)
    shutil.copytree(data, backup)
    with serving(data) as server:
        one.set("d1", c2=2)  # so that both phones have a version that the copy lacks
        one.sync(server)
        two.sync(server)
    shutil.rmtree(data)
    backup.rename(data)
    with serving(data) as server:
        two.edit("d1", drawing("d1", c1=5, c2=2))  # a new value, and c3 deleted
        two.sync(server)
        one.sync(server)
        assert on_server(server, "d1") == {"c1": 5, "c2": 2}
        assert widths(one.rows["d1"].work) == {"c1": 5, "c2": 2}
        assert one.conflicts == []


def test_a_phone_whose_storage_was_put_back_loses_no_new_edit(server: Served) -> None:
    one, two = two_phones(server, c1=1, c2=1)
    stored = copy.deepcopy(one)
    for width in (2, 3, 4):
        one.set("d1", c1=width)
        one.sync(server)
    one = stored
    one.set("d1", c2=9)
    one.sync(server)
    two.sync(server)
    assert widths(one.rows["d1"].work) == widths(two.rows["d1"].work) == {"c1": 4, "c2": 9}


def test_two_copies_of_a_phone_lose_no_edit_of_either(server: Served) -> None:
    one, two = two_phones(server, c1=1, c2=1, c3=1)
    clone = copy.deepcopy(one)
    one.set("d1", c1=2)
    clone.set("d1", c2=3)
    one.sync(server)
    clone.sync(server)
    one.sync(server)
    two.sync(server)
    expected = {"c1": 2, "c2": 3, "c3": 1}
    assert [widths(phone.rows["d1"].work) for phone in (one, clone, two)] == [expected] * 3


def test_case_04_a_late_call_of_a_copied_phone_brings_back_no_design_deleted_since(server: Served) -> None:
    one, two = two_phones(server, c1=1, c2=1)
    clone = copy.deepcopy(one)
    one.set("d1", c1=2)
    one.sync(server)
    clone.set("d1", c2=2)
    clone.set("d1", c2=3)
    late = clone.call()
    clone.sync(server)  # under a new client id
    two.sync(server)
    two.edit("d1", None)
    two.sync(server)
    answer = server.sync(**late)
    (entry,) = (entry for entry in answer["designs"] if entry["id"] == "d1")
    assert entry["deleted"]
    assert entry["forked"]
    two.sync(server)
    assert (two.rows, two.conflicts) == ({}, [])


def test_an_edit_of_a_copied_phone_brings_back_a_design_deleted_since(server: Served) -> None:
    one, two = two_phones(server, c1=1, c2=1)
    clone = copy.deepcopy(one)
    one.set("d1", c1=2)
    one.sync(server)
    two.sync(server)
    two.edit("d1", None)
    two.sync(server)
    clone.set("d1", c2=2)
    clone.set("d1", c2=3)
    clone.sync(server)
    two.sync(server)
    assert on_server(server, "d1")["c2"] == 3
    assert [len(phone.conflicts) for phone in (clone, two)] == [1, 1]


@pytest.mark.parametrize("epoch", [None, "same", "e-of-an-older-server"])
def test_case_04_a_late_copy_of_a_first_call_changes_nothing(server: Served, epoch: str | None) -> None:
    one = Phone("late")
    one.edit("dl", drawing("dl", c1=1, c2=1))
    first = one.call()
    one.sync(server)
    one.edit("dl", drawing("dl", c1=2))
    one.sync(server)
    answer = server.sync(**{**first, "epoch": one.epoch if epoch == "same" else epoch})
    assert on_server(server, "dl") == {"c1": 2}
    assert next(entry for entry in answer["designs"] if entry["id"] == "dl")["document"] == one.rows["dl"].work


def purge(server: Served, design_id: str) -> None:
    server.delete(f"/api/designs/{design_id}").raise_for_status()
    server.delete(f"/api/bin/{design_id}").raise_for_status()


def test_a_phone_that_changed_nothing_brings_back_nothing_of_a_design_that_was_removed_for_good(server: Served) -> None:
    one, _ = two_phones(server, c1=1)
    row = one.rows["d1"]
    purge(server, "d1")
    beyond = {**row.base_seen, "c-lost": 1}
    for entry in (
        {"deleted": True, "client_id": "c-late", "change": 1, "base_seen": beyond},
        {"work": row.work, "client_id": "c-old", "change": 1},
        {"work": row.work, "base_seen": beyond},
    ):
        answer = server.sync(designs=[{"id": "d1", "base": row.base, **entry}])
        (design,) = answer["designs"]
        assert design["deleted"]
    assert server.get("/api/bin").json() == []
    assert server.get("/api/designs/d1/revisions").json() == []


def test_an_edit_brings_back_a_design_that_was_removed_for_good(server: Served) -> None:
    one, _ = two_phones(server, c1=1)
    purge(server, "d1")
    one.set("d1", c1=2)
    one.sync(server)
    assert on_server(server, "d1") == {"c1": 2}


@pytest.mark.parametrize("who_deletes_first", [True, False])
def test_case_16_a_design_deleted_on_one_phone_and_edited_on_the_other_stays_and_both_learn_it(
    server: Served, who_deletes_first: bool
) -> None:
    one, two = two_phones(server, c1=1)
    one.edit("d1", None)
    two.set("d1", c1=7)
    for phone in (one, two) if who_deletes_first else (two, one):
        phone.sync(server)
    one.sync(server)
    two.sync(server)
    assert on_server(server, "d1") == {"c1": 7}
    for phone in (one, two):
        assert widths(phone.rows["d1"].work) == {"c1": 7}
        (conflict,) = phone.conflicts
        assert (conflict["path"], {conflict["mine"], conflict["theirs"]}) == ("", {"One", None})


def test_a_design_deleted_and_drawn_again_on_the_same_phone_is_no_conflict(server: Served) -> None:
    one, two = two_phones(server, c1=1)
    one.edit("d1", None)
    one.sync(server)
    one.edit("d1", drawing("d1", c1=2))
    one.sync(server)
    two.sync(server)
    assert widths(two.rows["d1"].work) == {"c1": 2}
    assert one.conflicts == two.conflicts == []


@pytest.mark.parametrize("way", ["change", "base_seen"])
def test_nobody_can_void_the_edits_of_a_phone_whose_client_id_he_knows(server: Served, way: str) -> None:
    one, two = two_phones(server, c1=1, c2=1)
    row = two.rows["d1"]
    forged = {"id": "d1", "base": row.base, "base_seen": row.base_seen, "work": row.work, "client_id": "c-one", "change": 2**50}
    if way == "base_seen":
        forged |= {"client_id": "c-foe", "change": 1, "base_seen": {**row.base_seen, "c-one": 2**50}}
    server.sync(epoch=two.epoch, designs=[forged])
    one.set("d1", c2=5)
    one.sync(server)
    assert on_server(server, "d1") == {"c1": 1, "c2": 5}


def test_an_edit_whose_change_number_somebody_forged_is_not_taken_for_a_repeat(server: Served) -> None:
    one, two = two_phones(server, c1=1, c2=1)
    row = two.rows["d1"]
    forged = {"c-one": one.change + 1}
    foe = {"id": "d1", "base": row.base, "work": row.work, "client_id": "c-foe", "change": 1, "base_seen": forged}
    server.sync(epoch=two.epoch, designs=[foe])
    one.set("d1", c2=5)
    one.sync(server)
    assert on_server(server, "d1") == {"c1": 1, "c2": 5}


def test_an_edit_of_a_copied_phone_is_kept_where_another_phone_has_reported_its_number(tmp_path: Path) -> None:
    """The number came back with the base of the other phone, so the server has no record of what the change was."""
    data, backup = tmp_path / "data", tmp_path / "copy"
    with serving(data) as server:
        one, two = two_phones(server, c1=1, c2=1)
        clone = copy.deepcopy(one)
    shutil.copytree(data, backup)
    with serving(data) as server:
        one.set("d1", c1=2)
        one.sync(server)
        two.sync(server)
    shutil.rmtree(data)
    backup.rename(data)
    with serving(data) as server:
        two.sync(server)
        clone.set("d1", c2=7)
        clone.sync(server)
        assert on_server(server, "d1") == {"c1": 2, "c2": 7}


@pytest.mark.parametrize("knows_content", [True, False])
def test_a_change_that_another_phone_reported_is_a_repeat_where_its_content_is_the_same(
    tmp_path: Path, knows_content: bool
) -> None:
    """Phones have what the server said of the content; without that, the change has to be part of what they reported."""
    data, backup = tmp_path / "data", tmp_path / "copy"
    with serving(data) as server:
        one, two = two_phones(server, c1=1)
    shutil.copytree(data, backup)
    with serving(data) as server:
        one.set("d1", c1=2)
        unanswered = one.call()
        server.sync(**unanswered)
        two.sync(server)
        if knows_content:
            two.set("d1", c1=9)
            two.sync(server)
        else:
            two.rows["d1"].contents = {}
    shutil.rmtree(data)
    backup.rename(data)
    with serving(data) as server:
        two.sync(server)
        answer = server.sync(**unanswered)
        (entry,) = (entry for entry in answer["designs"] if entry["id"] == "d1")
        assert not entry.get("forked")
        assert widths(entry["document"]) == {"c1": 9 if knows_content else 2}


def test_no_call_makes_the_server_issue_a_vector_that_it_refuses(server: Served) -> None:
    one, two = two_phones(server, c1=1)
    row = two.rows["d1"]
    for call in range(3):
        many = {f"x{call}-{number}": 1 for number in range(990)}
        foe = {"id": "d1", "base": row.base, "work": row.work, "client_id": f"c-foe{call}", "change": 1}
        server.sync(epoch=two.epoch, designs=[{**foe, "base_seen": {**row.base_seen, **many}}])
    two = Phone("new")
    two.sync(server)
    seen = two.rows["d1"].base_seen
    assert len(seen) == MAX_CLIENTS
    assert seen["c-one"] == one.change
    one.set("d1", c1=2)
    one.sync(server)
    two.set("d1", c2=3)
    two.sync(server)
    assert on_server(server, "d1") == {"c1": 2, "c2": 3}


def test_no_call_makes_the_server_issue_a_number_that_it_refuses(server: Served) -> None:
    one, two = two_phones(server, c1=1)
    server.put("/api/designs/d1", json=drawing("d1", c1=2), headers={"If-Match": "*"}).raise_for_status()
    two.sync(server)
    row = two.rows["d1"]
    highest = {client: 2**50 for client in row.base_seen if client != "c-one"}
    assert len(highest) == 1  # the server itself
    foe = {"id": "d1", "base": row.base, "work": row.work, "client_id": "c-foe", "change": 1}
    server.sync(epoch=two.epoch, designs=[{**foe, "base_seen": {**row.base_seen, **highest}}])
    server.put("/api/designs/d1", json=drawing("d1", c1=3), headers={"If-Match": "*"}).raise_for_status()
    one.sync(server)
    one.set("d1", c1=4)
    one.sync(server)
    assert on_server(server, "d1") == {"c1": 4}


def test_a_client_cannot_make_a_new_history_for_others(server: Served) -> None:
    one, two = two_phones(server, c1=1)
    server.sync(epoch=one.epoch, cursor=2**40, cursor_token="forged")
    answer = server.sync(**two.call())
    assert (answer["epoch"], answer["history"]) == (two.epoch, "same")


def test_a_design_deleted_after_the_server_lost_it_stays_deleted_for_all(tmp_path: Path) -> None:
    data, backup = tmp_path / "data", tmp_path / "copy"
    with serving(data) as server:
        one, two = two_phones(server, c1=1)
    shutil.copytree(data, backup)
    with serving(data) as server:
        one.edit("dgone", drawing("dgone", c1=1))
        one.sync(server)
        two.sync(server)
    shutil.rmtree(data)
    backup.rename(data)
    with serving(data) as server:
        one.edit("dgone", None)
        one.sync(server)
        two.sync(server)
        assert "dgone" not in two.rows
        assert server.get("/api/designs/dgone").status_code == 404


def test_case_08_a_design_deleted_after_the_server_is_put_back_is_not_revived_by_a_phone_that_has_the_same_of_it(
    tmp_path: Path,
) -> None:
    """Its version includes a deletion that had no effect, which the server lost; the document is the deleted one."""
    data, backup = tmp_path / "data", tmp_path / "copy"
    with serving(data) as server:
        one, two = two_phones(server, c1=1)
    shutil.copytree(data, backup)
    with serving(data) as server:
        one.set("d1", c1=2)
        one.sync(server)
        two.edit("d1", None)
        two.sync(server)
        assert widths(two.rows["d1"].work) == {"c1": 2}
    shutil.rmtree(data)
    backup.rename(data)
    with serving(data) as server:
        one.sync(server)
        one.edit("d1", None)
        one.sync(server)
        two.sync(server)
        assert "d1" not in two.rows
        assert server.get("/api/designs/d1").status_code == 404


def test_a_command_for_a_design_of_a_copied_phone_waits_until_the_design_is_sent_again(server: Served) -> None:
    one, _ = two_phones(server, c1=1)
    clone = copy.deepcopy(one)
    one.set("d1", c1=2)
    one.sync(server)
    clone.set("d1", c1=3)
    compiling = {"id": "k-clone", "kind": "compile", "design_id": "d1"}
    call = {**clone.call(), "commands": [compiling]}
    answer = server.sync(**call)
    assert answer["commands"] == []
    clone.accept(call, answer)
    assert [command["id"] for command in server.sync(**{**clone.call(), "commands": [compiling]})["commands"]] == ["k-clone"]


def test_case_15_a_phone_of_an_older_version_that_was_edited_during_a_call_reverts_nothing(server: Served) -> None:
    """Such a phone sends no vectors, and its base is then what it sent, which the server never stored as a version."""
    one, two = two_phones(server, c1=1, c2=1, c3=1)
    two.set("d1", c2=2)
    two.sync(server)
    base, sent, later = (drawing("d1", c1=c1, c2=1, c3=c3) for c1, c3 in ((1, 1), (5, 1), (5, 6)))
    for change, (old_base, work) in enumerate(((base, sent), (sent, later))):
        pushed = {"id": "d1", "base": old_base, "work": work, "client_id": "c-old", "change": change}
        server.sync(epoch=one.epoch, cursor=one.cursor, designs=[pushed])
    assert on_server(server, "d1") == {"c1": 5, "c2": 2, "c3": 6}
