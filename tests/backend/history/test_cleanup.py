"""What is removed with age, and above all what is not."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from support.metric_messages import evaluation, update
from support.stored_designs import delete_design, write_design

from backend.history.cleanup import HistoryCleanup, clean_up
from backend.store import pruning, revisions
from backend.store.bin import list_bin, purge
from backend.store.bounds import Bounds
from backend.store.commands import finish_running_command
from backend.store.database import Store, Transaction
from backend.store.designs import vector_of_version, version_vectors
from backend.store.messages import (
    StoredMessage,
    delete_messages_of_run,
    last_seq,
    messages_after,
    messages_of_run,
    take_run_messages,
)
from backend.store.pruning import removed_messages
from backend.store.rescue import rescue
from backend.store.revisions import NEWEST_KEPT, document_of, name_version, numbers_to_thin, revisions_of
from shared_py.design import ModelArchitecture, canonical_bytes, etag_of
from shared_py.protocol import RunStatusChanged, SyncedCommand

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
DESIGN = ModelArchitecture(id="d1")


def text(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def use(folder: Path, work: Callable[[Store], Awaitable[None]]) -> None:
    async def run() -> None:
        store = Store(folder, lambda _: None)
        await store.open()
        await work(store)
        await store.close()

    asyncio.run(run())


def store_versions(transaction: Transaction, ages: list[timedelta]) -> list[str]:
    """Store a version of each age, oldest first; returns the etags."""
    etags = []
    for number, age in enumerate(ages):
        transaction.now = text(NOW - age)
        etags.append(write_design(transaction, replace(DESIGN, name=f"version {number}")).etag)
    return etags


def thin(transaction: Transaction, design_id: str, now: datetime = NOW) -> bool:
    transaction.now = text(now)
    return revisions.thin_revisions(transaction, design_id)


ages = st.lists(st.timedeltas(timedelta(minutes=-10), timedelta(days=120)), max_size=150)
marks = st.sets(st.integers(0, 150))


@given(ages, marks)
def test_the_last_version_of_each_period_stays(found: list[timedelta], marked: set[int]) -> None:
    times = sorted((NOW - age for age in found), reverse=True)
    versions = [(len(times) - place, text(time), place in marked) for place, time in enumerate(times)]
    old = set(numbers_to_thin(versions, text(NOW)))
    left = [(time, mark) for (number, _, mark), time in zip(versions, times, strict=True) if number not in old]
    assert not old & {number for number, _, mark in versions if mark}
    assert not old & {number for number, *_ in versions[:NEWEST_KEPT]}
    for time in times:
        age = NOW - time
        step = [timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(days=7)][
            (age > timedelta(days=1)) + (age > timedelta(days=7)) + (age > timedelta(days=30))
        ]
        assert any(time <= kept <= time + step for kept, _ in left), "a version at most one period newer is left"
    assert not set(numbers_to_thin([v for v in versions if v[0] not in old], text(NOW))), "the next pass removes no more"


def test_no_more_stays_than_the_periods_say() -> None:
    """A version every minute for 40 days: one of each minute of a day, hour of a week, day of a month, and week after that."""
    times = [NOW - timedelta(minutes=minutes) for minutes in range(40 * 24 * 60)]
    versions = [(len(times) - place, text(time), False) for place, time in enumerate(times)]
    old = set(numbers_to_thin(versions, text(NOW)))
    ages = [NOW - time for (number, *_), time in zip(versions, times, strict=True) if number not in old]
    bounds = [timedelta(0), timedelta(days=1), timedelta(days=7), timedelta(days=30), timedelta(days=41)]
    counts = [sum(low < age <= high for age in ages) for low, high in pairwise(bounds)]
    assert counts[0] == 24 * 60
    expected = (6 * 24, 23, 2)
    assert all(abs(count - number) <= 1 for count, number in zip(counts[1:], expected, strict=True)), counts


def test_a_version_whose_time_cannot_be_read_stays() -> None:
    versions = [(number, time, False) for number, time in enumerate(["", None, b"\xff", "yesterday", "2026-01-01"] * 30)]
    assert numbers_to_thin(versions, text(NOW)) == []


def test_named_and_current_versions_stay_and_the_etags_of_all(tmp_path: Path) -> None:
    async def work(store: Store) -> None:
        start = timedelta(days=200)
        etags = await store.call(store_versions, [start - timedelta(minutes=n) for n in range(300)])
        await store.call(name_version, "d1", etags[7], "Kept")
        while await store.call(thin, "d1"):
            pass
        left = [stored.etag for stored in await store.call(revisions_of, "d1", None, 1000)]
        assert left == [*etags[: -NEWEST_KEPT - 1 : -1], *([etags[7]])]
        document = await store.call(document_of, "d1", etags[7])
        assert etag_of(document) == etags[7]
        kept = await store.call(lambda transaction: transaction.rows("SELECT etag FROM revisions ORDER BY id"))
        assert [etag for (etag,) in kept] == etags
        assert await store.call(vector_of_version, "d1", etags[100]), "a phone may have it as its base"
        assert len(await store.call(version_vectors, "d1")) == len(left), "only these can be merge bases"
        await store.call(delete_design, "d1")
        assert not await store.call(thin, "d1", NOW + timedelta(days=4000))
        assert len(await store.call(revisions_of, "d1", None, 1000)) == len(left)

    use(tmp_path, work)


def test_names_survive_a_rescue_and_what_was_removed_for_good_does_not_return(tmp_path: Path) -> None:
    async def work(store: Store) -> None:
        (etag,) = await store.call(store_versions, [timedelta(0)])
        await store.call(name_version, "d1", etag, "Kept")
        for name in ("d2", "d3"):
            await store.call(write_design, replace(DESIGN, id=name))
            await store.call(delete_design, name)
        await store.call(purge, "d2")

    use(tmp_path / "data", work)
    rescued = rescue(tmp_path / "data", tmp_path / "out")
    assert (rescued.designs, rescued.deleted, rescued.losses) == (1, 1, [])

    async def look(store: Store) -> None:
        assert [stored.name for stored in await store.call(revisions_of, "d1", None, 9)] == ["Kept"]
        assert [row.id for row in await store.call(list_bin)] == ["d3"]
        assert await store.call(revisions_of, "d2", None, 9) == []

    use(tmp_path / "out", look)


def test_few_versions_are_thinned_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revisions, "THINNED_AT_ONCE", 10)

    async def work(store: Store) -> None:
        await store.call(store_versions, [timedelta(days=200, minutes=-n) for n in range(NEWEST_KEPT + 25)])
        counts = []
        more = True
        while more:
            more = await store.call(thin, "d1")
            counts.append(len(await store.call(revisions_of, "d1", None, 1000)))
        assert counts == [NEWEST_KEPT + 15, NEWEST_KEPT + 5, NEWEST_KEPT]

    use(tmp_path, work)


def status(run_id: str) -> RunStatusChanged:
    return RunStatusChanged(0, run_id, "finished", None, "d1")


def store_messages(transaction: Transaction) -> None:
    write_design(transaction, DESIGN)  # 1
    take_run_messages(transaction, "r1", [update(5), evaluation(5), update(9), status("r1")], 10)  # 2 to 5
    take_run_messages(transaction, "r1", [update(5), evaluation(5, "sampled")], 20)  # 6 and 7
    write_design(transaction, replace(DESIGN, name="two"))  # 8
    finish_running_command(transaction, SyncedCommand("k1", "done"), "d1")  # 9
    write_design(transaction, replace(DESIGN, id="d2"))  # 10
    delete_design(transaction, "d2")  # 11


def test_obsolete_messages_go_and_a_run_tells_the_same_as_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "AT_ONCE", 4)

    async def work(store: Store) -> None:
        await store.call(store_messages)
        before = await store.call(messages_of_run, "r1", 0, 100)
        everything = [message.seq for message in await store.call(messages_after, 0, 100)]
        await clean_up(store, 0.0)
        assert [message.seq for message in await store.call(messages_after, 0, 100)] == everything, "the newest are kept"
        monkeypatch.setattr(pruning, "KEPT", 0)
        await clean_up(store, 0.0)
        assert await store.call(messages_of_run, "r1", 0, 100) == before
        superseded = {2, 4}
        assert [m.seq for m in await store.call(messages_after, 0, 100)] == sorted({*range(1, 12)} - superseded - {1, 9, 10})
        assert await store.call(last_seq) == 11
        await store.call(write_design, replace(DESIGN, name="three"))
        assert await store.call(last_seq) == 12

    use(tmp_path, work)


def test_the_chart_of_an_old_run_is_thinned_and_its_shape_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "KEPT", 0)
    monkeypatch.setattr(pruning, "AT_ONCE", 70)

    def steps_of(messages: list[StoredMessage]) -> list[int]:
        found = [msgspec.json.decode(message.payload or b"") for message in messages]
        return [message["steps"] for message in found if message["type"] == "training_update"]

    async def work(store: Store) -> None:
        for run_id, count in (("r1", 1000), ("r2", 5)):
            points = [update(10 * number, run_id) for number in range(count)]
            await store.call(take_run_messages, run_id, [*points, evaluation(10 * count, run_id=run_id), status(run_id)], 1)
        assert (await store.call(removed_messages, "r1")).first_seq == 1
        await clean_up(store, 0.0, 16)
        left = await store.call(messages_of_run, "r1", 0, 2000)
        assert len(steps_of(left)) in range(8, 18)
        assert (steps_of(left)[0], steps_of(left)[-1]) == (0, 9990)
        assert len(left) == len(steps_of(left)) + 2, "the test games and the status stay"
        assert len(steps_of(await store.call(messages_of_run, "r2", 0, 2000))) == 5
        removed = await store.call(removed_messages, "r1")
        assert removed.of_run
        assert removed.first_seq == 1000, "the last but one point is the newest that was removed"
        assert not (await store.call(removed_messages, "r2")).of_run
        await clean_up(store, 0.0, 16)
        assert await store.call(messages_of_run, "r1", 0, 2000) == left, "the next pass removes no more"
        while await store.call(delete_messages_of_run, "r1", "d1"):
            pass
        assert (await store.call(removed_messages, "r2")).first_seq == 1000

    use(tmp_path, work)


def test_the_newest_messages_are_not_thinned(tmp_path: Path) -> None:
    async def work(store: Store) -> None:
        await store.call(take_run_messages, "r1", [update(number) for number in range(2000)], 1)
        await clean_up(store, 0.0, 10)
        assert len(await store.call(messages_of_run, "r1", 0, 3000)) == 2000

    use(tmp_path, work)


def test_edits_in_quick_succession_are_thinned_at_once(tmp_path: Path) -> None:
    async def work(store: Store) -> None:
        etags = await store.call(store_versions, [timedelta(milliseconds=-number) for number in range(1000)])
        left = [stored.etag for stored in await store.call(revisions_of, "d1", None, 2000)]
        assert left[:NEWEST_KEPT] == etags[: -NEWEST_KEPT - 1 : -1]
        assert len(left) <= NEWEST_KEPT + revisions.BOUNDED_EVERY + 2

    use(tmp_path, work)


def test_versions_are_kept_up_to_a_size_named_and_current_ones_always(tmp_path: Path) -> None:
    text = "x" * 50

    async def work(store: Store) -> None:
        def store_named(transaction: Transaction) -> str:
            etag = write_design(transaction, replace(DESIGN, name=f"named {text}")).etag
            name_version(transaction, "d1", etag, "Kept")
            return etag

        named = await store.call(store_named)
        size = len(canonical_bytes(replace(DESIGN, name=f"{0:03} {text}")))
        store._bounds = Bounds(history_bytes=5 * size)
        for number in range(20):
            await store.call(write_design, replace(DESIGN, name=f"{number:03} {text}"))
        left = [stored.etag for stored in await store.call(revisions_of, "d1", None, 100)]
        assert len(left) == 5 + 1 + 1, "five, the current one and the named one"
        assert left[-1] == named
        assert await store.call(vector_of_version, "d1", left[0])

    use(tmp_path, work)


def test_the_oldest_rows_of_a_design_are_forgotten_in_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revisions, "ROWS_KEPT", 120)

    async def work(store: Store) -> None:
        etags = await store.call(store_versions, [timedelta(milliseconds=-number) for number in range(400)])
        rows = await store.call(lambda transaction: transaction.rows("SELECT etag FROM revisions ORDER BY id"))
        assert [etag for (etag,) in rows] == etags[-len(rows) :]
        assert 120 <= len(rows) <= 120 + revisions.BOUNDED_EVERY + 60

    use(tmp_path, work)


def test_the_background_work_survives_an_error_and_ends_with_the_server(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(store: Store) -> None:
        done, failed = asyncio.Event(), asyncio.Event()

        async def clean(_: Store, __: float, ___: int) -> None:
            if not failed.is_set():
                failed.set()
                raise OSError("the disk is gone")
            done.set()

        monkeypatch.setattr("backend.history.cleanup.clean_up", clean)
        monkeypatch.setattr("backend.history.cleanup.EVERY_S", 0.0)
        cleanup = HistoryCleanup(store, 0.0)
        cleanup.open()
        await asyncio.wait_for(done.wait(), 10)
        await cleanup.close()
        assert "the disk is gone" in caplog.text

    use(tmp_path, work)


def test_a_database_that_is_only_read_is_left_alone(tmp_path: Path) -> None:
    async def work(store: Store) -> None:
        await store.call(store_versions, [timedelta(days=900, minutes=-n) for n in range(NEWEST_KEPT + 5)])
        (tmp_path / "studio.db").rename(tmp_path / "moved.db")
        with pytest.raises(Exception, match="deleted while the server ran"):
            await store.call(write_design, replace(DESIGN, name="late"))
        await clean_up(store, 0.0)
        assert len(await store.call(revisions_of, "d1", None, 1000)) == NEWEST_KEPT + 5

    use(tmp_path, work)
