"""Reads a damaged database row by row, so that a damaged page costs the rows on it and no others."""

import re
import shutil
import sqlite3
import tempfile
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from backend.store.checks import connect_to_read, lenient_text
from backend.store.migrations import migrations
from backend.store.sqlite import Database
from backend.store.stored import is_intact, name_in, text_of
from shared_py.protocol import DesignChanged

Row = tuple[Any, ...]
_ETAG = re.compile("[0-9a-f]{32}")
TABLES = ("messages", "designs", "revisions", "run_offsets", "commands", "pushes", "idempotency_keys")
"""of the first version, on the same pages in every database"""
LATER_TABLES = (
    "client_changes",
    "history",
    "clients",
    "devices",
    "conflicts",
    "conflict_devices",
    "contact_days",
    "removed_messages",
    "telemetry",
    "successors",
    "sweeps",
)
LATER_INDEXES = ("kept_revisions",)
TRIED_ALONE = 100
"""row numbers of a small gap in which nothing was found, which are looked up one by one"""
MIN_ROW_BYTES = 20
"""the least that any row takes in the file, which limits how many row numbers there can be"""
_PAGE_SIZE, _CHANGE_COUNTER, _PAGE_COUNT, _FREE_PAGES, _VERSION_VALID_FOR = (
    slice(16, 18), slice(24, 28), slice(28, 32), slice(32, 40), slice(92, 96)
)  # fmt: skip
"""of the file header (https://www.sqlite.org/fileformat.html#the_database_header)"""


class Salvaged(Struct, frozen=True):
    """What could be read of a damaged database."""

    rows: dict[str, int]
    """rows read, for each table"""
    from_history: dict[str, bool]
    """designs that come from their history because their row is lost; whether it is known to be their newest version"""
    lost: list[str]
    """designs of which nothing could be read"""


def new_database(path: Path | None = None) -> Database:
    """An empty database with the current tables: a file, or without a path a temporary one that is deleted when it is closed."""
    database = Database(sqlite3.connect("" if path is None else path))
    database.conn.text_factory = lenient_text
    migrations.apply(database)
    return database


def salvage(source_path: Path, target: Database) -> Salvaged:
    """Copy every row that can be read into an empty database; designs whose row is lost come from their history."""
    with opened_to_salvage(source_path) as source:
        target.execute("PRAGMA foreign_keys=OFF")
        with target.atomic():
            tables = (*TABLES, *(table for table in LATER_TABLES if _has_tables(source, table)))
            rows = {table: _copy(source, target, table) for table in tables}
            names = {*_indexed_ids(source), *_texts(target, "SELECT DISTINCT design_id FROM revisions")}
            from_history = restore_from_history(target)
            _number_anew(target)
            copied = set(_texts(target, "SELECT id FROM designs"))
            target.execute("DELETE FROM revisions WHERE design_id NOT IN (SELECT id FROM designs)")
    return Salvaged(rows, from_history, sorted(names - copied))


@contextmanager
def opened_to_salvage(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a damaged database; where its list of tables is lost, a copy with the list of a new database."""
    source = connect_to_read(path)
    try:
        if _has_tables(source, *TABLES):
            yield source
            return
    finally:
        source.close()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.db"
        shutil.copyfile(path, copy)
        _replace_first_page(copy, Path(folder) / "new.db")
        source = connect_to_read(copy)
        try:
            yield source
        finally:
            source.close()


def _has_tables(source: sqlite3.Connection, *tables: str) -> bool:
    try:
        for table in tables:
            source.execute(f"SELECT 1 FROM {table} LIMIT 0")
    except sqlite3.DatabaseError:
        return False
    return True


def _replace_first_page(path: Path, scratch: Path) -> None:
    """Replace a lost first page by that of a new database, which has the tables of the first version on the same pages.

    Tables of later versions may be on other pages, so they are left out.
    """
    new = new_database(scratch)
    for table in LATER_TABLES:
        new.execute(f"DROP TABLE {table}")
    for index in LATER_INDEXES:
        new.execute(f"DROP INDEX {index}")
    new.close()
    content = scratch.read_bytes()
    size = int.from_bytes(content[_PAGE_SIZE], "big")
    page = bytearray(content[:size])
    page[_PAGE_COUNT] = (path.stat().st_size // size).to_bytes(4, "big")
    page[_FREE_PAGES] = bytes(8)
    page[_VERSION_VALID_FOR] = page[_CHANGE_COUNTER]
    with path.open("r+b") as file:
        file.write(page)


def read_table(source: sqlite3.Connection, table: str) -> Iterator[Row]:
    """Every row of a table that can be read, each once, its row number first.

    The table is read forwards and backwards until a damaged page, then between the rows that were found, one row number further
    after each failure, up to the highest number that the table or one of its indexes has.
    """
    seen: set[int] = set()

    def fresh(condition: str, *numbers: int) -> Generator[Row, None, tuple[bool, int]]:
        """Yield rows not seen yet; return whether a damaged page ended it, and the number of the last row."""
        last = 0
        try:
            for row in source.execute(f"SELECT rowid, * FROM {table} WHERE rowid {condition}", numbers):
                last = row[0]
                if last not in seen:
                    seen.add(last)
                    yield row
        except sqlite3.DatabaseError:
            return True, last
        return False, last

    yield from fresh(">= 0 ORDER BY rowid")
    if _is_whole(source, table, len(seen)):
        return
    yield from fresh(">= 0 ORDER BY rowid DESC")
    limit = _row_limit(source)
    highest = min(limit, max([0, *seen, *_indexed_rows(source, table), _sequence(source, table)]))
    for below, above in pairwise([0, *sorted(number for number in seen if number <= highest), highest + 1]):
        number = below + 1
        while number < above:
            is_damaged, last = yield from fresh("BETWEEN ? AND ? ORDER BY rowid", number, above - 1)
            if not is_damaged:
                # a gap that deleted rows left is read at once; but a page of random bytes can also look like an empty one
                for alone in range(number, above) if above - number <= TRIED_ALONE else ():
                    yield from fresh("= ?", alone)
                break
            number = max(number, last + 1)
            # `sqlite3` reads one row ahead, so the last row before a damaged page has to be queried alone
            yield from fresh("= ?", number)
            number += 1


def _until_damage(source: sqlite3.Connection, sql: str, *numbers: int) -> Iterator[Row]:
    try:
        yield from source.execute(sql, numbers)
    except sqlite3.DatabaseError:
        return


def _is_whole(source: sqlite3.Connection, table: str, count: int) -> bool:
    """Whether this number of rows is the whole table, according to its count and its indexes."""
    try:
        (rows,) = source.execute(f"SELECT count(*) FROM {table} NOT INDEXED").fetchone()
    except sqlite3.DatabaseError:
        return False
    indexed = set(_indexed_rows(source, table))
    return bool(count == rows and (not indexed or len(indexed) == rows))


def _indexed_rows(source: sqlite3.Connection, table: str) -> list[int]:
    """The row numbers in the indexes of a table, as far as they can be read."""
    numbers: list[int] = []
    for _, name, *_ in list(_until_damage(source, f"PRAGMA index_list({table})")):
        columns = [str(row[2]) for row in _until_damage(source, f"PRAGMA index_info({name})")]
        for order in ("", " DESC"):
            by_columns = ", ".join(column + order for column in columns)
            sql = f"SELECT rowid FROM {table} INDEXED BY {name} ORDER BY {by_columns}"
            numbers += [number for (number,) in _until_damage(source, sql)]
    return numbers


def _indexed_ids(source: sqlite3.Connection) -> list[str]:
    """The ids of designs in their index, also of those whose rows are lost."""
    sql = "SELECT id FROM designs INDEXED BY sqlite_autoindex_designs_1 ORDER BY id"
    return [str(name) for (name,) in [*_until_damage(source, sql), *_until_damage(source, f"{sql} DESC")]]


def _sequence(source: sqlite3.Connection, table: str) -> int:
    seq = next(_until_damage(source, f"SELECT seq FROM sqlite_sequence WHERE name = '{table}'"), (0,))[0]
    return seq if isinstance(seq, int) else 0


def _row_limit(source: sqlite3.Connection) -> int:
    pages, size = (int(source.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("page_count", "page_size"))
    return pages * size // MIN_ROW_BYTES


def _copy(source: sqlite3.Connection, target: Database, table: str) -> int:
    """Copy the rows of a table; returns how many were copied."""
    columns = [str(column[1]) for column in target.execute(f"PRAGMA table_info({table})")]
    count = 0
    for row in read_table(source, table):
        values = [
            value.encode(errors="surrogateescape") if _is_damaged_text(value) else value for value in row[: len(columns) + 1]
        ]
        if table == "designs":
            count += _insert_design(target, columns, values)
        else:
            names, places = ", ".join(["rowid", *columns[: len(values) - 1]]), ", ".join("?" * len(values))
            done = target.execute(f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({places})", values)
            count += max(0, done.rowcount)
    return count


DEFAULTS: dict[str, Any] = {
    **dict.fromkeys(("name", "document", "etag", "created_at", "updated_at"), ""),
    "deleted": 0,
    "seen": "{}",
}
"""values for columns of a damaged row, or of a database of an older version, that have none"""


def _insert_design(target: Database, columns: Sequence[str], values: list[Any]) -> int:
    """Copy a design; missing values of a damaged row are filled in, and of two rows for one design the intact one is kept.

    The first value is the row number, the others are those of the columns; those of an older version lack the last ones.
    """
    number, row = values[0], dict(zip(columns, values[1:], strict=False))
    if is_intact(row.get("document"), row.get("etag")):
        for old in target.execute("SELECT document, etag FROM designs WHERE id = ?", [row["id"]]).fetchall():
            if not is_intact(*old):
                target.execute("DELETE FROM designs WHERE id = ?", [row["id"]])
    filled = {name: row.get(name) or DEFAULTS.get(name) for name in columns}
    for free_seq in (row.get("seq"), -number):
        done = target.execute(
            f"INSERT OR IGNORE INTO designs ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
            [*(filled | {"seq": free_seq}).values()],
        )
        if done.rowcount > 0:
            return 1
    return 0


def _number_anew(target: Database) -> None:
    """Give designs with a damaged number the next one and a message, so that phones receive them.

    The numbering goes on after the highest number that is left, since the newest messages may be lost.
    """
    highest = "SELECT max(seq) FROM {} WHERE typeof(seq) = 'integer'"
    numbers = [target.execute(highest.format(table)).fetchone()[0] or 0 for table in ("messages", "designs", "history")]
    numbers += [number for (number,) in target.execute("SELECT seq FROM sqlite_sequence WHERE name = 'messages'")]
    seq = max(numbers)
    unnumbered = target.execute("SELECT id, etag FROM designs WHERE seq < 0 OR typeof(seq) <> 'integer' ORDER BY id").fetchall()
    for name, etag in unnumbered:
        seq += 1
        message = msgspec.json.encode(DesignChanged(seq, None, text_of(name), text_of(etag))).decode()
        target.execute("INSERT INTO messages (seq, design_id, payload) VALUES (?, ?, ?)", [seq, name, message])
        target.execute("UPDATE designs SET seq = ? WHERE id = ?", [seq, name])
    target.execute("DELETE FROM sqlite_sequence WHERE name = 'messages'")
    target.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('messages', ?)", [seq])


def _is_damaged_text(value: Any) -> bool:
    """Whether a text has bytes that are not UTF-8; it is then stored as bytes, so that it is not read as text."""
    return isinstance(value, str) and not value.isascii() and any("\udc80" <= letter <= "\udcff" for letter in value)


def _texts(target: Database, sql: str) -> list[str]:
    return [text_of(value) for (value,) in target.execute(sql)]


def restore_from_history(target: Database) -> dict[str, bool]:
    """Restore designs whose row is lost or unreadable from their versions; returns which, and whether from the newest."""
    restored: dict[str, bool] = {}
    for name in sorted(set(_texts(target, "SELECT DISTINCT design_id FROM revisions"))):
        row = target.execute("SELECT document, etag FROM designs WHERE id = ?", [name]).fetchone()
        if row is not None and is_intact(*row):
            continue
        versions = target.execute(
            "SELECT document, etag, stored_at, seq, seen FROM revisions WHERE design_id = ? ORDER BY seq DESC", [name]
        ).fetchall()
        version = next((version for version in versions if is_intact(*version[:2])), None)
        if version is None or (row is not None and version[1] != row[1] and _is_etag(row[1])):
            continue  # a damaged document of an unknown version is kept, since the versions in the history are older
        if row is not None and not _is_etag(row[1]):  # nothing of the row can be relied on
            target.execute("DELETE FROM designs WHERE id = ?", [name])
            row = None
        if row is None:
            restored[name] = _restore(target, name, version, str(versions[-1][2]))
        else:
            target.execute("UPDATE designs SET document = ? WHERE id = ?", [version[0], name])
            restored[name] = True
    return restored


def _is_etag(value: Any) -> bool:
    return isinstance(value, str) and _ETAG.fullmatch(value) is not None


def _restore(target: Database, name: str, version: Row, created_at: str) -> bool:
    """Make the row of a design from one of its versions; returns whether the last message about the design names that version."""
    document, etag, stored_at, seq, seen = version
    last = target.execute(
        "SELECT seq, json_extract(payload, '$.etag') FROM messages WHERE design_id = ? AND json_valid(payload)"
        " AND json_extract(payload, '$.type') = 'design_changed' ORDER BY seq DESC LIMIT 1",
        [name],
    ).fetchone()
    is_deleted = last is not None and last[1] is None
    target.execute(
        "INSERT OR IGNORE INTO designs (id, name, document, etag, created_at, updated_at, seq, deleted, seen)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            name,
            name_in(document) or name,
            document,
            etag,
            created_at,
            stored_at,
            last[0] if is_deleted else seq,
            is_deleted,
            seen,
        ],
    )
    return last is not None and last[1] in (None, etag)
