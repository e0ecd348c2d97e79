"""The store: all of a change or nothing, in the order of the calls, told only once it is safe."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from support.metric_messages import evaluation, newest_of_each_step, update
from support.stored_designs import delete_design, write_design

from backend.errors import AlreadyExists, DataInUse, NotFound
from backend.store.database import Store, Transaction, open_database
from backend.store.designs import (
    create_design,
    designs_changed_after,
    find_design,
    get_design,
    list_designs,
)
from backend.store.dump import Dump, stored_documents
from backend.store.epoch import read_epoch, write_new_epoch
from backend.store.messages import last_seq, messages_after, messages_of_run, run_offsets, take_run_messages
from backend.store.migrations import migrations
from backend.store.names import DATABASE
from backend.store.sqlite import Database
from shared_py.design import ModelArchitecture, canonical_bytes
from shared_py.protocol import CheckpointCreated, LiveMessage

DESIGN = ModelArchitecture(id="d1", name="one")
_message = msgspec.json.Decoder(LiveMessage)


def use(folder: Path, work: Callable[[Store], Awaitable[None]], told: list[bytes] | None = None) -> None:
    """Open a store, do something, close it."""

    def publish(messages: Sequence[bytes]) -> None:
        if told is not None:
            told.extend(messages)

    async def all_of_it() -> None:
        store = Store(folder, publish)
        await store.open()
        await work(store)
        await store.close()

    asyncio.run(all_of_it())


def test_a_change_that_fails_leaves_nothing_and_tells_nobody(tmp_path: Path) -> None:
    told: list[bytes] = []

    def halfway(transaction: Transaction) -> None:
        write_design(transaction, DESIGN)
        raise RuntimeError("halfway")

    async def work(store: Store) -> None:
        with pytest.raises(RuntimeError, match="halfway"):
            await store.call(halfway)
        assert await store.call(find_design, "d1") is None
        assert await store.call(last_seq) == 0
        await store.call(write_design, DESIGN)

    use(tmp_path, work, told)
    assert [msgspec.json.decode(message)["seq"] for message in told] == [1]


def test_calls_made_at_once_are_done_one_by_one_and_told_in_order(tmp_path: Path) -> None:
    told: list[bytes] = []

    async def work(store: Store) -> None:
        await asyncio.gather(*(store.call(write_design, replace(DESIGN, id=f"d{n}")) for n in range(50)))
        assert len(await store.call(list_designs)) == 50

    use(tmp_path, work, told)
    assert [msgspec.json.decode(message)["seq"] for message in told] == list(range(1, 51))


def test_a_design_keeps_every_version_and_survives_its_deletion(tmp_path: Path) -> None:
    async def work(store: Store) -> None:
        first = await store.call(create_design, DESIGN)
        with pytest.raises(AlreadyExists):
            await store.call(create_design, DESIGN)
        assert await store.call(write_design, DESIGN) == first
        second = await store.call(write_design, replace(DESIGN, name="two"))
        assert (second.created_at, second.etag != first.etag) == (first.created_at, True)
        await store.call(delete_design, "d1")
        with pytest.raises(NotFound):
            await store.call(get_design, "d1")
        (gone,) = await store.call(designs_changed_after, 2)
        assert (gone.deleted, gone.document.name) == (True, "two")
        assert await store.call(lambda t: t.rows("SELECT seq FROM revisions")) == [(1,), (2,)]

    use(tmp_path, work)


def test_messages_of_runs_get_one_number_each_with_their_offset(tmp_path: Path) -> None:
    def lines(run_id: str, count: int) -> list[LiveMessage]:
        return [CheckpointCreated(seq=n, run_id=run_id, steps=n, score=None) for n in range(count)]

    async def work(store: Store) -> None:
        await store.call(take_run_messages, "r1", lines("r1", 3), 30)
        await store.call(write_design, DESIGN)
        await store.call(take_run_messages, "r2", lines("r2", 2), 7)
        assert await store.call(run_offsets) == {"r1": 30, "r2": 7}
        assert [message.seq for message in await store.call(messages_after, 2, 3)] == [3, 4, 5]
        (last,) = await store.call(messages_of_run, "r1", 2, 10)
        assert msgspec.json.decode(last.payload) == {
            "type": "checkpoint_created", "seq": 3, "run_id": "r1", "steps": 2, "score": None,
        }  # fmt: skip

    async def after_a_restart(store: Store) -> None:
        assert await store.call(last_seq) == 6
        assert await store.call(run_offsets) == {"r1": 30, "r2": 7}

    use(tmp_path, work)
    use(tmp_path, after_a_restart)


numbers = st.one_of(
    st.builds(update, st.integers(0, 9)),
    st.builds(evaluation, st.integers(0, 9), st.sampled_from(["greedy", "sampled"])),
    st.builds(lambda steps: CheckpointCreated(0, "r1", steps, None), st.integers(0, 9)),
    st.builds(update, st.integers(0, 9), st.just("r2")),
)


@settings(max_examples=30)
@given(st.lists(st.lists(numbers, max_size=6), max_size=4))
def test_of_several_figures_for_one_step_the_newest_is_told(batches: list[list[LiveMessage]]) -> None:
    async def work(store: Store) -> None:
        for batch in batches:
            await store.call(take_run_messages, "r1", batch, 0)
        everything = [replace(message, seq=seq) for seq, message in enumerate((m for b in batches for m in b), 1)]
        of_run = [message for message in everything if message.run_id == "r1"]
        told = await store.call(messages_of_run, "r1", 0, 100)
        assert [_message.decode(message.payload) for message in told] == newest_of_each_step(of_run)
        assert [message.seq for message in await store.call(messages_after, 0, 100)] == [m.seq for m in everything]

    with tempfile.TemporaryDirectory() as folder:
        use(Path(folder), work)


def test_figures_stored_by_the_first_version_give_way_too(tmp_path: Path) -> None:
    db = Database(str(tmp_path / DATABASE))
    migrations.apply(db, stop_before="m002_newest_of_each_step")
    for seq, message in enumerate((update(5), update(9), evaluation(9), CheckpointCreated(0, "r1", 9, None)), 1):
        payload = msgspec.json.encode(replace(message, seq=seq)).decode()
        db.execute("INSERT INTO messages (seq, run_id, payload) VALUES (?, 'r1', ?)", [seq, payload])
    db.conn.commit()
    db.close()

    async def work(store: Store) -> None:
        assert len(await store.call(messages_of_run, "r1", 0, 9)) == 4
        await store.call(take_run_messages, "r1", [update(9), evaluation(9, "sampled"), update(7)], 0)
        assert [message.seq for message in await store.call(messages_of_run, "r1", 0, 9)] == [1, 4, 7]

    use(tmp_path, work)


def test_a_second_server_is_kept_out_of_the_data(tmp_path: Path) -> None:
    async def work(store: Store) -> None:
        second = Store(tmp_path, lambda _: None)
        with pytest.raises(DataInUse, match="Another server"):
            await second.open()
        await second.close()

    use(tmp_path, work)


def test_the_database_is_set_to_survive_a_power_cut(tmp_path: Path) -> None:
    db = open_database(tmp_path / "studio.db")
    pragmas = {name: db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "foreign_keys")}
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    assert migrations.pending(db) == []
    db.close()


def test_stored_designs_can_be_read_without_a_server(tmp_path: Path) -> None:
    assert stored_documents(tmp_path).documents == {}

    async def work(store: Store) -> None:
        await store.call(write_design, DESIGN)

    use(tmp_path, work)
    assert stored_documents(tmp_path) == Dump({"d1": canonical_bytes(DESIGN)}, [])


@pytest.mark.parametrize("damage", [b"", b"\xff\xfe\0", b"e" * 100, b"e12\n"])
def test_a_damaged_epoch_becomes_a_new_one(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "epoch"
    path.write_bytes(damage)
    assert read_epoch(path) is None
    assert read_epoch(path) != write_new_epoch(path) == read_epoch(path)
