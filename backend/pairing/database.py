"""`access.db`: devices with their push subscriptions, pairing codes and the audit log.

It is a separate file, so that restoring a backup neither brings revoked devices back nor removes paired ones, and so that
`model-studio devices` can change it while the server runs.
"""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from backend.errors import DataUnusable

FILE = "access.db"
_TABLES = """
CREATE TABLE IF NOT EXISTS devices (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, token_digest TEXT NOT NULL UNIQUE, paired_at TEXT NOT NULL,
    last_used_at TEXT NOT NULL, cookie_sent_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS codes (
    code_digest TEXT PRIMARY KEY, expires_at REAL NOT NULL, uses INTEGER NOT NULL DEFAULT 0, address TEXT);
CREATE TABLE IF NOT EXISTS audit (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, device_id TEXT NOT NULL, device_name TEXT NOT NULL,
    request_id TEXT NOT NULL, what TEXT NOT NULL, subject TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS push_subscriptions (
    device_id TEXT PRIMARY KEY, endpoint TEXT NOT NULL UNIQUE, p256dh TEXT NOT NULL, auth TEXT NOT NULL);
"""
VERSION = 2
"""2 added `push_subscriptions`; a new version only adds tables, so that an older server can still use the file"""


def connect(data_dir: Path) -> sqlite3.Connection:
    """Open the database, or create it; each statement is a transaction (autocommit). DataUnusable, OSError.

    The connection may be used on several threads, one at a time.
    """
    path = data_dir / FILE
    data_dir.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        # O_EXCL: closing a descriptor of an existing database would release SQLite's locks on it
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
        connection.execute("PRAGMA journal_mode=WAL").fetchone()
        connection.execute("PRAGMA synchronous=NORMAL")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version < VERSION:
            connection.executescript(f"{_TABLES}PRAGMA user_version={VERSION};")
    except sqlite3.Error as error:
        raise DataUnusable(
            f"{path}, which lists the paired devices, cannot be used ({error}): put a copy of it back, or delete it and pair the"
            " devices anew"
        ) from error
    return connection


def exists(data_dir: Path) -> bool:
    """Whether the file exists: a code was created or a device was paired."""
    return (data_dir / FILE).exists()
