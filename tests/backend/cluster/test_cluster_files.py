"""What a worker sends and the server stores, without Ray: lines, the log and checkpoints, in small parts and repeated."""

import os
from pathlib import Path

import msgspec
import pytest
from support.run_folders import write_run

from backend.cluster import outbox as outbox_module
from backend.cluster.batches import Batch
from backend.cluster.inbox import INCOMING, Inbox
from backend.cluster.outbox import Outbox
from backend.runs.journal import Journal
from backend.runs.run_folder import RunFolder
from shared_py.protocol import CheckpointCreated


class Pair:
    """A run on a node and on the server."""

    def __init__(self, root: Path) -> None:
        self.server = write_run(root / "server", "r1")
        self.server_journal = Journal(self.server, self.server.request)
        self.node = RunFolder(root / "node")
        self.node.path.mkdir()
        self.node.metrics.write_bytes(self.server_journal.head)
        self.outbox = Outbox(self.node, self.node.metrics.stat().st_size, {})
        self.node_journal = Journal(self.node, self.server.request)
        self.inbox = Inbox(self.server, self.server_journal)

    def checkpoint(self, content: bytes, steps: int) -> None:
        """As the trainer does: a new file, another name for it, then the line."""
        new = self.node.path / "checkpoint.tmp"
        new.write_bytes(content)
        if self.node.checkpoint.exists():
            self.node.checkpoint.replace(self.node.previous)
        os.link(new, self.node.spaced_at(steps))
        new.replace(self.node.checkpoint)
        self.node_journal.write(CheckpointCreated(0, "", steps, None))

    def next(self, *, is_alive: bool = True) -> Batch:
        """One batch, as it arrives."""
        batch = self.outbox.batch(self.inbox.received, is_alive=is_alive)
        return msgspec.msgpack.decode(msgspec.msgpack.encode(batch), type=Batch)

    def pass_all(self) -> int:
        """Send until the server has everything; returns how many batches that took."""
        count = 1
        while not (batch := self.next(is_alive=False)).has_ended:
            self.inbox.store(batch)
            count += 1
        return count


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return Pair(tmp_path)


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_module, "MAX_PIECE_BYTES", 100)
    monkeypatch.setattr(outbox_module, "MAX_LOG_BYTES", 7)
    monkeypatch.setattr(outbox_module, "MAX_LINE_BYTES", 300)


@pytest.mark.usefixtures("small_pieces")
def test_everything_arrives_once_and_continues_the_numbers(pair: Pair) -> None:
    for steps in range(1, 6):
        pair.node_journal.status("running" if steps % 2 else "paused")
        pair.checkpoint(bytes([steps]) * 250, steps)
    pair.node.log.write_bytes(b"a line of the log\n")
    pair.pass_all()
    lines = pair.server.metrics.read_bytes().splitlines()
    assert [msgspec.json.decode(line)["seq"] for line in lines] == list(range(1, 12))
    assert lines[1:] == pair.node.metrics.read_bytes().splitlines()[1:]
    assert pair.server.log.read_bytes() == b"a line of the log\n"
    assert pair.server.checkpoint.read_bytes() == bytes([5]) * 250
    assert pair.server.previous.read_bytes() == bytes([4]) * 250
    assert list(pair.server.spaced()) == [1, 2, 3, 4, 5]
    assert pair.server.spaced()[5].samefile(pair.server.checkpoint)
    pair.inbox.close()
    assert not (pair.server.path / INCOMING).exists()


@pytest.mark.usefixtures("small_pieces")
def test_a_batch_that_was_lost_is_sent_again(pair: Pair) -> None:
    pair.checkpoint(b"x" * 250, 8)
    pair.node.log.write_bytes(b"12345678")
    while not (batch := pair.next(is_alive=False)).has_ended:
        again = pair.next(is_alive=False)
        assert again == msgspec.structs.replace(batch, progress=None)
        pair.inbox.store(again)
    assert pair.server.checkpoint.read_bytes() == b"x" * 250
    assert pair.server.log.read_bytes() == b"12345678"


@pytest.mark.usefixtures("small_pieces")
def test_a_line_about_a_checkpoint_comes_after_the_checkpoint(pair: Pair) -> None:
    pair.node_journal.status("running")
    pair.checkpoint(b"y" * 250, 8)
    before = pair.server.metrics.stat().st_size
    seen = []
    while not (batch := pair.next(is_alive=False)).has_ended:
        pair.inbox.store(batch)
        seen.append((b"checkpoint_created" in pair.server.metrics.read_bytes(), pair.server.checkpoint.exists()))
    assert (True, False) not in seen
    assert seen[-1] == (True, True)
    assert pair.server.metrics.stat().st_size > before


def test_a_checkpoint_that_is_replaced_while_it_is_sent_arrives_whole(pair: Pair, small_pieces: None) -> None:
    pair.checkpoint(b"1" * 250, 1)
    pair.inbox.store(pair.next())
    pair.checkpoint(b"2" * 250, 2)
    pair.checkpoint(b"3" * 250, 3)
    for _ in range(4):
        pair.inbox.store(pair.next())
    assert pair.server.checkpoint.read_bytes() == b"1" * 250
    pair.pass_all()
    assert pair.server.checkpoint.read_bytes() == b"3" * 250
    assert pair.server.previous.read_bytes() == b"2" * 250


def test_an_incomplete_line_waits_for_its_end(pair: Pair) -> None:
    pair.node_journal.status("running")
    with pair.node.metrics.open("ab") as file:
        file.write(b'{"type":"run_st')
    batch = pair.next()
    assert batch.lines.endswith(b"\n")
    assert batch.lines.count(b"\n") == 1
    pair.pass_all()
    assert pair.server.metrics.read_bytes().endswith(batch.lines)


def test_a_worker_writes_only_checkpoints_of_its_run(pair: Pair) -> None:
    for name, content_id in (("../r2/checkpoint.pt", "1-2-3"), ("run.json", "1-2-3"), ("best.pt", "../../x")):
        with pytest.raises(ValueError, match="a worker sent a checkpoint"):
            pair.inbox.store(Batch(names={name: content_id}))


def test_a_node_starts_from_the_checkpoints_of_the_server(tmp_path: Path) -> None:
    pair = Pair(tmp_path)
    pair.server.checkpoint.write_bytes(b"old")
    pair.node.checkpoint.write_bytes(b"old")
    status = pair.node.checkpoint.stat()
    names = {"checkpoint.pt": f"{status.st_ino}-{status.st_mtime_ns}-{status.st_size}"}
    pair.outbox = Outbox(pair.node, pair.node.metrics.stat().st_size, names)
    pair.inbox.begin(names)
    assert pair.next() == Batch()
    pair.checkpoint(b"new", 9)
    pair.pass_all()
    assert (pair.server.previous.read_bytes(), pair.server.checkpoint.read_bytes()) == (b"old", b"new")
