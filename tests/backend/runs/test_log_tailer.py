"""Following the files of runs: each line once, also after a crash between reading and storing."""

from pathlib import Path

import msgspec

from backend.runs.log_tailer import LogTailer
from shared_py.protocol import CheckpointCreated, LiveMessage


class Runs:
    """Runs on disk, written to by a test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.reads = 0

    def write(self, run_id: str, *lines: str) -> None:
        (self.folder / run_id).mkdir(exist_ok=True)
        with (self.folder / run_id / "metrics.jsonl").open("a") as file:
            file.write("".join(lines))

    def read(self, run_id: str, offset: int) -> tuple[list[LiveMessage], int]:
        self.reads += 1
        text = (self.folder / run_id / "metrics.jsonl").read_bytes()[offset:]
        whole = text[: text.rfind(b"\n") + 1]
        return [msgspec.json.decode(line, type=CheckpointCreated) for line in whole.splitlines()], offset + len(whole)


def line(steps: int) -> str:
    return msgspec.json.encode(CheckpointCreated(seq=0, run_id="r", steps=steps, score=None)).decode() + "\n"


def steps(tail: LogTailer, runs: Runs) -> list[int]:
    """Read, and note as taken."""
    found = []
    for lines in tail.read(runs.read):
        found += [message.steps for message in lines.messages if isinstance(message, CheckpointCreated)]
        tail.mark_stored(lines)
    return found


def test_each_line_is_read_once_and_a_quiet_run_not_at_all(tmp_path: Path) -> None:
    runs, tail = Runs(tmp_path), LogTailer(tmp_path)
    assert steps(tail, runs) == []
    runs.write("r1", line(1), line(2))
    runs.write("r2", line(3), line(4)[:10])
    assert steps(tail, runs) == [1, 2, 3]
    before = runs.reads
    assert steps(tail, runs) == []
    assert runs.reads == before
    runs.write("r2", line(4)[10:])
    assert steps(tail, runs) == [4]


def test_lines_not_noted_as_taken_are_read_again(tmp_path: Path) -> None:
    runs, tail = Runs(tmp_path), LogTailer(tmp_path)
    runs.write("r1", line(1))
    (lines,) = tail.read(runs.read)
    assert steps(tail, runs) == [1]
    restarted = LogTailer(tmp_path)
    restarted.start_at({"r1": lines.offset})
    runs.write("r1", line(2))
    assert steps(restarted, runs) == [2]


def test_a_run_that_cannot_be_read_does_not_hold_up_the_others(tmp_path: Path) -> None:
    runs, tail = Runs(tmp_path), LogTailer(tmp_path)
    runs.write("r1", "not json\n")
    runs.write("r2", line(2))
    assert steps(tail, runs) == [2]
