"""Wires the services together: settings in, one ASGI application out."""

import asyncio
import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from litestar import Litestar
from litestar.channels import ChannelsPlugin
from litestar.channels.backends.memory import MemoryChannelsBackend
from litestar.datastructures import CacheControlHeader
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig

from backend.compile.compiler import compile_design
from backend.compile.routes import compile_stored
from backend.compile.service import CompileService
from backend.designs.catalogue_routes import blocks, templates
from backend.designs.routes import all_designs, drop_design, make_design, one_design, put_design, validate
from backend.export.exporter import export_checkpoint
from backend.export.formats import MEDIA_TYPES
from backend.export.preparation import ExportPreparation
from backend.export.routes import export_design, list_exports
from backend.export.service import ExportService
from backend.history.cleanup import HistoryCleanup
from backend.history.routes import (
    all_deleted,
    all_revisions,
    name_revision,
    one_revision,
    remove_deleted,
    restore_deleted,
    restore_revision,
    unname_revision,
)
from backend.machine.routes import machine
from backend.machine.service import MachineService
from backend.pairing.middleware import AccessControl
from backend.pairing.routes import all_devices, audit_log, pair, pairing_state, revoke_device
from backend.pairing.service import Access
from backend.process.foreground import Foreground
from backend.process.hardware import has_gpu, memory_for_a_run
from backend.process.process import preload
from backend.runs.routes import (
    all_runs,
    design_of_run,
    drop_run,
    label_run,
    one_run,
    pause_run,
    resume_run,
    run_metrics,
    stop_run,
    train,
)
from backend.runs.service import RunService
from backend.runs.training_manager import TrainingManager
from backend.settings import Settings
from backend.store.database import Store
from backend.store.unreadable import check_designs
from backend.stream.ingest import MessageIngest
from backend.stream.routes import LIVE, live_messages
from backend.sync.commands import CommandService
from backend.sync.routes import sync
from backend.sync.service import SyncService
from backend.tls.addresses import OwnHosts
from backend.web.litestar_adapters import EXCEPTION_HANDLERS
from backend.web.middleware import Middleware
from backend.web.openapi import ExactOpenAPI, options_of
from backend.web.routes import health
from backend.web.static_app import StaticApp

ROUTES = [
    *(health, machine, blocks, templates, live_messages, sync),
    *(pairing_state, pair, all_devices, revoke_device, audit_log),
    *(make_design, all_designs, one_design, put_design, drop_design, validate, compile_stored, train),
    *(export_design, list_exports),
    *(all_revisions, one_revision, restore_revision, name_revision, unname_revision),
    *(all_deleted, restore_deleted, remove_deleted),
    *(all_runs, one_run, design_of_run, label_run, drop_run, stop_run, pause_run, resume_run, run_metrics),
]
CLIENT_BACKLOG = 1000
"""messages kept for a slow client; those dropped beyond it are read from the database"""
INJECTED = ("channels", "store", "training", "compiling", "syncing", "commands", "machines", "exports", "access")


@dataclass(frozen=True)
class Parts:
    """The services of the server; most are injected into routes by these names."""

    channels: ChannelsPlugin
    store: Store
    training: RunService
    compiling: CompileService
    syncing: SyncService
    commands: CommandService
    machines: MachineService
    exports: ExportService
    access: Access
    preparation: ExportPreparation
    ingest: MessageIngest
    cleanup: HistoryCleanup


def create_app(settings: Settings) -> Middleware:
    """Create the application; the services are opened when it starts and closed when it stops."""
    parts = make_parts(settings)

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncGenerator[None]:
        async with opened(parts, settings):
            yield

    api = Litestar(
        route_handlers=[*options_of(ROUTES), *ROUTES],
        dependencies={name: _provide(getattr(parts, name)) for name in INJECTED},
        lifespan=[parts.channels, lifespan],  # in this order: nothing is published before the channels open or after they close
        exception_handlers=EXCEPTION_HANDLERS,
        request_max_body_size=settings.max_body_bytes,
        openapi_config=OpenAPIConfig(
            title="Model Studio", version="1", path="/schema", render_plugins=[ExactOpenAPI("/openapi.json", MEDIA_TYPES)]
        ),
        cache_control=CacheControlHeader(no_cache=True),
        logging_config=None,
    )
    guarded = AccessControl(api, parts.access, required=settings.requires_pairing)
    return Middleware(guarded, StaticApp(settings.static_dir), OwnHosts(settings.allowed_hosts))


def make_parts(settings: Settings) -> Parts:
    """Create the services, which are not open yet."""
    channels = ChannelsPlugin(
        MemoryChannelsBackend(),
        channels=[LIVE],
        subscriber_max_backlog=CLIENT_BACKLOG,
        subscriber_backlog_strategy="dropleft",
    )

    def publish(messages: Sequence[bytes]) -> None:
        for message in messages:
            channels.publish(message, LIVE)

    run_memory = None if has_gpu() else settings.run_memory_bytes or memory_for_a_run(settings.max_concurrent_runs)

    def make_manager() -> TrainingManager:
        return TrainingManager(
            settings.runs_dir,
            settings.generated_dir,
            max_concurrent=settings.max_concurrent_runs,
            memory_limit_bytes=run_memory,
        )

    store = Store(settings.data_dir, publish)
    training = RunService(make_manager, settings.runs_dir)
    foreground = Foreground()
    compiling = CompileService(compile_design, settings.generated_dir, foreground)
    exports = ExportService(export_checkpoint, store, training, foreground)
    preparation = ExportPreparation(exports, training)

    async def is_idle() -> bool:
        return not preparation.is_busy and await training.is_idle()

    machines = MachineService(
        settings.machine_file,
        is_idle,
        quiet_s=settings.measure_speed_after_s,
        run_memory_bytes=run_memory,
    )
    return Parts(
        channels=channels,
        store=store,
        training=training,
        compiling=compiling,
        syncing=SyncService(store),
        commands=CommandService(store, compiling, training),
        machines=machines,
        exports=exports,
        access=Access(settings.data_dir),
        preparation=preparation,
        ingest=MessageIngest(store, training, settings.pump_interval_s, preparation.on_status),
        cleanup=HistoryCleanup(store, settings.clean_up_after_s),
    )


@asynccontextmanager
async def opened(parts: Parts, settings: Settings) -> AsyncGenerator[None]:
    """Open the services, and close them at the end; the channels are opened before and closed after that."""
    os.environ["MODEL_STUDIO_DATA"] = str(settings.data_dir.resolve())
    await parts.store.open()
    await parts.store.call(check_designs)
    await parts.training.open()
    await parts.ingest.align()
    if settings.preload:
        preload()
    await parts.machines.open()
    parts.cleanup.open()
    if settings.prepare_exports:
        parts.preparation.open()
    ingesting = asyncio.create_task(parts.ingest.run())
    try:
        yield
    finally:
        ingesting.cancel()
        await asyncio.gather(ingesting, return_exceptions=True)
        await parts.preparation.close()
        await parts.cleanup.close()
        await parts.machines.close()
        await parts.commands.close()
        await parts.training.close()
        await parts.store.close()
        await parts.access.close()


def _provide(part: object) -> Provide:
    def provide() -> Any:
        return part

    return Provide(provide, sync_to_thread=False, use_cache=True)
