"""The one place where the parts are joined: settings in, one ASGI application out."""

import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar
from litestar.channels import ChannelsPlugin
from litestar.channels.backends.memory import MemoryChannelsBackend
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from backend.catalogue.routes import blocks, templates
from backend.designs.routes import all_designs, drop_design, make_design, one_design, put_design, validate
from backend.settings import Settings
from backend.store.database import Store
from backend.web.binding import EXCEPTION_HANDLERS
from backend.web.outer import Outer
from backend.web.routes import health
from backend.web.static_app import StaticApp

LIVE = "live"
"""the channel of all messages"""


def create_app(settings: Settings) -> Outer:
    """Join the parts; nothing is opened before the application starts, and everything is closed when it stops."""
    channels = ChannelsPlugin(
        MemoryChannelsBackend(), channels=[LIVE], subscriber_max_backlog=1000, subscriber_backlog_strategy="dropleft"
    )

    def publish(messages: Sequence[bytes]) -> None:
        for message in messages:
            channels.publish(message, LIVE)

    store = Store(settings.database_file, settings.epoch_file, publish)
    parts: dict[str, Any] = {"store": store}

    @asynccontextmanager
    async def life(_: Litestar) -> AsyncGenerator[None]:
        os.environ["MODEL_STUDIO_DATA"] = str(settings.data_dir.resolve())
        await store.open()
        try:
            yield
        finally:
            await store.close()

    api = Litestar(
        route_handlers=[health, blocks, templates, make_design, all_designs, one_design, put_design, drop_design, validate],
        dependencies={name: _provide(part) for name, part in parts.items()},
        plugins=[channels],
        lifespan=[life],
        exception_handlers=EXCEPTION_HANDLERS,
        request_max_body_size=settings.max_body_bytes,
        openapi_config=OpenAPIConfig(
            title="Model Studio", version="1", path="/schema", render_plugins=[JsonRenderPlugin(path="/openapi.json")]
        ),
        logging_config=None,
    )
    return Outer(api, StaticApp(settings.static_dir), settings.allowed_hosts)


def _provide(part: Any) -> Provide:
    def give() -> Any:
        return part

    return Provide(give, sync_to_thread=False, use_cache=True)
