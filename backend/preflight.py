"""Checks before the server starts: whatever prevents a start becomes one sentence that says what to do."""

import errno
import importlib.util
import os
import socket
import tempfile
from pathlib import Path

from backend.errors import CannotStart, DataUnusable, sentence_for
from backend.settings import Settings
from backend.store.checks import check_usable
from backend.store.database import take_lock
from backend.store.names import DATABASE, LOCK

NEEDED_BYTES = 256_000
"""for a new database and the files of SQLite beside it"""


def check_start(settings: Settings, host: str, *ports: int) -> None:
    """Raise CannotStart if the data directory, an address or a missing library prevents a start."""
    _check_installed()
    _check_data_dir(settings)
    for port in ports:
        check_address(host, port)


def _check_installed() -> None:
    if importlib.util.find_spec("torch") is None:
        raise CannotStart("PyTorch is not installed here, and compiling and training need it: run `make setup`")


def _check_data_dir(settings: Settings) -> None:
    data_dir = settings.data_dir
    try:
        for folder in (data_dir, settings.runs_dir, settings.generated_dir):
            folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=data_dir, prefix=".space.") as file:
            file.write(bytes(NEEDED_BYTES))
            file.flush()
        os.close(take_lock(data_dir / LOCK))
        check_usable(data_dir / DATABASE)
    except OSError as error:
        raise DataUnusable(_sentence(error, data_dir)) from error


def _sentence(error: OSError, data_dir: Path) -> str:
    """The error as a sentence, with the path of the data directory in place of that of the temporary file."""
    path = Path(error.filename or data_dir)
    error.filename = str(data_dir if path.name.startswith(".space.") else path)
    return f"{sentence_for(error)} (--data-dir, or DATA= for make)"


def check_address(host: str, port: int) -> None:
    """Raise CannotStart if the server cannot listen there."""
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError) as error:
        raise CannotStart(
            f"The host {host!r} is not known here ({error}): give --host an address of this machine, or leave it out"
        ) from error
    for family, kind, protocol, _, address in addresses:
        try:
            probe = socket.socket(family, kind, protocol)
        except OSError:
            continue  # this machine has no addresses of this family; the server skips them too
        with probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(address)
            except OSError as error:
                raise CannotStart(_refused(error, host, port)) from error


def _refused(error: OSError, host: str, port: int) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"Port {port} on {host} is taken by another program: stop that, or choose another (--port, or PORT= for make)"
        case errno.EACCES | errno.EPERM:
            return f"Port {port} may not be used without more rights: choose one from 1024 (--port, or PORT= for make)"
        case errno.EADDRNOTAVAIL:
            return f"{host} is no address of this machine: give --host one that is, or leave it out"
        case _:
            return f"{host}:{port} cannot be listened on ({os.strerror(error.errno or 0)}): choose another --host or --port"
