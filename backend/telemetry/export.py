"""`model-studio telemetry export`: the stored events of all devices as JSON lines."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from backend.store.telemetry_dump import StoredEvent, stored_events


def event_lines(data_dir: Path) -> Iterator[str]:
    """One JSON object for each event, oldest first. DataUnusable."""
    for stored in stored_events(data_dir):
        yield msgspec.json.encode(_members(stored)).decode()


def _members(stored: StoredEvent) -> dict[str, Any]:
    """The members of a line; an event that cannot be read is given as text, so that nothing is left out silently."""
    about = {"number": stored.number, "device_id": stored.device_id, "received_at": stored.received_at}
    if stored.paired_device:
        about["paired_device"] = stored.paired_device
    try:
        event = msgspec.json.decode(stored.event)
    except msgspec.DecodeError:
        event = None
    return {**about, **(event if isinstance(event, dict) else {"damaged": stored.event})}
