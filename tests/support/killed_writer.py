"""A process that stores versions of designs until it is killed; what it acknowledged must be there."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

from backend.store.database import Store, Transaction
from shared_py.decoding import decode_design
from shared_py.design import ModelArchitecture
from support.stored_designs import write_design

ROOT = Path(__file__).parents[2]
DESIGNS = 20


def kill_while_writing(data_dir: Path, first: int, count: int) -> int:
    """Have a process write version after version, kill it after at least `count` were acknowledged; returns the last of those."""
    command = [sys.executable, "-m", "support.killed_writer", str(data_dir), str(first)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests")))}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as writer:
        assert writer.stdout is not None
        for _ in range(count):
            assert writer.stdout.readline(), "the writer ended by itself"
        writer.kill()
        rest = writer.stdout.read()  # acknowledged before the kill, and not read until now
        assert writer.wait() == -signal.SIGKILL
    return first + count - 1 + rest.count(b"\n")


def newest_version(data_dir: Path) -> int:
    """The number of the newest version that is stored; all before must be there, each complete, and the database sound."""

    def read(transaction: Transaction) -> int:
        assert transaction.rows("PRAGMA integrity_check") == [("ok",)]
        assert transaction.rows("PRAGMA foreign_key_check") == []
        rows = transaction.rows("SELECT design_id, document, seq FROM revisions ORDER BY seq")
        numbers = [int(decode_design(document.encode()).name) for _, document, _ in rows]
        assert numbers == list(range(1, len(numbers) + 1))
        newest = {name: (document, seq) for name, document, seq in rows}
        current = transaction.rows("SELECT id, document, seq FROM designs")
        assert {name: (document, seq) for name, document, seq in current} == newest
        assert transaction.rows("SELECT seq FROM messages ORDER BY seq") == [(seq,) for _, _, seq in rows]
        return len(numbers)

    async def run() -> int:
        store = Store(data_dir, lambda _: None)
        await store.open()
        assert store.condition == "ok"
        newest = await store.call(read)
        await store.close()
        return newest

    return asyncio.run(run())


async def write(data_dir: Path, first: int) -> None:
    """Store version after version, and write the number of each to the standard output once it is acknowledged."""
    store = Store(data_dir, lambda _: None)
    await store.open()
    number = first
    while True:
        await store.call(write_design, ModelArchitecture(id=f"d{number % DESIGNS}", name=str(number)))
        os.write(1, b"%d\n" % number)
        number += 1


if __name__ == "__main__":
    asyncio.run(write(Path(sys.argv[1]), int(sys.argv[2])))
