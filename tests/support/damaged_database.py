"""A database with designs, and ways to damage its file."""

import asyncio
import json
import os
import random
import sqlite3
from pathlib import Path

from msgspec.structs import replace

from backend.store.database import Store, Transaction
from backend.store.names import DATABASE
from shared_py.design import canonical_bytes
from shared_py.templates import load_templates
from support.stored_designs import delete_design, write_design


def write_designs(data_dir: Path, count: int, deleted: tuple[int, ...] = ()) -> dict[str, bytes]:
    """Store designs `d0000` and so on, some of them twice, and give the documents of those that are not deleted."""

    def work(transaction: Transaction) -> dict[str, bytes]:
        templates = load_templates()
        designs = [replace(templates[n % len(templates)], id=f"d{n:04d}", name=f"Numéro {n} 設計") for n in range(count)]
        for number, design in enumerate(designs):
            if number % 3 == 0:
                write_design(transaction, replace(design, name="an older version"))
            write_design(transaction, design)
        for number in deleted:
            delete_design(transaction, designs[number].id)
        return {design.id: canonical_bytes(design) for number, design in enumerate(designs) if number not in deleted}

    async def run() -> dict[str, bytes]:
        store = Store(data_dir, lambda _: None)
        await store.open()
        documents = await store.call(work)
        await store.close()
        return documents

    return asyncio.run(run())


def overwrite(data_dir: Path, start: float, share: float, seed: int = 0) -> None:
    """Write random bytes over a part of the database file, its place and length given as shares of the file."""
    path = data_dir / DATABASE
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(int(size * start))
        file.write(random.Random(seed).randbytes(max(1, min(int(size * share), size - int(size * start)))))


def change_row(data_dir: Path, design_id: str, column: str, value: object) -> None:
    """Change one column of one stored design, as a damaged disk or a newer version would."""
    connection = sqlite3.connect(data_dir / DATABASE)
    connection.execute(f"UPDATE designs SET {column} = ? WHERE id = ?", [value, design_id])
    connection.commit()
    connection.close()


def change_text(data_dir: Path, design_id: str, column: str, value: bytes) -> None:
    """The same with a text that is not UTF-8."""
    connection = sqlite3.connect(data_dir / DATABASE)
    connection.execute(f"UPDATE designs SET {column} = CAST(? AS TEXT) WHERE id = ?", [value, design_id])
    connection.commit()
    connection.close()


def fingerprint(data_dir: Path) -> dict[str, bytes]:
    """The files of a folder with their content."""
    return {path.name: path.read_bytes() for path in sorted(data_dir.iterdir()) if path.is_file() and os.access(path, os.R_OK)}


def documents_by_sql(data_dir: Path, count: int) -> dict[str, bytes]:
    """An independent reader: the living designs that one query each can still fetch, by row number or by id, whole."""
    connection = sqlite3.connect(f"{(data_dir / DATABASE).resolve().as_uri()}?immutable=1", uri=True)
    connection.text_factory = bytes
    found: dict[str, bytes] = {}
    for number in range(count):
        for condition, value in (("rowid = ?", number + 1), ("id = ?", f"d{number:04d}")):
            try:
                row = connection.execute(f"SELECT id, document, deleted FROM designs WHERE {condition}", [value]).fetchone()
            except sqlite3.DatabaseError:
                continue
            if row is not None and isinstance(row[1], bytes) and row[2] == 0 and _is_json(row[1]):
                found.setdefault(bytes(row[0]).decode(errors="replace"), row[1])
    connection.close()
    return found


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except ValueError:
        return False
    return True
