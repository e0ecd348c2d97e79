"""`model-studio devices`: changes `access.db` directly; a running server notices at once."""

from pathlib import Path

from backend.errors import NotFound
from backend.pairing import database
from backend.pairing.invitation import invite
from backend.pairing.registry import open_registry


def device_lines(data_dir: Path) -> list[str]:
    """The paired devices as a table, most recently used first."""
    if not database.exists(data_dir):
        return ["No device is paired"]
    with open_registry(data_dir) as registry:
        devices = registry.devices()
    if not devices:
        return ["No device is paired"]
    rows = [("ID", "PAIRED (UTC)", "LAST USED (UTC)", "NAME")]
    rows += [(device.id, _minute(device.paired_at), _minute(device.last_used_at), device.name) for device in devices]
    return ["  ".join((f"{name:16}", f"{paired:16}", f"{used:16}", title)) for name, paired, used, title in rows]


def pair_lines(data_dir: Path) -> list[str]:
    """The lines that show a new code, as at the start of the server. NotFound where no server keeps its data."""
    if not data_dir.is_dir():
        raise NotFound(f"No server keeps its data in {data_dir}. Name its data directory with --data-dir.")
    with open_registry(data_dir) as registry:
        return invite(registry)


def revoke(data_dir: Path, device_id: str) -> str:
    """Revoke a device; returns its name. NotFound."""
    if not database.exists(data_dir):
        raise NotFound("No device is paired")
    with open_registry(data_dir) as registry:
        name = registry.revoke(device_id)
        registry.record("", "command line", "", "device revoked", device_id)
    return name


def _minute(text: str) -> str:
    return text[:16].replace("T", " ")
