"""A damaged database: what one query each can still read is saved, and the damage is told, not hidden."""

import random
import shutil
import sqlite3
from pathlib import Path

import pytest
from support.damaged_database import change_row, change_text, documents_by_sql, fingerprint, overwrite, write_designs

from backend.cli import main
from backend.store.checks import connect_to_read, find_damage
from backend.store.names import DATABASE
from backend.store.rescue import REPORT
from backend.store.salvage import read_table

COUNT = 120
PLACES = 50


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes]]:
    """A data folder and the documents of its living designs."""
    folder = tmp_path_factory.mktemp("sound")
    return folder, write_designs(folder, COUNT, deleted=(5, 50))


def copied(sound: tuple[Path, dict[str, bytes]], folder: Path) -> Path:
    return Path(shutil.copytree(sound[0], folder))


def damages() -> list[tuple[float, float, int]]:
    """Places anywhere in the file, lengths from a few bytes to a third of it."""
    draw = random.Random(17)
    return [(draw.random() * 0.98, 10 ** draw.uniform(-5, -0.5), seed) for seed in range(PLACES - 3)] + [
        (0.0, 0.004, 90),
        (1 / 3, 1 / 3, 91),
        (0.9, 0.1, 92),
    ]


@pytest.mark.parametrize(("start", "share", "seed"), damages())
def test_every_design_that_a_query_can_read_is_rescued(
    sound: tuple[Path, dict[str, bytes]], tmp_path: Path, start: float, share: float, seed: int
) -> None:
    folder = copied(sound, tmp_path / "data")
    overwrite(folder, start, share, seed)
    before = fingerprint(folder)
    status = main(["rescue", "--out", str(tmp_path / "out"), "--data-dir", str(folder)])
    saved = {path.stem: path.read_bytes().strip() for path in (tmp_path / "out").glob("*.json")}
    whole = {name: document for name, document in documents_by_sql(folder, COUNT).items() if document == sound[1].get(name)}
    assert whole.items() <= saved.items()
    assert fingerprint(folder) == before
    assert status == 1 or saved == sound[1]
    assert (tmp_path / "out" / REPORT).exists()
    assert find_damage(tmp_path / "out" / DATABASE) is None


def test_a_sound_database_is_rescued_whole(sound: tuple[Path, dict[str, bytes]], tmp_path: Path) -> None:
    assert main(["rescue", "--out", str(tmp_path / "out"), "--data-dir", str(sound[0])]) == 0
    assert {path.stem: path.read_bytes().strip() for path in (tmp_path / "out").glob("*.json")} == sound[1]
    assert {path.stem for path in (tmp_path / "out" / "deleted").iterdir()} == {"d0005", "d0050"}
    assert "Nothing is known to be lost" in (tmp_path / "out" / REPORT).read_text()


def test_a_database_whose_first_page_is_lost_is_rescued_whole(sound: tuple[Path, dict[str, bytes]], tmp_path: Path) -> None:
    folder = copied(sound, tmp_path / "data")
    with (folder / DATABASE).open("r+b") as file:
        file.write(bytes(4096))
    assert documents_by_sql(folder, COUNT) == {}
    main(["rescue", "--out", str(tmp_path / "out"), "--data-dir", str(folder)])
    assert {path.stem: path.read_bytes().strip() for path in (tmp_path / "out").glob("*.json")} == sound[1]


def test_a_lost_row_comes_from_the_history_of_its_design(sound: tuple[Path, dict[str, bytes]], tmp_path: Path) -> None:
    folder = copied(sound, tmp_path / "data")
    connection = sqlite3.connect(folder / DATABASE)
    connection.execute("DELETE FROM designs WHERE id IN ('d0001', 'd0005')")
    connection.commit()
    connection.close()
    assert main(["rescue", "--out", str(tmp_path / "out"), "--data-dir", str(folder)]) == 0
    assert (tmp_path / "out" / "d0001.json").read_bytes().strip() == sound[1]["d0001"]
    assert (tmp_path / "out" / "deleted" / "d0005.json").exists()


@pytest.mark.parametrize("command", ["rescue", "dump-designs"])
def test_what_cannot_be_read_is_named_and_the_rest_is_written(
    sound: tuple[Path, dict[str, bytes]], tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    folder = copied(sound, tmp_path / "data")
    connection = sqlite3.connect(folder / DATABASE)
    connection.execute("DELETE FROM revisions")
    connection.commit()
    connection.close()
    change_row(folder, "d0001", "document", '{"id": "d0001", "na')
    change_text(folder, "d0002", "document", b'{"id": "d0002", "name": "\xff"}')
    change_row(folder, "d0003", "document", '{"id": "d0003", "schema_version": 99}')
    assert main([command, "--out", str(tmp_path / "out"), "--data-dir", str(folder)]) == 1
    written = {path.stem: path.read_bytes().strip() for path in (tmp_path / "out").glob("*.json")}
    assert written.keys() == sound[1].keys() - {"d0001", "d0002"}
    said = capsys.readouterr().err
    assert all(f"d000{number}" in said for number in (1, 2, 3))
    assert "schema_version 99" in said


def test_dump_designs_writes_what_a_damaged_database_still_has(
    sound: tuple[Path, dict[str, bytes]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copied(sound, tmp_path / "data")
    overwrite(folder, 1 / 3, 1 / 3)
    assert main(["dump-designs", "--out", str(tmp_path / "out"), "--data-dir", str(folder)]) == 1
    written = {path.stem: path.read_bytes().strip() for path in (tmp_path / "out").glob("*.json")}
    whole = {name: document for name, document in documents_by_sql(folder, COUNT).items() if document == sound[1].get(name)}
    assert len(whole) > COUNT / 3
    assert whole.items() <= written.items()
    assert all(name in capsys.readouterr().err for name in sorted(sound[1].keys() - written.keys())[:1])


def test_a_gap_that_deleted_rows_left_is_read_at_once(tmp_path: Path) -> None:
    count, gap = 4_000, range(2_000, 3_900)
    database = sqlite3.connect(tmp_path / "gap.db")
    with database:
        database.execute("CREATE TABLE messages (seq INTEGER PRIMARY KEY AUTOINCREMENT, payload TEXT)")
        database.executemany("INSERT INTO messages (payload) VALUES (?)", [("x" * 300,)] * count)
        database.execute("DELETE FROM messages WHERE seq BETWEEN ? AND ?", (gap.start, gap.stop - 1))
    (page_size,) = database.execute("PRAGMA page_size").fetchone()
    database.close()
    content = bytearray((tmp_path / "gap.db").read_bytes())
    leaves = [start for start in range(0, len(content), page_size) if content[start] == 0x0D]
    content[leaves[20] : leaves[20] + page_size] = bytes(page_size)
    (tmp_path / "gap.db").write_bytes(content)
    damaged = connect_to_read(tmp_path / "gap.db")
    statements: list[str] = []
    damaged.set_trace_callback(statements.append)
    rows = list(read_table(damaged, "messages"))
    damaged.close()
    lost = count - len(gap) - len(rows)
    assert 0 < lost < 30
    assert len(statements) < 100, "one statement for each lost row, none for rows that were deleted"


def test_a_file_in_the_way_of_a_rescue_is_left_alone(
    sound: tuple[Path, dict[str, bytes]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    assert main(["rescue", "--out", str(tmp_path), "--data-dir", str(sound[0])]) == 2
    assert main(["rescue", "--out", str(tmp_path / "out"), "--data-dir", str(tmp_path)]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    assert "--out" in capsys.readouterr().err
