"""Conflicts between phones: each is kept until every device concerned has acknowledged it."""

from collections.abc import Container, Iterable, Sequence

import msgspec
from msgspec.structs import replace

from backend.ids import new_id
from backend.store.database import Transaction
from backend.store.designs import PURGED
from shared_py.protocol import Conflict, Resolution, StoredConflict

ABSENT_DAYS = 90
"""days with calls of other devices after which a device is no longer waited for; a jump of the clock counts as one day"""
MAX_DELIVERED = 200
"""conflicts in one response; the next ones follow once these are acknowledged"""
MAX_UNKNOWN = 500
"""the newest conflicts, among which those are searched that no device has"""
_TO_DEVICE_AND_SUCCESSORS = """
    WITH RECURSIVE concerned (device_id) AS (
        VALUES (?) UNION SELECT successors.device_id FROM successors JOIN concerned ON former = concerned.device_id)
    INSERT OR IGNORE INTO conflict_devices (conflict_id, device_id) SELECT ?, device_id FROM concerned"""
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(StoredConflict)


def remember_device(transaction: Transaction, client_id: str, device_id: str, name: str) -> None:
    """Store which device a client is, its name, and the day of contact; nothing is written while these stay the same.

    The first device of a client stays, so that no one else receives its conflicts.
    """
    contact = _day_of_contact(transaction)
    if transaction.row("SELECT 1 FROM clients WHERE client_id = ?", client_id) is None:
        transaction.require_storing()
        transaction.do("INSERT INTO clients (client_id, device_id) VALUES (?, ?)", client_id, device_id)
    if transaction.row("SELECT name, contact FROM devices WHERE device_id = ?", device_id) != (name, contact):
        transaction.require_storing()
        transaction.do(
            "INSERT OR REPLACE INTO devices (device_id, name, seen_on, contact) VALUES (?, ?, ?, ?)",
            device_id, name, transaction.now[:10], contact,
        )  # fmt: skip
        _delete_old(transaction, contact)


def _day_of_contact(transaction: Transaction) -> int:
    """The number of the newest day on which a device called, which today is or becomes."""
    today = transaction.now[:10]
    if transaction.row("SELECT 1 FROM contact_days WHERE day = ?", today) is None:
        transaction.require_storing()
        transaction.do("INSERT INTO contact_days (day) VALUES (?)", today)
    return _newest_day(transaction)


def _newest_day(transaction: Transaction) -> int:
    row = transaction.row("SELECT max(number) FROM contact_days")
    return 0 if row is None or row[0] is None else int(row[0])


def devices_of(transaction: Transaction, clients: Iterable[str]) -> list[str]:
    """The devices of clients, without those that are unknown."""
    rows = [transaction.row("SELECT device_id FROM clients WHERE client_id = ?", client) for client in clients]
    return list(dict.fromkeys(str(row[0]) for row in rows if row is not None))


def store_conflicts(
    transaction: Transaction, design_id: str, conflicts: Sequence[Conflict], device: str | None, others: Sequence[str]
) -> None:
    """Store conflicts of a push by `device` with changes of `others`, to be delivered to all of them."""
    if not conflicts:
        return
    name = _name_of(transaction, device)
    other_name = _name_of(transaction, others[0]) if len(others) == 1 else ""
    concerned = dict.fromkeys([*([device] if device is not None else []), *others])
    contact = _newest_day(transaction)
    for conflict in conflicts:
        stored = StoredConflict(
            path=conflict.path, base=conflict.base, mine=conflict.mine, theirs=conflict.theirs, kept=conflict.kept,
            id=new_id("x"), design_id=design_id, device=device or "", created_at=transaction.now,
            device_name=name, other_name=other_name, devices=list(concerned),
        )  # fmt: skip
        _insert(transaction, stored, contact)


def store_reported(transaction: Transaction, device: str, conflicts: Iterable[StoredConflict]) -> None:
    """Store conflicts that a device has and this server lost, and deliver them to the other devices concerned."""
    for conflict in conflicts:
        devices = list(dict.fromkeys([device, *([conflict.device] if conflict.device else []), *conflict.devices]))
        if _insert_missing(transaction, replace(conflict, devices=devices)):
            acknowledge(transaction, device, [conflict.id])


def store_for_others(transaction: Transaction, conflicts: Iterable[StoredConflict]) -> None:
    """Store conflicts that a device has kept for others and this server lost, and deliver them to the devices concerned."""
    for conflict in conflicts:
        if conflict.devices:
            _insert_missing(transaction, conflict)


def _insert_missing(transaction: Transaction, conflict: StoredConflict) -> bool:
    """Insert a conflict unless it is known, or its design was purged; returns whether it was inserted."""
    is_known = "SELECT 1 FROM conflicts WHERE id = ? UNION ALL SELECT 1 FROM designs WHERE id = ? AND deleted = ?"
    if transaction.row(is_known, conflict.id, conflict.design_id, PURGED) is not None:
        return False
    transaction.require_storing()
    _insert(transaction, conflict, _newest_day(transaction))
    return True


def _insert(transaction: Transaction, conflict: StoredConflict, contact: int) -> None:
    transaction.do(
        "INSERT INTO conflicts (id, design_id, created_at, body, contact) VALUES (?, ?, ?, ?, ?)",
        conflict.id, conflict.design_id, conflict.created_at, _encoder.encode(conflict).decode(), contact,
    )  # fmt: skip
    for device in dict.fromkeys(conflict.devices):
        transaction.do(_TO_DEVICE_AND_SUCCESSORS, device, conflict.id)


def inherit(transaction: Transaction, device: str, former: str) -> None:
    """Deliver every conflict of a former device to another one too, now and later.

    What was acknowledged is delivered again, since it is not known by which of two copies.
    """
    if transaction.row("SELECT 1 FROM successors WHERE former = ? AND device_id = ?", former, device) is None:
        transaction.require_storing()
        transaction.do("INSERT INTO successors (former, device_id) VALUES (?, ?)", former, device)
    columns = "SELECT conflict_id, ? FROM conflict_devices WHERE device_id = ?"
    missing = f"{columns} EXCEPT SELECT conflict_id, ? FROM conflict_devices WHERE device_id = ?"  # noqa: S608  # only ?
    if transaction.row(missing, device, former, device, device) is not None:
        transaction.require_storing()
        transaction.do(f"INSERT OR IGNORE INTO conflict_devices (conflict_id, device_id) {columns}", device, former)


def acknowledge(transaction: Transaction, device: str, conflict_ids: Iterable[str]) -> None:
    """Store that a device has these conflicts."""
    for conflict_id in conflict_ids:
        waits = transaction.row(
            "SELECT 1 FROM conflict_devices WHERE conflict_id = ? AND device_id = ? AND acknowledged = 0", conflict_id, device
        )
        if waits is not None:
            transaction.require_storing()
            transaction.do(
                "UPDATE conflict_devices SET acknowledged = 1 WHERE conflict_id = ? AND device_id = ?", conflict_id, device
            )


def resolve(transaction: Transaction, device: str, resolutions: Iterable[Resolution], refused: Container[str] = ()) -> None:
    """Store what a person chose on a device concerned, and deliver it to the other ones; the first choice for a conflict stands.

    A choice for one of the `refused` designs is left out: the chosen value is not here, and the device sends both again.
    """
    for resolution in resolutions:
        row = transaction.row(
            "SELECT body FROM conflicts JOIN conflict_devices ON conflict_id = id WHERE id = ? AND device_id = ?",
            resolution.id, device,
        )  # fmt: skip
        conflict = None if row is None else _decoder.decode(row[0])
        if conflict is None or conflict.resolved is not None or conflict.design_id in refused:
            continue
        transaction.require_storing()
        conflict = replace(conflict, resolved=resolution.choice, resolved_by=_name_of(transaction, device))
        transaction.do("UPDATE conflicts SET body = ? WHERE id = ?", _encoder.encode(conflict).decode(), conflict.id)
        transaction.do(
            "UPDATE conflict_devices SET acknowledged = 0 WHERE conflict_id = ? AND device_id <> ?", conflict.id, device
        )


def undelivered_conflicts(transaction: Transaction, device: str) -> list[StoredConflict]:
    """The conflicts that a device has not acknowledged, oldest first."""
    rows = transaction.rows(
        "SELECT body FROM conflicts JOIN conflict_devices ON conflict_id = id"
        " WHERE device_id = ? AND acknowledged = 0 ORDER BY conflicts.rowid LIMIT ?",
        device, MAX_DELIVERED,
    )  # fmt: skip
    return [_decoder.decode(body) for (body,) in rows]


def unknown_conflicts(transaction: Transaction, device: str, design_ids: Container[str]) -> list[StoredConflict]:
    """The conflicts of some designs that no device has acknowledged and that do not concern this one, oldest first."""
    rows = transaction.rows(
        "SELECT body FROM conflicts WHERE rowid > (SELECT max(rowid) FROM conflicts) - ? AND NOT EXISTS"
        " (SELECT 1 FROM conflict_devices WHERE conflict_id = id AND (acknowledged = 1 OR device_id = ?))"
        " ORDER BY rowid DESC LIMIT ?",
        MAX_UNKNOWN, device, MAX_DELIVERED,
    )  # fmt: skip
    conflicts = [_decoder.decode(body) for (body,) in reversed(rows)]
    return [conflict for conflict in conflicts if conflict.design_id in design_ids]


def _name_of(transaction: Transaction, device: str | None) -> str:
    row = transaction.row("SELECT name FROM devices WHERE device_id = ?", device)
    return "" if row is None else str(row[0])


def _delete_old(transaction: Transaction, contact: int) -> None:
    """Delete conflicts older than the limit in days of contact, except those that a device in use has not acknowledged."""
    limit = contact - ABSENT_DAYS
    transaction.do(
        "DELETE FROM conflict_devices WHERE device_id NOT IN (SELECT device_id FROM devices WHERE contact >= ?)", limit
    )
    transaction.do(
        "DELETE FROM conflicts WHERE contact < ? AND id NOT IN (SELECT conflict_id FROM conflict_devices WHERE acknowledged = 0)",
        limit,
    )
    transaction.do("DELETE FROM conflict_devices WHERE conflict_id NOT IN (SELECT id FROM conflicts)")
    transaction.do("DELETE FROM successors WHERE device_id NOT IN (SELECT device_id FROM devices WHERE contact >= ?)", limit)
