"""The checks of the installation, the data folder, the disk and the port; none of them changes anything."""

import http.client
import importlib.metadata
import os
import resource
import shutil
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import msgspec

from backend.connections.registry import RESERVED_DESCRIPTORS
from backend.doctor.finding import Finding, ok, problem, warning
from backend.errors import CannotStart, DataInUse, sentence_for
from backend.limits import MEGABYTE, Limits, option_of
from backend.preflight import check_address
from backend.store.checks import check_usable, find_damage
from backend.store.database import take_lock
from backend.store.names import DATABASE, LOCK

OLDEST_PYTHON = (3, 11)
IMPORT_S = 120.0
"""timeout for the import of torch in a separate process on a slow machine"""
FEW_FILES = 1_024
ANSWER_S = 2.0


class _Pack(msgspec.Struct):
    """The list of the files that a phone needs for Python or for Play (`pack.json`)."""

    class File(msgspec.Struct):
        url: str
        bytes: int

    files: list[File]


def check_python(version: tuple[int, ...] = sys.version_info[:3]) -> Finding:
    """Whether this Python is new enough."""
    text = ".".join(map(str, version))
    if version < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        return problem("Python", f"this is Python {text}", f"install Python {wanted} or newer, and Model Studio with it")
    return ok("Python", text)


def check_torch(needed: str | None = None) -> Finding:
    """Whether PyTorch is installed in the required version and can be imported."""
    try:
        found = importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError:
        return problem(
            "PyTorch", "it is not installed", f"run `{sys.executable} -m pip install torch=={needed or torch_needed()}`"
        )
    wanted = needed or torch_needed()
    if wanted and found.split("+")[0] != wanted:
        advice = f"run `{sys.executable} -m pip install torch=={wanted}`"
        return warning("PyTorch", f"version {found} is installed, and {wanted} is what was tested", advice)
    command = [sys.executable, "-c", "import torch; print(torch.cuda.is_available())"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=IMPORT_S, check=False)  # noqa: S603  # ours
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["it ended without a message"])[-1]
        advice = f"run `{sys.executable} -m pip install --force-reinstall torch=={wanted or found}`"
        return problem("PyTorch", f"it cannot be imported ({reason})", advice)
    return ok("PyTorch", f"{found}, {'with a GPU' if done.stdout.strip() == 'True' else 'without a GPU'}")


def torch_needed() -> str:
    """The version of torch that this package requires; empty if it requires none."""
    with suppress(importlib.metadata.PackageNotFoundError):
        for line in importlib.metadata.requires("model-studio") or ():
            name, _, version = line.partition("==")
            if name.strip() == "torch":
                return version.split(";")[0].strip()
    return ""


def check_data_dir(data_dir: Path) -> Finding:
    """Whether the data folder, or the one in which the server would create it, can be written to."""
    place = data_dir
    while not place.exists() and place != place.parent:
        place = place.parent
    if not place.is_dir():
        return problem("Data folder", f"{place} is a file", "choose another folder with --data-dir, or move the file away")
    if not os.access(place, os.W_OK | os.X_OK):
        advice = f"give yourself the right to write there (`chown -R $USER {place}`), or choose another folder with --data-dir"
        return problem("Data folder", f"{place} cannot be written to", advice)
    return ok("Data folder", str(data_dir) if data_dir.exists() else f"{data_dir}, which the first start makes")


def check_database(data_dir: Path) -> Finding:
    """Whether the database is one of this version, and sound."""
    path = data_dir / DATABASE
    if not path.exists():
        return ok("Database", "none yet")
    try:
        check_usable(path)
        damage = find_damage(path)
    except CannotStart as error:
        return problem("Database", error.detail, "do what the sentence says")
    except OSError as error:
        return problem("Database", sentence_for(error), f"give yourself the right to read {path}")
    if damage is not None:
        advice = "stop the server, run `model-studio rescue --out DIR` and follow report.txt there, or restore a backup"
        return problem("Database", f"{path} is damaged ({damage})", advice)
    return ok("Database", f"{path.stat().st_size / MEGABYTE:,.1f} MB, sound")


def check_disk(data_dir: Path, limits: Limits) -> Finding:
    """Whether there is space for designs and for new runs."""
    place = next(folder for folder in (data_dir, *data_dir.absolute().parents) if folder.exists())
    disk = shutil.disk_usage(place)
    free, least = disk.free / MEGABYTE, min(float(limits.free_disk_mb), disk.total / MEGABYTE / 20)
    advice = f"free some on the disk with {place}, delete runs that are not needed, or choose another disk with --data-dir"
    if free < 1:
        return problem("Disk", f"it is full: {free:.1f} MB are left", advice)
    if free < least:
        way = f"{advice}; {option_of('free_disk_mb')} sets the limit"
        return warning("Disk", f"{free:,.0f} MB are free, and below {least:,.0f} MB no run is started", way)
    return ok("Disk", f"{free:,.0f} MB are free")


def check_port(host: str, port: int, data_dir: Path) -> Finding:
    """Whether the address is free, or used by a server with this data folder."""
    try:
        check_address(host, port)
    except CannotStart as error:
        if _is_served(host, port) and _is_in_use(data_dir):
            return ok("Port", f"a server with this data folder has port {port}")
        detail, _, advice = error.detail.partition(": ")
        return problem("Port", detail, advice)
    if _is_in_use(data_dir):
        return ok("Port", f"{port} is free; a server with this data folder runs on another one")
    return ok("Port", f"{port} on {host} is free")


def _is_served(host: str, port: int) -> bool:
    """Whether a Model Studio server answers at the address."""
    reachable = "127.0.0.1" if host in ("", "0.0.0.0", "::") else host  # noqa: S104  # compared, not bound
    connection = http.client.HTTPConnection(reachable, port, timeout=ANSWER_S)
    try:
        connection.request("GET", "/api/health", headers={"host": f"localhost:{port}"})
        return connection.getresponse().getheader("x-request-id") is not None
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _is_in_use(data_dir: Path) -> bool:
    """Whether a server runs with this data folder."""
    if not (data_dir / LOCK).exists():
        return False
    try:
        os.close(take_lock(data_dir / LOCK))
    except DataInUse:
        return True
    except OSError:
        return False
    return False


def check_name(host: str) -> Finding:
    """Whether the name of this machine resolves, which matters for a server that other devices use."""
    name = socket.gethostname()
    try:
        found = sorted({str(entry[4][0]) for entry in socket.getaddrinfo(name, None)})
    except (socket.gaierror, UnicodeError):
        advice = f"add a line `127.0.1.1 {name}` to /etc/hosts; phones can use the address in the meantime"
        return warning("Addresses", f"the name of this machine, {name}, has no address", advice)
    where = "this machine only" if host in ("127.0.0.1", "localhost", "::1") else f"the network, on {host}"
    return ok("Addresses", f"{name}: {', '.join(found)}; the server is for {where}")


def check_files_limit(limits: Limits) -> Finding:
    """Whether the limit of open files allows the configured number of connections."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = max(FEW_FILES, limits.connections + RESERVED_DESCRIPTORS)
    if hard != resource.RLIM_INFINITY and hard < needed:
        advice = f"raise it: `ulimit -Hn {needed}` as root, or LimitNOFILE={needed} in the systemd unit; or lower --connections"
        return warning("Open files", f"this process may open {hard}, and {needed} are needed for all connections", advice)
    return ok("Open files", "no limit" if hard == resource.RLIM_INFINITY else f"{hard:,} may be opened")


def check_app(static_dir: Path) -> Finding:
    """Whether the built app is there."""
    if not (static_dir / "index.html").is_file():
        return problem("App", f"it has not been built: {static_dir} has no index.html", "run `make build`, or install a wheel")
    return ok("App", str(static_dir))


def check_pack(static_dir: Path, folder: str, name: str) -> Finding:
    """Whether the files that phones need for Python, or for Play, are complete."""
    listing = static_dir / folder / "pack.json"
    advice = "run `make build` again, or reinstall the wheel"
    try:
        pack = msgspec.json.decode(listing.read_bytes(), type=_Pack)
    except FileNotFoundError:
        return problem(name, f"{listing} is missing", advice)
    except (OSError, msgspec.DecodeError) as error:
        return problem(name, f"{listing} cannot be read: {error}", advice)
    for file in pack.files:
        path = static_dir / file.url.lstrip("/")
        if not path.is_file() or path.stat().st_size != file.bytes:
            return problem(name, f"{path} is missing or not whole", advice)
    return ok(name, f"{len(pack.files)} files")
