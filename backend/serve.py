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
"""how long open requests may take once the server is stopped"""


def _is_relevant(record: logging.LogRecord) -> bool:
    """False for a socket that was refused with a response, which uvicorn logs as an incomplete handshake."""
    return "without completing handshake" not in record.getMessage()


def serve(settings: Settings, host: str, port: int) -> int:
    """Serve until SIGINT or SIGTERM; CannotStart if it cannot start."""
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
    logging.getLogger("uvicorn.error").addFilter(_is_relevant)
    server = uvicorn.Server(config)
    # uvicorn raises the signal again at its end; without a handler it would end Python before the cleanup
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with suppress(KeyboardInterrupt):  # Ctrl-C, once everything has been closed
        server.run()
    return 0 if server.started else 1
