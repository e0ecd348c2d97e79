"""The server process: uvicorn, one process, one event loop."""

import logging
import signal
import sys
from contextlib import suppress

import uvicorn

from backend.app import create_app
from backend.preflight import check_start
from backend.settings import Settings

GRACE_S = 1
"""how long open requests may take to end once the server is told to stop"""


def _is_worth_telling(record: logging.LogRecord) -> bool:
    """Uvicorn takes a socket that was refused with a proper answer for one that was forgotten."""
    return "without completing handshake" not in record.getMessage()


def serve(settings: Settings, host: str, port: int) -> int:
    """Serve until told to stop by SIGINT or SIGTERM; CannotStart says why it cannot."""
    check_start(settings, host, port)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    config = uvicorn.Config(
        create_app(settings),
        host=host,
        port=port,
        ws="websockets-sansio",
        ws_max_size=1 << 16,
        lifespan="on",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
    )
    logging.getLogger("uvicorn.error").addFilter(_is_worth_telling)
    server = uvicorn.Server(config)
    # uvicorn raises the signal again at its end; without this Python would die of it before it cleans up
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with suppress(KeyboardInterrupt):  # Ctrl-C, once everything has been closed
        server.run()
    return 0 if server.started else 1
