"""The server of a run: the real application over a folder in memory, called directly; it crashes and is restored on demand."""

import asyncio
import random
import shutil
import sqlite3
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import msgspec
from msgspec import Raw, Struct

from backend.app import create_app
from backend.backup.back_up import back_up
from backend.backup.restore import restore
from backend.settings import Settings
from backend.store.names import DATABASE
from backend.sync.routes import sync
from tests.simulation.problems import NOTHING, ProblemCheck, PushedPart

Message = MutableMapping[str, Any]
_HEADERS = [(b"host", b"127.0.0.1"), (b"content-type", b"application/json")]
_NEVER_S = 1e6


class _Call(Struct):
    designs: list[PushedPart] = []


class _AnswerPart(Struct):
    id: str
    document: Raw = NOTHING


class _Answer(Struct):
    designs: list[_AnswerPart]


_CALL, _ANSWER = msgspec.json.Decoder(_Call), msgspec.json.Decoder(_Answer)


class App:
    """A started application."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with patch("backend.app.ROUTES", [sync]):  # the only route that is called; registering all takes 0.1 s at each start
            self._app = create_app(Settings(data_dir=folder, preload=False, pump_interval_s=_NEVER_S))
        self._to: asyncio.Queue[Message] = asyncio.Queue()
        self._from: asyncio.Queue[Message] = asyncio.Queue()
        self._life: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start it as an ASGI server does."""
        scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
        await self._to.put({"type": "lifespan.startup"})
        self._life = asyncio.create_task(self._app(scope, self._to.get, self._from.put))
        answer = await self._from.get()
        assert answer["type"] == "lifespan.startup.complete", answer
        self.reader = sqlite3.connect(self.folder / DATABASE)

    async def stop(self) -> None:
        """Stop it in order."""
        assert self._life is not None
        self.reader.close()
        await self._to.put({"type": "lifespan.shutdown"})
        await self._life

    async def call(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        """One request; returns status and body."""
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": b"",
            "headers": _HEADERS,
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
            "state": {},
        }
        await self._app(scope, receive, send)
        return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


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
        patch("backend.sync.service.BATCH_S", _NEVER_S),  # how many transactions a call takes would depend on the machine
    ):
        yield
