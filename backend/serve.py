"""The server process: uvicorn, one process, one event loop."""

import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import uvicorn

from backend.app import create_app
from backend.cluster.opening import with_cluster
from backend.connections.handshakes import LimitedServer
from backend.connections.protocols import Timeouts, protocols_for
from backend.connections.registry import BACKLOG, ConnectionRegistry, connections_that_fit
from backend.monitoring.logs import set_up_log
from backend.preflight import check_start
from backend.settings import Settings
from backend.web.forwarded import ForwardedHeaders
from backend.web.middleware import AsgiApp

if TYPE_CHECKING:
    from backend.tls.https_config import HttpsConfig

GRACE_S = 1
"""how long open requests may take once the server is stopped"""


def serve(settings: Settings, host: str, port: int, https: "HttpsConfig | None" = None) -> int:
    """Serve until SIGINT or SIGTERM, with `https` over https; CannotStart."""
    lan = https.lan if https is not None else None
    check_start(settings, host, port, *([lan.setup_port] if lan is not None else []))
    settings = with_cluster(settings)
    set_up_log(as_json=settings.json_log)
    limits = settings.limits
    registry = ConnectionRegistry(connections_that_fit(limits.connections), limits.connections_per_address)
    timeouts = Timeouts()
    http, socket = protocols_for(registry, timeouts)
    config = uvicorn.Config(
        _wrapped(create_app(settings, registry.counts), settings, https),
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
        proxy_headers=False,
        ssl_certfile=https.certificate if https is not None else None,
        ssl_keyfile=https.key if https is not None else None,
        timeout_graceful_shutdown=GRACE_S,
    )
    if settings.requires_pairing:
        server = _reachable_server(config, settings, https, registry, timeouts)
    else:
        server = LimitedServer(config, registry, timeouts)
    # uvicorn raises the signal again at its end; without a handler it would end Python before the cleanup
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with suppress(KeyboardInterrupt):  # Ctrl-C, once everything has been closed
        server.run()
    return 0 if server.started else 1


def _reachable_server(
    config: uvicorn.Config,
    settings: Settings,
    https: "HttpsConfig | None",
    registry: ConnectionRegistry,
    timeouts: Timeouts,
) -> LimitedServer:
    from backend.reachable_server import ReachableServer  # other servers start without the 0.1 s that its libraries take

    return ReachableServer(config, settings, https, registry, timeouts)


def _wrapped(app: AsgiApp, settings: Settings, https: "HttpsConfig | None") -> AsgiApp:
    """The application with the middleware for a proxy and for the set-up page."""
    if settings.trusted_proxies:
        app = ForwardedHeaders(app, settings.trusted_proxies, has_tls=https is not None)
    return https.lan.with_probe(app) if https is not None and https.lan is not None else app
