"""Stores, lists and removes telemetry events, each for the device that recorded it."""

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Struct

from backend.store.database import Transaction
from shared_py.protocol import RecordedEvent, TelemetryEvent


class Recorder(Struct, frozen=True):
    """The device that a call comes from."""

    device_id: str
    """made by the device itself"""
    paired_device: str = ""
    """its id in the list of devices; empty where it did not have to be paired"""
    other_devices: tuple[str, ...] = ()
    """all other paired devices, whose events it may not see; events from before it was paired anew are its own"""


_OWN_EVENTS = (
    "SELECT number, received_at, event FROM telemetry WHERE device_id = ?"
    " AND (paired_device IN ('', ?) OR paired_device NOT IN (SELECT value FROM json_each(?)))"
    " AND number < ? ORDER BY number DESC LIMIT ?"
)
_ALL_NUMBERS, _NO_LIMIT = 2**53, -1
_REMOVE_OLDEST = (
    "DELETE FROM telemetry WHERE device_id = ? AND number <="
    " (SELECT number FROM telemetry WHERE device_id = ? ORDER BY number DESC LIMIT 1 OFFSET ?)"
)


def _own_events(transaction: Transaction, recorder: Recorder, before: int, limit: int) -> list[tuple[Any, ...]]:
    others = msgspec.json.encode(recorder.other_devices).decode()
    return transaction.rows(_OWN_EVENTS, recorder.device_id, recorder.paired_device, others, before, limit)


def store_events(transaction: Transaction, recorder: Recorder, events: Iterable[TelemetryEvent]) -> int:
    """Store the events that are not stored yet; returns their number. Above the limit of a device its oldest are removed."""
    transaction.require_storing()
    stored = 0
    for event in events:
        body = msgspec.json.encode(event).decode()
        row = transaction.row(
            "INSERT INTO telemetry (device_id, event_id, paired_device, received_at, event) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING RETURNING number",
            recorder.device_id, event.id, recorder.paired_device, transaction.now, body,
        )  # fmt: skip
        stored += row is not None
    _keep_newest(transaction, recorder.device_id)
    return stored


def list_events(transaction: Transaction, recorder: Recorder, before: int | None, limit: int) -> list[RecordedEvent]:
    """The events of a device before a number, newest first; a stored event that cannot be read is left out."""
    rows = _own_events(transaction, recorder, _ALL_NUMBERS if before is None else before, limit)
    found = ((number, received_at, read_event(event)) for number, received_at, event in rows)
    return [RecordedEvent(number, str(received_at), event) for number, received_at, event in found if event is not None]


def read_event(stored: Any) -> TelemetryEvent | None:
    """A stored event; None if it is damaged or of a newer version."""
    try:
        event: TelemetryEvent = msgspec.json.decode(stored, type=TelemetryEvent)
    except (msgspec.DecodeError, UnicodeError, TypeError):
        return None
    return event


def delete_events(transaction: Transaction, recorder: Recorder) -> int:
    """Delete all events of a device and overwrite their content in the file; returns their number."""
    transaction.require_storing()
    rows = _own_events(transaction, recorder, _ALL_NUMBERS, _NO_LIMIT)
    transaction.row("PRAGMA secure_delete=ON")
    for number, *_ in rows:
        transaction.do("DELETE FROM telemetry WHERE number = ?", number)
    transaction.row("PRAGMA secure_delete=OFF")
    return len(rows)


def remove_oldest_events(transaction: Transaction) -> int:
    """Remove the oldest events above the limits for each device and in all; returns how many were removed."""
    before = _count(transaction)
    crowded = transaction.rows(
        "SELECT device_id FROM telemetry GROUP BY device_id HAVING count(*) > ?", transaction.bounds.telemetry_per_device
    )
    surplus = before > transaction.bounds.telemetry_events
    if not crowded and not surplus:
        return 0
    transaction.require_storing()
    for (device_id,) in crowded:
        _keep_newest(transaction, device_id)
    transaction.do(
        "DELETE FROM telemetry WHERE number <= (SELECT number FROM telemetry ORDER BY number DESC LIMIT 1 OFFSET ?)",
        transaction.bounds.telemetry_events,
    )
    return before - _count(transaction)


def _keep_newest(transaction: Transaction, device_id: str) -> None:
    transaction.do(_REMOVE_OLDEST, device_id, device_id, transaction.bounds.telemetry_per_device)


def _count(transaction: Transaction) -> int:
    (count,) = transaction.row("SELECT count(*) FROM telemetry") or (0,)
    return int(count)
