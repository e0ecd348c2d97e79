"""The server of a run: the real application over a folder in memory, called directly; it crashes and is restored on demand."""

import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import msgspec
from msgspec import Raw, Struct

from backend.backup.back_up import back_up
from backend.backup.restore import restore
from tests.simulation.application import NEVER_S, App
from tests.simulation.problems import NOTHING, ProblemCheck, PushedPart


class _Call(Struct):
    designs: list[PushedPart] = []


class _AnswerPart(Struct):
    id: str
    document: Raw = NOTHING


class _Answer(Struct):
    designs: list[_AnswerPart]


_CALL, _ANSWER = msgspec.json.Decoder(_Call), msgspec.json.Decoder(_Answer)


class SimulatedServer:
    """The server of one run, with its crashes, copies and restores."""

    def __init__(self, folder: Path, template: Path) -> None:
        self._folder = folder
        self._lives = 0
        self._copies = 0
        self._app = App(self._next_folder(template))
        self._check = ProblemCheck()

    def _next_folder(self, source: Path) -> Path:
        self._lives += 1
        target = self._folder / f"life{self._lives}"
        shutil.copytree(source, target)
        return target

    async def start(self) -> None:
        """Start the first application."""
        await self._app.start()

    async def close(self) -> None:
        """Stop and remove everything."""
        await self._app.stop()
        shutil.rmtree(self._folder)

    async def sync(self, body: bytes) -> tuple[int, bytes]:
        """Deliver a sync call; notes problems that a merge added."""
        pushed = {part.id: part for part in _CALL.decode(body).designs if part.work != NOTHING}
        before = self._documents(list(pushed))
        status, answer = await self._app.call("POST", "/api/sync", body)
        if status == 200 and before:
            for part in _ANSWER.decode(answer).designs:
                if part.id in pushed:
                    self._check.compare(pushed[part.id], before.get(part.id), part.document)
        return status, answer

    def _documents(self, ids: list[str]) -> dict[str, str]:
        if not ids:
            return {}
        places = ", ".join("?" * len(ids))
        query = f"SELECT id, document FROM designs WHERE deleted = 0 AND id IN ({places})"
        return dict(self._app.reader.execute(query, ids).fetchall())

    async def crash(self) -> None:
        """End without closing anything: the next application gets the files as they are now, log included."""
        await self._replace(self._app.folder)

    async def back_up(self, how: str) -> int:
        """Copy the data of the running server: by the command, or all files as a snapshot of the file system would."""
        self._copies += 1
        copy = self._copy(self._copies)
        if how == "command":
            back_up(self._app.folder, copy, with_runs=False, force=False)
        else:
            shutil.copytree(self._app.folder, copy)
        return self._copies

    def _copy(self, number: int) -> Path:
        return self._folder / f"copy{number}"

    async def restore(self, copy: int, how: str) -> None:
        """Put a copy in the place of the data; by the command that begins a new history, while the server is stopped."""
        if how == "folder":
            await self._replace(self._copy(copy))
            return
        folder = self._app.folder
        await self._app.stop()
        restore(folder, self._copy(copy))
        self._app = App(folder)
        await self._app.start()

    async def _replace(self, source: Path) -> None:
        old = self._app
        self._app = App(self._next_folder(source))
        await old.stop()
        shutil.rmtree(old.folder)
        await self._app.start()

    async def train(self, messages: int) -> None:
        """Store messages of a training run: they take numbers of the sequence that designs use."""
        db = self._app.reader
        for _ in range(messages):
            db.execute("INSERT INTO messages (run_id, payload) VALUES ('r1', '{}')")
        db.commit()

    async def at_rest(self) -> dict[str, Any]:
        """Designs, conflicts, and what Python found wrong."""
        db = self._app.reader
        rows = db.execute("SELECT document FROM designs WHERE deleted = 0 ORDER BY id").fetchall()
        designs = [Raw(document.encode()) for (document,) in rows]
        return {"designs": designs, "violations": self._check.violations, **_conflicts_at_rest(db)}


def _conflicts_at_rest(db: sqlite3.Connection) -> dict[str, Any]:
    """The stored conflicts, and which device lacks which; empty where this version has no table of them."""
    if not db.execute("PRAGMA table_info(conflicts)").fetchall():
        return {}
    bodies = [msgspec.json.decode(body) for (body,) in db.execute("SELECT body FROM conflicts")]
    waiting = db.execute("SELECT conflict_id, device_id FROM conflict_devices WHERE acknowledged = 0").fetchall()
    return {"conflicts": [{**body, "design": body["design_id"]} for body in bodies], "undelivered": waiting}


@contextmanager
def seeded(seed: str) -> Iterator[None]:
    """Let tokens, ids and the time of the server follow from a seed."""
    draw = random.Random(seed)
    clock = datetime(2026, 1, 1, tzinfo=UTC)

    def token(size: int | None = None) -> str:
        return draw.randbytes(size or 16).hex()

    def now_text() -> str:
        nonlocal clock
        clock += timedelta(seconds=draw.randrange(1, 120))
        return clock.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    with (
        patch("secrets.token_hex", token),
        patch("secrets.token_urlsafe", token),
        patch("backend.store.database.now_text", now_text),
        patch("backend.sync.service.BATCH_S", NEVER_S),  # how many transactions a call takes would depend on the machine
    ):
        yield
