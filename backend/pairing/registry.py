"""Operations on `access.db`: codes, devices, push subscriptions and the audit log."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from backend.errors import CodeExpired, NotFound, TooManySubscriptions, WrongCode
from backend.ids import new_id
from backend.pairing.codes import CODE_LENGTH, digest, new_code, new_token, plain_code
from backend.pairing.database import connect
from shared_py.protocol import AuditEntry, Device

CODE_LIFE_S = 600
MAX_USES = 2
"""two, since an app on the Home Screen of iOS has storage of its own and is paired after the browser"""
KEPT_CODES_S = 86_400
"""how long expired codes are kept, so that they are reported as expired and not as wrong"""
KEPT_ENTRIES = 20_000
USE_PRECISION_S = 60
MAX_NAME = 60
MAX_SUBSCRIPTIONS = 100
"""devices that are notified; each has one subscription"""
NAMELESS = "Unnamed device"


class PairingResult(Struct, frozen=True):
    """A new device with its token, which is not stored."""

    device: Device
    token: str


class KnownDevice(Struct, frozen=True):
    """A paired device as it is identified by the token of a request."""

    id: str
    name: str
    last_used_at: str
    cookie_sent_at: float


class NotifiedDevice(Struct, frozen=True):
    """A device with its push subscription."""

    device_id: str
    endpoint: str
    p256dh: str
    auth: str


class Registry:
    """An open `access.db`; not thread-safe."""

    def __init__(self, connection: sqlite3.Connection, now: Callable[[], float] = time.time) -> None:
        self._db = connection
        self._now = now

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    def time_text(self) -> str:
        """The current time in UTC as RFC 3339 text, to the millisecond."""
        return _text(self._now())

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def make_code(self) -> str:
        """Create a pairing code that is valid for ten minutes; earlier codes stay valid."""
        code = new_code()
        with self._transaction():
            self._db.execute("DELETE FROM codes WHERE expires_at < ?", (self._now() - KEPT_CODES_S,))
            values = (digest(plain_code(code)), self._now() + CODE_LIFE_S)
            self._db.execute("INSERT INTO codes (code_digest, expires_at) VALUES (?, ?)", values)
        return code

    def exchange(self, typed: str, name: str, address: str) -> PairingResult:
        """Pair a device by a code; WrongCode, or CodeExpired if it is too old, was used up or was used from another address."""
        code = plain_code(typed)
        with self._transaction():
            row = self._db.execute(
                "SELECT expires_at, uses, address FROM codes WHERE code_digest = ?", (digest(code),)
            ).fetchone()
            if row is None or len(code) != CODE_LENGTH:
                raise WrongCode("This is not a code of this server: compare it letter by letter")
            expires_at, uses, first_address = row
            if self._now() >= expires_at:
                raise CodeExpired(f"This code is older than ten minutes: {_GET_ANOTHER}")
            if uses >= MAX_USES or (uses > 0 and first_address != address):
                raise CodeExpired(f"This code has been used: {_GET_ANOTHER}")
            self._db.execute(
                "UPDATE codes SET uses = uses + 1, address = ? WHERE code_digest = ?", (first_address or address, digest(code))
            )
            return self._add_device(name)

    def _add_device(self, name: str) -> PairingResult:
        token, now = new_token(), self._now()
        device = Device(new_id("v"), _clean(name), _text(now), _to_the_minute(now), current=True)
        self._db.execute(
            "INSERT INTO devices (id, name, token_digest, paired_at, last_used_at, cookie_sent_at) VALUES (?, ?, ?, ?, ?, ?)",
            (device.id, device.name, digest(token), device.paired_at, device.last_used_at, now),
        )
        return PairingResult(device, token)

    def device_of(self, token: str) -> KnownDevice | None:
        """The device that has a secret."""
        row = self._db.execute(
            "SELECT id, name, last_used_at, cookie_sent_at FROM devices WHERE token_digest = ?", (digest(token),)
        ).fetchone()
        return None if row is None else KnownDevice(*row)

    def devices(self, current: str | None = None) -> list[Device]:
        """All devices, the one used last first."""
        rows = self._db.execute(
            "SELECT id, name, paired_at, last_used_at FROM devices ORDER BY last_used_at DESC, paired_at DESC"
        )
        return [Device(name, title, paired, used, name == current) for name, title, paired, used in rows]

    def ids(self) -> set[str]:
        """The ids of all devices."""
        return {name for (name,) in self._db.execute("SELECT id FROM devices")}

    def revoke(self, device_id: str) -> str:
        """Remove a device, which must pair again; returns its name. NotFound."""
        with self._transaction():
            row = self._db.execute("SELECT name FROM devices WHERE id = ?", (device_id,)).fetchone()
            if row is None:
                raise NotFound(f"There is no device {device_id}")
            self._db.execute("DELETE FROM devices WHERE id = ?", (device_id,))
            self._db.execute("DELETE FROM push_subscriptions WHERE device_id = ?", (device_id,))
        name: str = row[0]
        return name

    def subscribe(self, notified: NotifiedDevice) -> None:
        """Store the subscription of a device in place of an earlier one; NotFound, TooManySubscriptions.

        The same browser may have been paired twice: an endpoint belongs to the device that sent it last.
        """
        device_id = notified.device_id
        with self._transaction():
            if device_id not in self.ids():
                raise NotFound(f"There is no device {device_id}")
            others = "SELECT count(*) FROM push_subscriptions JOIN devices ON id = device_id WHERE id <> ? AND endpoint <> ?"
            (count,) = self._db.execute(others, (device_id, notified.endpoint)).fetchone()
            if count >= MAX_SUBSCRIPTIONS:
                raise TooManySubscriptions(f"This server notifies {MAX_SUBSCRIPTIONS} devices at most: turn it off on another")
            self._db.execute(
                "INSERT OR REPLACE INTO push_subscriptions (device_id, endpoint, p256dh, auth) VALUES (?, ?, ?, ?)",
                (device_id, notified.endpoint, notified.p256dh, notified.auth),
            )

    def unsubscribe(self, device_id: str, endpoint: str | None = None) -> bool:
        """Remove the subscription of a device, with `endpoint` only if it is that one; returns whether there was one."""
        removed = self._db.execute(
            "DELETE FROM push_subscriptions WHERE device_id = ? AND endpoint = coalesce(?, endpoint)", (device_id, endpoint)
        )
        return removed.rowcount > 0

    def notified_devices(self) -> list[NotifiedDevice]:
        """The paired devices that have a subscription."""
        rows = self._db.execute(
            "SELECT device_id, endpoint, p256dh, auth FROM push_subscriptions JOIN devices ON id = device_id ORDER BY device_id"
        )
        return [NotifiedDevice(*row) for row in rows]

    def forget_subscriptions(self) -> None:
        """Remove every subscription."""
        self._db.execute("DELETE FROM push_subscriptions")

    def is_use_new(self, known: KnownDevice) -> bool:
        """Whether the stored time of the last use has to be updated."""
        return known.last_used_at != _to_the_minute(self._now())

    def is_cookie_old(self, known: KnownDevice, age_s: float) -> bool:
        """Whether the cookie was last sent to the device longer ago than `age_s`."""
        return self._now() - known.cookie_sent_at > age_s

    def store_use(self, device_id: str, *, cookie_sent: bool) -> None:
        """Store the current time as that of the last use, and with `cookie_sent` of the last cookie."""
        now = self._now()
        self._db.execute("UPDATE devices SET last_used_at = ? WHERE id = ?", (_to_the_minute(now), device_id))
        if cookie_sent:
            self._db.execute("UPDATE devices SET cookie_sent_at = ? WHERE id = ?", (now, device_id))

    def record(self, device_id: str, device_name: str, request_id: str, what: str, subject: str) -> None:
        """Add an entry to the audit log; beyond `KEPT_ENTRIES` the oldest is removed."""
        self._db.execute(
            "INSERT INTO audit (at, device_id, device_name, request_id, what, subject) VALUES (?, ?, ?, ?, ?, ?)",
            (self.time_text(), device_id, device_name, request_id, what, subject),
        )
        self._db.execute("DELETE FROM audit WHERE number <= (SELECT max(number) FROM audit) - ?", (KEPT_ENTRIES,))

    def audit(self, before: int | None, limit: int) -> list[AuditEntry]:
        """Entries of the audit log before a number, newest first."""
        rows = self._db.execute(
            "SELECT number, at, device_id, device_name, request_id, what, subject FROM audit WHERE number < ?"
            " ORDER BY number DESC LIMIT ?",
            (2**53 if before is None else before, limit),
        )
        return [AuditEntry(*row) for row in rows]

    def set_fact(self, name: str, value: str) -> None:
        """Store a value for the command line."""
        self._db.execute("INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)", (name, value))

    def fact(self, name: str) -> str | None:
        """A value stored by `set_fact`."""
        row = self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else row[0]

    def data_version(self) -> int:
        """A number that changes when another connection changes the database."""
        (version,) = self._db.execute("PRAGMA data_version").fetchone()
        return int(version)


@contextmanager
def open_registry(data_dir: Path, now: Callable[[], float] = time.time) -> Iterator[Registry]:
    """The registry of a data directory, closed at the end of the block."""
    with closing(Registry(connect(data_dir), now)) as registry:
        yield registry


_GET_ANOTHER = "run `model-studio devices pair` on the server for another"


def _clean(name: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())[:MAX_NAME] or NAMELESS


def _text(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _to_the_minute(seconds: float) -> str:
    return _text(seconds // USE_PRECISION_S * USE_PRECISION_S)
