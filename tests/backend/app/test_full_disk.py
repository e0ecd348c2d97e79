"""A full disk is told as one, whoever met it first: the system or the database."""

import errno
import os
import sqlite3
from typing import Any

import pytest
from support.server_thread import Served

from backend.store.database import Store

FULL = [OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), sqlite3.OperationalError("database or disk is full")]


@pytest.mark.parametrize("error", FULL, ids=["system", "database"])
def test_a_full_disk_is_507_and_passes(server: Served, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    async def no_room(*_: Any, **__: Any) -> None:
        raise error

    server.get("/api/health").raise_for_status()  # it has started
    with monkeypatch.context() as patch:
        patch.setattr(Store, "call", no_room)
        answer = server.post("/api/designs")
        assert answer.status_code == 507
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert "space" in answer.json()["detail"]
    assert server.post("/api/designs").status_code == 201
