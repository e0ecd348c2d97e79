"""Records what a store writes, and makes the files that a power loss could have left at any moment of it.

A commit is acknowledged after the log (`-wal`) was synced up to the last frame of the transaction. What is written later may be
on the disk or not, in any order of its sectors. A checkpoint copies pages from the log to the database and syncs it; only then is
the log written from its beginning again. Format: https://www.sqlite.org/fileformat.html#the_write_ahead_log
"""

import asyncio
import random
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace

from backend.store import designs
from backend.store.database import Store, Transaction
from backend.store.messages import last_seq, take_run_messages
from backend.store.names import DATABASE, EPOCH
from shared_py.design import ModelArchitecture
from shared_py.templates import load_templates
from support.metric_messages import update
from support.stored_designs import write_design

WAL = f"{DATABASE}-wal"
WAL_HEADER, FRAME_HEADER, SECTOR = 32, 24, 512
State = tuple[int, tuple[tuple[str, str, bool], ...], int]
"""the number of the newest message, the designs with their etags and whether they are deleted, and the number of revisions"""


@dataclass
class Segment:
    """The transactions between two checkpoints."""

    database: bytes
    """the file, which nothing writes to until the checkpoint"""
    earlier_log: bytes
    """what the log file contained before its first frame of this segment was written"""
    states: list[State]
    """before the first transaction, and after each"""
    log: bytes = b""
    """the log file at the end"""
    ends: list[int] = field(default_factory=list)
    """where the frames of each transaction end in the log"""


def state_of(transaction: Transaction) -> State:
    """What a person would miss."""
    stored = transaction.rows("SELECT id, etag, deleted <> 0 FROM designs ORDER BY id")
    ((revisions,),) = transaction.rows("SELECT count(*) FROM revisions")
    return last_seq(transaction), tuple((str(name), str(etag), bool(deleted)) for name, etag, deleted in stored), int(revisions)


def frames(log: bytes) -> Iterator[tuple[int, bool]]:
    """The end of each frame of the newest generation of a log, and whether it commits a transaction."""
    size = FRAME_HEADER + int.from_bytes(log[8:12], "big")
    for start in range(WAL_HEADER, len(log) - size + 1, size):
        header = log[start : start + FRAME_HEADER]
        if header[8:16] != log[16:24]:
            return  # a frame of an earlier generation
        yield start + size, any(header[4:8])


def record(data_dir: Path, transactions: int, seed: int) -> list[Segment]:
    """Store, edit and delete designs and store messages of a run; SQLite makes a checkpoint when the log has a thousand pages."""

    async def run() -> list[Segment]:
        store = Store(data_dir, lambda _: None)
        await store.open()
        draw = random.Random(seed)
        database, log = data_dir / DATABASE, data_dir / WAL
        written = database.stat().st_mtime_ns
        await store.call(write_design, ModelArchitecture(id="dfirst"))
        segments = [Segment(database.read_bytes(), b"", [await store.call(state_of)])]
        skipped = sum(commits for _, commits in frames(log.read_bytes()))  # transactions that opened the database
        for _ in range(transactions):
            before = log.read_bytes()
            await store.call(change, draw)
            state = await store.call(state_of)
            if log.read_bytes()[16:24] != before[16:24]:  # this transaction has begun a new generation of the log
                close_segment(segments[-1], before, skipped)
                skipped = 0
                segments.append(Segment(database.read_bytes(), before, [segments[-1].states[-1]]))
            segments[-1].states.append(state)
        close_segment(segments[-1], log.read_bytes(), skipped)
        assert len(segments) > 1 or database.stat().st_mtime_ns == written
        await store.close()
        return segments

    return asyncio.run(run())


def close_segment(segment: Segment, log: bytes, skipped: int) -> None:
    """Set the log of a segment, and where its transactions end."""
    segment.log = log
    segment.ends = [end for end, commits in frames(log) if commits][max(0, skipped - 1) :]
    if skipped == 0:
        segment.ends.insert(0, WAL_HEADER)
    assert len(segment.ends) == len(segment.states), "each change is one transaction"


def change(transaction: Transaction, draw: random.Random) -> None:
    """One change as the server makes it."""
    name = f"d{draw.randrange(12)}"
    before = designs.find_design(transaction, name)
    kind = draw.random()
    if kind < 0.15:
        take_run_messages(
            transaction, "r1", [update(draw.randrange(10**6)) for _ in range(draw.randrange(1, 20))], draw.randrange(9)
        )
    elif kind < 0.3 and before is not None and not before.deleted:
        designs.delete_design(transaction, before)
    else:
        template = draw.choice(load_templates())
        designs.write_design(transaction, replace(template, id=name, name=f"{draw.random()}"), before)


@dataclass(frozen=True)
class Image:
    """Files that a power loss may leave."""

    what: str
    database: bytes
    log: bytes
    expected: Sequence[State]
    """the states that the store may have then"""


def cut_images(segment: Segment, draw: random.Random, share: float = 1.0) -> Iterator[Image]:
    """The log ends after any frame, or within one; what follows is missing, is zero, or is what was in the file before.

    `share` of these are made.
    """
    ends = [segment.ends[0], *(end for end, _ in frames(segment.log) if end > segment.ends[0])]
    for end, following in zip(ends, [*ends[1:], ends[-1]], strict=True):
        within = [draw.randrange(end + 1, following)] if following > end else []
        for cut in (end, *within):
            expected = [state_at(segment, cut)]
            rest = len(segment.log) - cut
            for what, tail in (("missing", b""), ("zero", bytes(rest)), ("earlier", segment.earlier_log[cut:])):
                if (tail or what == "missing") and draw.random() < share:
                    yield Image(f"{what} after {cut}", segment.database, segment.log[:cut] + tail, expected)


def flipped_images(segment: Segment, count: int, draw: random.Random) -> Iterator[Image]:
    """One byte of one of the last frames is wrong."""
    for end, start in [(end, end - frame_size(segment)) for end, _ in frames(segment.log)][-count:]:
        place = draw.randrange(start, end)
        log = bytearray(segment.log[: draw.choice([end, len(segment.log)])])
        log[place] ^= 1 << draw.randrange(8)
        yield Image(f"flipped at {place}", segment.database, bytes(log), [state_at(segment, start)])


def torn_images(segment: Segment, draw: random.Random) -> Iterator[Image]:
    """Any sectors of a transaction that was not acknowledged yet have reached the disk, the others have not."""
    for number, (start, end) in enumerate(zip(segment.ends, segment.ends[1:], strict=False)):
        old = segment.earlier_log[start:end].ljust(end - start, b"\0")
        torn = sectors(old, segment.log[start:end], start, draw)
        allowed = segment.states[number : number + 2] if torn == segment.log[start:end] else [segment.states[number]]
        yield Image(f"torn {start}", segment.database, segment.log[:start] + torn + segment.earlier_log[end:], allowed)


def checkpoint_images(segment: Segment, following: Segment, count: int, draw: random.Random) -> Iterator[Image]:
    """Any sectors of the pages that a checkpoint copies have reached the database; the log is whole until all have."""
    old = segment.database.ljust(len(following.database), b"\0")
    for number in range(count):
        mixed = sectors(old, following.database, 0, draw)
        yield Image(f"checkpoint {number}", mixed, segment.log, segment.states[-1:])


def sectors(old: bytes, new: bytes, offset: int, draw: random.Random) -> bytes:
    """A mixture of two contents of a piece of a file that begins at an offset, sector by sector."""
    share = draw.random()
    mixed, place = b"", 0
    while place < len(new):
        following = min(len(new), place + SECTOR - (offset + place) % SECTOR)
        mixed += (new if draw.random() < share else old)[place:following]
        place = following
    return mixed


def frame_size(segment: Segment) -> int:
    return FRAME_HEADER + int.from_bytes(segment.log[8:12], "big")


def state_at(segment: Segment, cut: int) -> State:
    """The state after all transactions whose last frame lies before a place in the log."""
    return segment.states[max(number for number, end in enumerate(segment.ends) if end <= cut)]


def check(image: Image, folder: Path) -> None:
    """Open the files of an image with a store, which must have an expected state and a sound database that takes new changes."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / DATABASE).write_bytes(image.database)
    (folder / WAL).write_bytes(image.log)
    (folder / EPOCH).write_text("e0123456789abcdef")

    async def run() -> None:
        store = Store(folder, lambda _: None)
        await store.open()
        assert store.condition == "ok", image.what
        state = await store.call(state_of)
        assert state in image.expected, image.what
        assert await store.call(lambda transaction: transaction.rows("PRAGMA integrity_check")) == [("ok",)], image.what
        await store.call(write_design, ModelArchitecture(id="dafter"))
        assert (await store.call(state_of))[0] == state[0] + 1, image.what
        await store.close()

    asyncio.run(run())
