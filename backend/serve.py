"""The server process: uvicorn, one process, one event loop."""

import logging
import signal
import sys
from contextlib import suppress

import uvicorn

from backend.app import create_app
from backend.connections.protocols import protocols_for
from backend.connections.registry import BACKLOG, ConnectionRegistry, connections_that_fit
from backend.monitoring.logs import set_up_log
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
    set_up_log(as_json=settings.json_log)
    limits = settings.limits
    registry = ConnectionRegistry(connections_that_fit(limits.connections), limits.connections_per_address)
    http, socket = protocols_for(registry)
    config = uvicorn.Config(
        create_app(settings, registry.counts),
        host=host,
        port=port,
        http=http,
        ws=socket,
        log_config=None,
        backlog=BACKLOG,
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
