"""Saves what can be read of a database, damaged or not: designs as JSON files, and a sound database with everything."""

from pathlib import Path

from msgspec import Struct

from backend.errors import DataUnusable
from backend.file_names import file_name_of_id
from backend.store.designs import PURGED
from backend.store.dump import bytes_of, doubts, is_json_object
from backend.store.names import DATABASE, EPOCH
from backend.store.salvage import Salvaged, new_database, salvage
from backend.store.sqlite import Database
from backend.store.stored import text_of

REPORT = "report.txt"
DELETED, UNREADABLE = "deleted", "unreadable"
"""folders, beside the living designs, of those that were deleted, and of documents that are no JSON"""


class Rescued(Struct, frozen=True):
    """What was saved, and a sentence for each thing that is lost or doubtful."""

    designs: int
    deleted: int
    losses: list[str]


def rescue(data_dir: Path, out: Path) -> Rescued:
    """Write every design that can be read into a new folder, with a database to continue with, and a report; DataUnusable."""
    path = data_dir / DATABASE
    if not path.exists():
        raise DataUnusable(f"There is no {DATABASE} in {data_dir}: name the folder of the server's data with --data-dir")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise DataUnusable(f"{out} is not empty: name a new folder with --out")
    out.mkdir(parents=True, exist_ok=True)
    database = new_database(out / DATABASE)
    try:
        salvaged = salvage(path, database)
        rescued = _write_designs(database, out, salvaged)
    finally:
        database.close()
    (out / REPORT).write_text(_report(path, out, rescued, salvaged), encoding="utf-8")
    return rescued


def _write_designs(database: Database, out: Path, salvaged: Salvaged) -> Rescued:
    losses = [f"design {name}: nothing of it can be read" for name in salvaged.lost]
    counts = {0: 0, 1: 0}
    rows = database.execute("SELECT id, document, etag, deleted FROM designs WHERE deleted <> ? ORDER BY id", [PURGED])
    for key, document, etag, deleted in rows:
        name, is_deleted = text_of(key), bool(deleted)
        folder = out / DELETED if is_deleted else out
        data = bytes_of(document)
        if is_json_object(data):
            _write(folder / f"{file_name_of_id(name)}.json", data + b"\n")
            counts[is_deleted] += 1
        else:
            _write(out / UNREADABLE / f"{file_name_of_id(name)}.txt", data)
        losses += doubts(name, document, etag, salvaged)
    return Rescued(counts[0], counts[1], losses)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)


def _report(path: Path, out: Path, rescued: Rescued, salvaged: Salvaged) -> str:
    restored = sorted(salvaged.from_history)
    lines = [
        f"Rescued from {path}: {rescued.designs} designs, {rescued.deleted} deleted ones (in {DELETED}/).",
        f"Rows read: {', '.join(f'{count} {table}' for table, count in salvaged.rows.items())}.",
        *([f"Restored from their history: {', '.join(restored)}."] if restored else []),
        "",
        "Lost or doubtful:" if rescued.losses else "Nothing is known to be lost.",
        *(f"- {loss}" for loss in rescued.losses),
        "",
        "To go on with what was saved:",
        "1. stop the server;",
        f"2. move {path.name}*, and the file {EPOCH}, out of {path.parent} and keep them;",
        f"3. copy {out / DATABASE} to {path};",
        "4. start the server. Phones then send all designs that they have, and nothing of theirs is lost.",
        "Runs, checkpoints and exports are files of their own in the folder runs, and stay where they are.",
    ]
    return "\n".join(lines) + "\n"
