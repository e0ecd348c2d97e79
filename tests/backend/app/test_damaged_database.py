"""A database with damage in it: what can be read is served, what cannot is named, and nothing is stored that would be lost."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from support.damaged_database import change_row, change_text, documents_by_sql, fingerprint, overwrite, write_designs
from support.server_thread import serving

from backend.errors import DatabaseDamaged, DataUnusable
from backend.store.database import Store
from backend.store.designs import create_design, list_designs
from backend.store.names import DATABASE
from shared_py.decoding import decode_design
from shared_py.design import ModelArchitecture, canonical_bytes

NEWER = '{"id": "d0001", "name": "From tomorrow", "schema_version": 99, "components": [], "edges": []}'
UNREADABLE: dict[str, Any] = {
    "a newer schema version": NEWER,
    "JSON cut short": '{"id": "d0001", "na',
    "text that is not UTF-8": b'{"id": "d0001", "name": "\xff\xfe"}',
    "no design": '{"hello": "world"}',
    "another design": '{"id": "d0000", "name": "", "components": [], "edges": []}',
    "a number": 7,
}


@pytest.fixture(params=UNREADABLE, ids=str)
def one_bad_row(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A data folder with three designs, of which d0001 cannot be read."""
    write_designs(tmp_path / "data", 3)
    value = UNREADABLE[request.param]
    change = change_text if isinstance(value, bytes) else change_row
    change(tmp_path / "data", "d0001", "document", value)
    return tmp_path / "data"


def test_one_unreadable_row_does_not_stop_the_sync_of_the_others(one_bad_row: Path) -> None:
    with serving(one_bad_row) as client:
        answer = client.sync(cursor=0, designs=[{"id": "dnew", "work": {"id": "dnew", "name": "Drawn meanwhile"}}])
        assert {design["id"] for design in answer["designs"]} == {"dnew", "d0000", "d0002"}
        (unreadable,) = answer["unreadable"]
        assert unreadable["id"] == "d0001"
        assert unreadable["problem"]["status"] == 500
        assert "d0001" in unreadable["problem"]["detail"]
        assert answer["rejected"] == []


def test_an_unreadable_row_is_named_in_list_design_and_health(one_bad_row: Path) -> None:
    with serving(one_bad_row) as client:
        listed = {meta["id"]: meta for meta in client.get("/api/designs").raise_for_status().json()}
        assert {name for name, meta in listed.items() if "problem" in meta} == {"d0001"}
        refused = client.get("/api/designs/d0001")
        assert (refused.status_code, refused.headers["content-type"]) == (500, "application/problem+json")
        assert refused.json()["detail"] == listed["d0001"]["problem"]
        health = client.get("/api/health").raise_for_status().json()
        assert (health["status"], health["database"]) == ("ok", "ok")
        assert health["unreadable"] == [{"id": "d0001", "problem": listed["d0001"]["problem"]}]
        for path in ("compile", "train"):
            assert client.post(f"/api/designs/d0001/{path}").json()["detail"] == listed["d0001"]["problem"]
        assert client.get("/api/designs/d0001/export").status_code == 409


def test_an_unreadable_design_is_not_overwritten_by_a_phone_but_can_be_replaced_or_deleted(one_bad_row: Path) -> None:
    with serving(one_bad_row) as client:
        entry = {"id": "d0001", "work": {"id": "d0001", "name": "Mine"}}
        answer = client.sync(epoch=client.get("/api/health").json()["epoch"], designs=[entry])
        assert [rejection["id"] for rejection in answer["rejected"]] == ["d0001"]
        etag = next(meta["etag"] for meta in client.get("/api/designs").json() if meta["id"] == "d0001")
        stale = client.put("/api/designs/d0001", json=entry["work"], headers={"if-match": '"other"'})
        assert (stale.status_code, stale.json()["etag"]) == (412, etag)
        assert client.put("/api/designs/d0001", json=entry["work"], headers={"if-match": f'"{etag}"'}).status_code == 200
        assert client.get("/api/designs/d0001").json()["name"] == "Mine"
        assert client.get("/api/health").json()["unreadable"] == []


def test_an_unreadable_design_can_be_deleted(one_bad_row: Path) -> None:
    with serving(one_bad_row) as client:
        assert client.delete("/api/designs/d0001").status_code == 204
        assert client.sync(cursor=0)["unreadable"] == []
        assert client.get("/api/health").json()["unreadable"] == []


def test_the_useful_sentence_of_a_newer_version_reaches_the_person(tmp_path: Path) -> None:
    write_designs(tmp_path, 2)
    change_row(tmp_path, "d0001", "document", NEWER)
    with serving(tmp_path) as client:
        detail = client.get("/api/designs/d0001").json()["detail"]
        assert "schema_version 99" in detail
        assert "update this server" in detail


def test_a_design_that_can_be_read_again_reaches_phones_that_were_told_of_everything_after_it(tmp_path: Path) -> None:
    documents = write_designs(tmp_path, 3)
    change_row(tmp_path, "d0001", "document", NEWER)
    with serving(tmp_path) as client:
        told = client.sync(cursor=0)
        assert client.sync(epoch=told["epoch"], cursor=told["cursor"])["designs"] == []
    change_row(tmp_path, "d0001", "document", documents["d0001"].decode())
    with serving(tmp_path) as client:
        after = client.sync(epoch=told["epoch"], cursor=told["cursor"])
        assert [design["id"] for design in after["designs"]] == ["d0001"]
        assert client.get("/api/health").json()["unreadable"] == []


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("designs", "name", b"\xff"),
        ("designs", "seq", "many"),
        ("designs", "updated_at", 5),
        ("pushes", "change", "x"),
        ("commands", "answer", "{"),
        ("commands", "answer", b"\xff"),
        ("messages", "payload", "{"),
        ("messages", "payload", b"\xff"),
        ("messages", "payload", '{"type": "from_tomorrow", "seq": 1, "run_id": null}'),
        ("run_offsets", "offset", "far"),
        ("idempotency_keys", "run_id", "../x"),
    ],
)
def test_a_damaged_value_of_any_table_harms_nothing_else(tmp_path: Path, table: str, column: str, value: Any) -> None:
    with serving(tmp_path) as client:
        design = client.new_design()
        push = {"id": "dpush", "work": {"id": "dpush"}, "client_id": "phone", "change": 1}
        command = {"id": "k1", "kind": "train", "design_id": "dnone"}
        epoch = client.sync(designs=[push], commands=[command])["epoch"]
    connection = sqlite3.connect(tmp_path / DATABASE)
    connection.execute("INSERT INTO run_offsets VALUES ('r1', 10)")
    connection.execute("INSERT INTO idempotency_keys VALUES ('key', ?, 'r1', '')", [design["id"]])
    sql = f"UPDATE {table} SET {column} = " + ("CAST(? AS TEXT)" if isinstance(value, bytes) else "?")
    connection.execute(sql + " WHERE rowid = (SELECT max(rowid) FROM " + table + ")", [value])
    connection.commit()
    connection.close()
    with serving(tmp_path) as client:
        answer = client.sync(epoch=epoch, designs=[push], commands=[command])
        assert {entry["id"] for entry in answer["designs"]} == {design["id"], "dpush"}
        assert [entry["status"] for entry in answer["commands"]] == ["failed"]
        assert len(client.get("/api/designs").raise_for_status().json()) == 2
        assert client.get("/api/health").json()["database"] == "ok"
        accepted = client.post(
            f"/api/designs/{design['id']}/train", headers={"idempotency-key": "key"}, json={"total_steps": 1024}
        )
        assert accepted.status_code == 202
        client.post(f"/api/runs/{accepted.json()['run_id']}/stop")
        assert client.get(f"/api/runs/{accepted.json()['run_id']}/metrics").status_code == 200


@pytest.fixture
def third_overwritten(tmp_path: Path) -> Path:
    """A data folder with 200 designs, the middle third of whose database is overwritten."""
    write_designs(tmp_path / "data", 200)
    overwrite(tmp_path / "data", 1 / 3, 1 / 3)
    return tmp_path / "data"


def test_what_is_readable_of_a_damaged_database_stays_readable(third_overwritten: Path) -> None:
    readable = documents_by_sql(third_overwritten, 200)
    assert 50 < len(readable) < 200
    before = fingerprint(third_overwritten)[DATABASE]
    with serving(third_overwritten) as client:
        health = client.get("/api/health").raise_for_status().json()
        assert (health["status"], health["database"]) == ("ok", "damaged")
        assert "model-studio rescue" in health["problem"]
        assert readable.keys() <= {meta["id"] for meta in client.get("/api/designs").raise_for_status().json()}
        assert readable.keys() <= {design["id"] for design in client.sync(cursor=0)["designs"]}
        for name, document in list(readable.items())[::20]:
            assert canonical_bytes(decode_design(client.get(f"/api/designs/{name}").content)) == document
    assert fingerprint(third_overwritten)[DATABASE] == before


def test_nothing_is_stored_in_a_damaged_database_and_phones_keep_what_they_have(third_overwritten: Path) -> None:
    with serving(third_overwritten) as client:
        name = client.sync(cursor=0)["designs"][0]["id"]
        etag = client.get(f"/api/designs/{name}").headers["etag"]
        document = client.get(f"/api/designs/{name}").json()
        changed = {**document, "name": "Changed"}
        refused = [
            client.post("/api/designs"),
            client.put(f"/api/designs/{name}", json=changed, headers={"if-match": etag}),
            client.delete(f"/api/designs/{name}"),
            client.post(f"/api/designs/{name}/train", headers={"idempotency-key": "once"}),
        ]
        assert [answer.status_code for answer in refused] == [503] * 4
        assert all("rescue" in answer.json()["detail"] for answer in refused)
        health = client.get("/api/health").json()
        push = {"id": name, "base": document, "work": changed}
        command = {"id": "k1", "kind": "compile", "design_id": name}
        answer = client.sync(epoch=health["epoch"], cursor=10**6, designs=[push], commands=[command])
        assert (answer["epoch"], answer["cursor"]) == (health["epoch"], 10**6)
        assert [rejection["problem"]["status"] for rejection in answer["rejected"]] == [503]
        assert [entry["status"] for entry in answer["commands"]] == ["failed"]
        assert client.get(f"/api/designs/{name}").json() == document


def test_damage_that_comes_while_the_server_runs_is_noticed(tmp_path: Path) -> None:
    write_designs(tmp_path, 200)

    async def run() -> None:
        store = Store(tmp_path, lambda _: None)
        await store.open()
        assert store.condition == "ok"
        overwrite(tmp_path, 0.3, 0.3)
        await store.call(lambda transaction: transaction.rows("PRAGMA shrink_memory"))  # what is cached is not read anew
        readable = documents_by_sql(tmp_path, 200).keys()
        assert 0 < len(readable) < 200
        assert readable <= {meta.id for meta in await store.call(list_designs)}
        assert store.condition == "damaged"
        with pytest.raises(DatabaseDamaged):
            await store.call(create_design, ModelArchitecture("dnew"))
        await store.close()

    asyncio.run(run())


def foreign(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()


def newer(path: Path) -> None:
    write_designs(path.parent, 1)
    foreign(path, "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('model-studio', 'm999_tomorrow', '')")


UNUSABLE: dict[str, Any] = {
    "empty": (lambda path: path.write_bytes(b""), "is empty"),
    "a text file": (lambda path: path.write_text("my notes\n" * 100), "is not a database"),
    "another program's": (lambda path: foreign(path, "CREATE TABLE bookmarks (url TEXT)"), "another program.*bookmarks"),
    "another application id": (lambda path: foreign(path, "PRAGMA application_id = 7"), "another program"),
    "a newer version's": (newer, "newer version.*m999_tomorrow"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_database_that_is_not_ours_is_refused_and_left_alone(tmp_path: Path, name: str) -> None:
    make, sentence = UNUSABLE[name]
    make(tmp_path / DATABASE)
    before = fingerprint(tmp_path)
    with pytest.raises(DataUnusable, match=sentence):
        _open(tmp_path)
    after = fingerprint(tmp_path)
    assert {file: after[file] for file in before} == before
    assert set(after) - set(before) <= {"server.lock"}


def _open(folder: Path) -> None:
    async def run() -> None:
        store = Store(folder, lambda _: None)
        try:
            await store.open()
        finally:
            await store.close()

    asyncio.run(run())


def test_the_log_of_a_database_that_is_gone_is_not_applied_to_a_new_one(tmp_path: Path) -> None:
    (tmp_path / f"{DATABASE}-wal").write_bytes(b"a log of something else")
    with serving(tmp_path) as client:
        assert client.get("/api/designs").json() == []
    assert (tmp_path / f"{DATABASE}-wal.orphan").read_bytes() == b"a log of something else"
