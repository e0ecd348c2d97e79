"""Wires the services together: settings in, one ASGI application out."""

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from litestar import Litestar
from litestar.channels import ChannelsPlugin
from litestar.channels.backends.memory import MemoryChannelsBackend
from litestar.datastructures import CacheControlHeader
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig

from backend.checkpoint_games.evaluation import CheckpointGames
from backend.checkpoint_games.routes import evaluate_run
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
from backend.leaderboard.routes import leaderboard
from backend.limits import MEGABYTE
from backend.machine.routes import machine
from backend.machine.service import MachineService
from backend.monitoring.gauges import read_gauges
from backend.monitoring.metrics import Gauge, MetricsPage, RequestCounts
from backend.notifications.delivery import DeliveryRules
from backend.notifications.routes import push_state, turn_notifications_off, turn_notifications_on
from backend.notifications.service import NotificationService
from backend.pairing.middleware import AccessControl
from backend.pairing.routes import all_devices, audit_log, pair, pairing_state, revoke_device
from backend.pairing.service import AccessService
from backend.process.foreground import Foreground
from backend.process.hardware import has_gpu, memory_for_a_run
from backend.process.process import preload
from backend.retention.runs import RunRetention
from backend.retention.telemetry import TelemetryRetention
from backend.runs.capacity import RunBounds
from backend.runs.executors import LocalExecutor, RayExecutor
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
from backend.store.bounds import Bounds
from backend.store.database import Store
from backend.store.unreadable import check_designs
from backend.stream.ingest import MessageIngest
from backend.stream.routes import LIVE, live_messages
from backend.sweeps.routes import all_sweeps, one_sweep, start_sweep, stop_sweep
from backend.sweeps.service import SweepService
from backend.sync.commands import CommandService
from backend.sync.routes import sync
from backend.sync.service import SyncService
from backend.telemetry.routes import delete_telemetry, recorded_telemetry, store_telemetry
from backend.tls.addresses import OwnHosts
from backend.web.litestar_adapters import EXCEPTION_HANDLERS
from backend.web.middleware import Middleware
from backend.web.observation import Observed, log_request
from backend.web.openapi import ExactOpenAPI, options_of
from backend.web.rate_limiter import RateLimiter
from backend.web.routes import health
from backend.web.sending import ResponseMemory
from backend.web.static_app import StaticApp
from shared_py.protocol import RunStatusChanged

ROUTES = [
    *(health, machine, blocks, templates, live_messages, sync),
    *(pairing_state, pair, all_devices, revoke_device, audit_log),
    *(push_state, turn_notifications_on, turn_notifications_off),
    *(store_telemetry, recorded_telemetry, delete_telemetry),
    *(make_design, all_designs, one_design, put_design, drop_design, validate, compile_stored, train),
    *(export_design, list_exports),
    *(evaluate_run, leaderboard),
    *(start_sweep, all_sweeps, one_sweep, stop_sweep),
    *(all_revisions, one_revision, restore_revision, name_revision, unname_revision),
    *(all_deleted, restore_deleted, remove_deleted),
    *(all_runs, one_run, design_of_run, label_run, drop_run, stop_run, pause_run, resume_run, run_metrics),
]
CLIENT_BACKLOG = 1000
"""messages kept for a slow client; those dropped beyond it are read from the database"""
INJECTED = (
    *("channels", "store", "training", "compiling", "syncing", "commands", "machines"),
    *("exports", "checkpoint_games", "access", "notifications", "sweeps"),
)


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
    checkpoint_games: CheckpointGames
    access: AccessService
    notifications: NotificationService
    sweeps: SweepService
    preparation: ExportPreparation
    ingest: MessageIngest
    cleanup: HistoryCleanup
    retention: RunRetention
    telemetry_retention: TelemetryRetention


def create_app(settings: Settings, count_connections: Callable[[], Mapping[str, float]] = dict) -> Middleware:
    """Create the application; the services are opened when it starts and closed when it stops.

    `count_connections` returns the numbers of open connections by kind, for the metrics.
    """
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
    limiter = RateLimiter(settings.limits.requests_per_second)
    memory = ResponseMemory(settings.limits.responses_mb * MEGABYTE)
    counts = RequestCounts()

    def observe(observed: Observed) -> None:
        counts.add(observed)
        log_request(observed)

    async def gauges() -> list[Gauge]:
        refused = {"requests": float(limiter.refused), "responses": float(memory.refused)}
        return await read_gauges(
            parts.store, parts.training, parts.compiling, settings.data_dir, connections=count_connections(), refused=refused
        )

    return Middleware(
        AccessControl(api, parts.access, required=settings.requires_pairing),
        StaticApp(settings.static_dir),
        OwnHosts(settings.allowed_hosts),
        rate_limiter=limiter,
        memory=memory,
        metrics=MetricsPage(counts, gauges),
        observe=observe,
    )


def _make_channels() -> ChannelsPlugin:
    return ChannelsPlugin(
        MemoryChannelsBackend(),
        channels=[LIVE],
        subscriber_max_backlog=CLIENT_BACKLOG,
        subscriber_backlog_strategy="dropleft",
    )


def _make_manager(settings: Settings, run_memory: int | None) -> TrainingManager:
    limits, local = settings.limits, LocalExecutor(settings.max_concurrent_runs, run_memory)
    return TrainingManager(
        settings.runs_dir,
        settings.generated_dir,
        executor=RayExecutor(settings.ray_address) if settings.executor == "ray" else local,
        bounds=RunBounds(limits.max_queued, limits.max_run_hours * 3600.0, limits.free_disk_mb * MEGABYTE),
    )


def _on_status(
    sweeps: SweepService, preparation: ExportPreparation, notifications: NotificationService
) -> Callable[[RunStatusChanged], None]:
    def on_status(message: RunStatusChanged) -> None:
        if sweeps.has_trial(message.run_id):
            return  # up to 64 runs, of which most are stopped early: no file of each, and no notification
        preparation.on_status(message)
        notifications.on_status(message)

    return on_status


def make_parts(settings: Settings) -> Parts:
    """Create the services, which are not open yet."""
    channels = _make_channels()

    def publish(messages: Sequence[bytes]) -> None:
        for message in messages:
            channels.publish(message, LIVE)

    limits = settings.limits
    run_memory = None if has_gpu() else settings.run_memory_bytes or memory_for_a_run(settings.max_concurrent_runs)

    bounds = Bounds(limits.max_designs, limits.history_mb * MEGABYTE, limits.telemetry_per_device, limits.telemetry_events)
    store = Store(settings.data_dir, publish, bounds)
    training = RunService(lambda: _make_manager(settings, run_memory), settings.runs_dir)
    foreground = Foreground()
    compiling = CompileService(
        compile_design, settings.generated_dir, foreground, at_once=limits.compiles, max_waiting=limits.waiting_compiles
    )
    exports = ExportService(export_checkpoint, store, training, foreground)
    preparation = ExportPreparation(exports, training)

    async def is_idle() -> bool:
        return not preparation.is_busy and await training.is_idle()

    access = AccessService(settings.data_dir)
    notifications = NotificationService(
        settings.data_dir, access, training, store, DeliveryRules(settings.push_contact, settings.test_push_authority)
    )

    machines = MachineService(settings.machine_file, is_idle, quiet_s=settings.measure_speed_after_s, run_memory_bytes=run_memory)
    sweeps = SweepService(store, training, machines, settings.generated_dir, settings.max_concurrent_runs)

    return Parts(
        channels=channels,
        store=store,
        training=training,
        compiling=compiling,
        syncing=SyncService(store),
        commands=CommandService(store, compiling, training),
        machines=machines,
        exports=exports,
        checkpoint_games=CheckpointGames(),
        access=access,
        notifications=notifications,
        sweeps=sweeps,
        preparation=preparation,
        ingest=MessageIngest(store, training, settings.pump_interval_s, _on_status(sweeps, preparation, notifications)),
        cleanup=HistoryCleanup(store, settings.clean_up_after_s, limits.points_per_run),
        retention=RunRetention(
            store, training, settings.clean_up_after_s, keep_runs=limits.keep_runs, points_per_run=limits.points_per_run
        ),
        telemetry_retention=TelemetryRetention(store, settings.clean_up_after_s),
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
    parts.retention.open()
    parts.telemetry_retention.open()
    if settings.prepare_exports:
        parts.preparation.open()
    parts.notifications.open()
    parts.sweeps.open()
    ingesting = asyncio.create_task(parts.ingest.run())
    try:
        yield
    finally:
        ingesting.cancel()
        await asyncio.gather(ingesting, return_exceptions=True)
        await parts.sweeps.close()
        await parts.notifications.close()
        await parts.preparation.close()
        await parts.telemetry_retention.close()
        await parts.retention.close()
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
