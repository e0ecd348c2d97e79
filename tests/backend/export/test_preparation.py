"""Files are prepared when a run ends: in the background, after what people wait for, and only once."""

import asyncio
import select
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest
from support.exported_networks import write_exported_run
from support.run_folders import write_run
from support.server_parts import Inside, inside
from support.server_thread import Served, serving

from backend.compile.service import CompileService
from backend.errors import NotFound
from backend.export import formats, preparation, service
from backend.export.exporter import Export, export_checkpoint
from backend.export.preparation import ExportPreparation
from backend.export.service import ExportService
from backend.process.foreground import Foreground
from backend.process.process import LOWEST_PRIORITY, run_in_process
from backend.process.threads import Cancellation, cancellation
from shared_py.analysis import Analysis, analyse
from shared_py.decoding import decode_design
from shared_py.protocol import CompileResult, RunStatus, RunStatusChanged

PATIENCE_S = 120.0
DEADLINE_S = 240.0
_pace = threading.Event()


def status_of(run_id: str, status: RunStatus) -> RunStatusChanged:
    return RunStatusChanged(1, run_id, status, None, "d1")


class Writer:
    """In place of the exporter: notes what it is asked for; blocks while `held` until it is released or cancelled."""

    def __init__(self, *, held: bool = False) -> None:
        self.asked: list[tuple[str, str, str | None, int]] = []
        self.cancelled = 0
        self.released, self.began = threading.Event(), threading.Event()
        if not held:
            self.released.set()

    def __call__(self, folder: Path, fmt: str, checkpoint: str | None, niceness: int) -> Export:
        self.asked.append((folder.name, fmt, checkpoint, niceness))
        self.began.set()
        ending = cancellation()
        assert ending is not None
        while not self.released.wait(0.005):
            if is_cancelled(ending):
                self.cancelled += 1
                raise NotFound("cancelled")
        return Export(folder / "run.json", checkpoint or "best", 1, None)


def is_cancelled(ending: Cancellation) -> bool:
    return bool(select.select([ending], [], [], 0)[0])


async def began(writer: Writer) -> None:
    assert await asyncio.to_thread(writer.began.wait, PATIENCE_S)
    writer.began.clear()


def with_parts(
    tmp_path: Path,
    writer: Callable[..., Export],
    story: Callable[[Inside, ExportService, ExportPreparation, Foreground], Awaitable[None]],
    *names: str,
) -> None:
    """Tell a story of a server with ended runs of one design, whose checkpoints are no networks."""
    for name in names or ("r1",):
        write_run(tmp_path / "runs", name, "running", "stopped").checkpoint.write_bytes(b"x")

    async def work(parts: Inside) -> None:
        foreground = Foreground()
        exports = ExportService(writer, parts.store, parts.run_service, foreground)
        prepared = ExportPreparation(exports, parts.run_service)
        prepared.open()
        try:
            async with asyncio.timeout(PATIENCE_S):
                await story(parts, exports, prepared, foreground)
        finally:
            await prepared.close()

    inside(tmp_path, work)


async def until_idle(prepared: ExportPreparation) -> None:
    while prepared.is_busy:
        await asyncio.sleep(0.005)


def test_best_and_last_of_an_ended_run_are_written_at_low_priority(tmp_path: Path) -> None:
    writer = Writer()

    async def story(_: Inside, __: ExportService, prepared: ExportPreparation, ___: Foreground) -> None:
        prepared.on_status(status_of("r1", "running"))
        assert not prepared.is_busy
        prepared.on_status(status_of("r1", "finished"))
        prepared.on_status(status_of("r1", "finished"))
        assert prepared.is_busy
        await until_idle(prepared)

    with_parts(tmp_path, writer, story)
    assert writer.asked == [("r1", "onnx", checkpoint, LOWEST_PRIORITY) for checkpoint in ("best", "last")]


def test_the_writing_process_has_the_lowest_priority(warm: None) -> None:
    assert run_in_process("support.process_functions:niceness", timeout_s=PATIENCE_S, niceness=LOWEST_PRIORITY) == LOWEST_PRIORITY
    assert run_in_process("support.process_functions:niceness", timeout_s=PATIENCE_S) == 0


def test_what_a_person_exports_comes_first_and_preparation_starts_anew(tmp_path: Path) -> None:
    writer = Writer(held=True)

    async def story(_: Inside, exports: ExportService, prepared: ExportPreparation, __: Foreground) -> None:
        prepared.on_status(status_of("r1", "finished"))
        await began(writer)
        person = asyncio.create_task(exports.export("d1", "pt", "r1", "last"))
        while len(writer.asked) < 2 or not writer.cancelled:
            await asyncio.sleep(0.005)
        writer.released.set()
        await person
        await until_idle(prepared)

    with_parts(tmp_path, writer, story)
    assert [asked[1] for asked in writer.asked] == ["onnx", "pt", "onnx", "onnx"]
    assert [asked[3] for asked in writer.asked] == [LOWEST_PRIORITY, 0, LOWEST_PRIORITY, LOWEST_PRIORITY]


def test_nothing_is_prepared_while_a_compile_runs(tmp_path: Path) -> None:
    writer, compiled, go_on = Writer(), threading.Event(), threading.Event()

    def compile_design(*_: object) -> CompileResult:
        compiled.set()
        assert go_on.wait(PATIENCE_S)
        return CompileResult("", 0.0, {}, 0, "", "", [])

    async def story(parts: Inside, exports: ExportService, prepared: ExportPreparation, foreground: Foreground) -> None:
        compiling = CompileService(compile_design, tmp_path, foreground)
        run = await parts.run_service.run("r1")
        design = analysed(tmp_path, run.id).design
        task = asyncio.create_task(compiling.compile(design))
        assert await asyncio.to_thread(compiled.wait, PATIENCE_S)
        prepared.on_status(status_of("r1", "stopped"))
        background = asyncio.create_task(exports.export("d1", "pt", "r1", "last", background=True))
        for _ in range(50):
            await asyncio.sleep(0.001)
        assert writer.asked == []
        go_on.set()
        await task
        await background
        await until_idle(prepared)

    with_parts(tmp_path, writer, story)
    assert sorted(asked[1] for asked in writer.asked) == ["onnx", "onnx", "pt"]
    assert {asked[3] for asked in writer.asked} == {LOWEST_PRIORITY}


def analysed(root: Path, run_id: str) -> Analysis:
    return analyse(decode_design((root / "runs" / run_id / "design.json").read_bytes()))


def test_a_run_that_is_deleted_during_its_preparation_does_no_harm(tmp_path: Path) -> None:
    writer = Writer(held=True)

    async def story(parts: Inside, _: ExportService, prepared: ExportPreparation, __: Foreground) -> None:
        prepared.on_status(status_of("r1", "finished"))
        await began(writer)
        prepared.on_status(status_of("r2", "failed"))
        prepared.on_status(status_of("r3", "finished"))
        await parts.run_service.delete("r1")
        await parts.run_service.delete("r2")
        writer.released.set()
        await until_idle(prepared)

    with_parts(tmp_path, writer, story, "r1", "r2", "r3")
    assert [asked[0] for asked in writer.asked] == ["r1", "r3", "r3"]


def test_a_run_that_continues_is_not_prepared(tmp_path: Path) -> None:
    writer = Writer()

    async def story(_: Inside, __: ExportService, prepared: ExportPreparation, ___: Foreground) -> None:
        prepared.on_status(status_of("r1", "stopped"))
        await until_idle(prepared)

    write_run(tmp_path / "runs", "r1", "running", "stopped", "queued")
    with_parts(tmp_path, writer, story, "r2")
    assert writer.asked == []


def test_existing_files_are_not_written_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparation, "PREPARED", ("py",))
    write_exported_run(tmp_path, "r1", "mlp-td", "d1", exported=False)
    written: list[str | None] = []

    def write(folder: Path, fmt: str, checkpoint: str | None, niceness: int) -> Export:
        written.append(checkpoint)
        return export_checkpoint(folder, fmt, checkpoint, niceness)

    async def work(parts: Inside) -> None:
        prepared = ExportPreparation(ExportService(write, parts.store, parts.run_service), parts.run_service)
        prepared.open()
        for _ in range(2):
            prepared.on_status(status_of("r1", "finished"))
            await until_idle(prepared)
        await prepared.close()

    inside(tmp_path, work)
    assert written == ["best", "last"]


def test_a_stop_of_the_server_ends_the_writing_process_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, warm: None
) -> None:
    endless = msgspec.structs.replace(formats.format_of("onnx"), writer="support.process_functions:write_for_ever")
    monkeypatch.setattr(formats, "FORMATS", (endless,))
    folder = write_exported_run(tmp_path, "r1", "mlp-td", "d1", exported=False)

    async def work(parts: Inside) -> None:
        prepared = ExportPreparation(ExportService(export_checkpoint, parts.store, parts.run_service), parts.run_service)
        prepared.open()
        prepared.on_status(status_of("r1", "finished"))
        while not list(folder.exports.glob("*/.new-*.unchecked")):
            await asyncio.sleep(0.005)
        await prepared.close()
        left = {path.name for path in folder.exports.rglob("*") if path.is_file()}
        assert left == {"checkpoint.json", preparation.MARKER}

    inside(tmp_path, work)


def test_what_a_stop_of_the_server_cut_off_is_prepared_at_the_next_start(tmp_path: Path) -> None:
    writer = Writer(held=True)

    async def story(parts: Inside, exports: ExportService, prepared: ExportPreparation, _: Foreground) -> None:
        for name in ("r1", "r2"):
            prepared.on_status(status_of(name, "finished"))
        await began(writer)
        await prepared.close()
        before = {name for name, *_ in writer.asked}
        assert len(before) == 1, "the other one waits"
        writer.asked.clear()
        writer.released.set()
        again = ExportPreparation(exports, parts.run_service)
        again.open()
        while len(writer.asked) < 4:
            await asyncio.sleep(0.005)
        await until_idle(again)
        assert not list(tmp_path.rglob(preparation.MARKER))
        await again.close()

    with_parts(tmp_path, writer, story, "r1", "r2", "r3")
    assert sorted(asked[0] for asked in writer.asked) == ["r1", "r1", "r2", "r2"], "the third had not ended meanwhile"


def wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(int(DEADLINE_S / 0.05)):
        if condition():
            return
        _pace.wait(0.05)
    raise AssertionError("it did not happen in time")


def test_a_server_prepares_the_files_of_a_run_that_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, warm: None) -> None:
    monkeypatch.setattr(service, "LOWEST_PRIORITY", 0)  # on a busy machine the files would not be written for minutes
    with serving(tmp_path / "data", prepare_exports=True) as server:
        design_id = server.new_design(template="small_transformer")["id"]
        settings = {"total_steps": 64, "n_envs": 8, "n_steps": 8, "minibatch_size": 32}
        server.post(f"/api/designs/{design_id}/train", json=settings).raise_for_status()
        wait_for(lambda: prepared_files(server, design_id) >= {("last", False), ("last", True)})
        for inspect in (False, True):
            url = f"/api/designs/{design_id}/export"
            answer = server.get(url, params={"checkpoint": "last", "inspect": inspect, "background": True})
            assert answer.status_code == 200
            assert answer.headers["x-export-steps"] == "64"


def prepared_files(server: Served, design_id: str) -> set[tuple[str, bool]]:
    """Checkpoint and kind of each ONNX that is written."""
    runs = server.get(f"/api/designs/{design_id}/exports").raise_for_status().json()["runs"]
    return {
        (checkpoint["checkpoint"], file["inspect"])
        for run in runs
        for checkpoint in run["checkpoints"]
        for file in checkpoint["files"]
        if file["is_exact"]
    }
