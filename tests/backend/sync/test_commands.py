"""Things asked for while offline run once, however often they are sent, also when the server dies in between."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from msgspec.structs import replace

from backend.compile.service import CompileService
from backend.errors import CompileFailed, InvalidRequest, NotFound
from backend.runs.service import RunService
from backend.store.commands import claim_command
from backend.store.database import Store
from backend.store.designs import create_design
from backend.sync.commands import CommandService
from backend.sync.routes import _WORDS
from shared_py.analysis import Analysis
from shared_py.protocol import CompileResult, ProblemDetails, PushedCommand, Run, SyncedCommand
from shared_py.templates import load_templates
from shared_py.training_config import TrainConfig

DESIGN = load_templates()[0]
TRAIN = PushedCommand("k1", "train", DESIGN.id, {"total_steps": 5})
COMPILE = PushedCommand("k2", "compile", DESIGN.id)
RESULT = CompileResult("m", 0.1, {}, 1, "text", "hash", [])


class Manager:
    """Starts nothing and remembers what it was asked to start."""

    def __init__(self) -> None:
        self.started: dict[str, Run] = {}
        self.resumed: list[tuple[str, int | None]] = []

    def start_analysed(self, analysis: Analysis, config: TrainConfig, *, run_id: str | None, sweep_id: str | None) -> Run:
        assert run_id is not None
        assert run_id not in self.started
        self.started[run_id] = Run(run_id, analysis.design.id, "hash", "queued", None, 0, config.total_steps, "now")
        return self.started[run_id]

    def run(self, run_id: str) -> Run:
        if run_id not in self.started:
            raise NotFound("no such run")
        return self.started[run_id]

    def resume(self, run_id: str, _patience_s: float, total_steps: int | None) -> Run:
        self.resumed.append((run_id, total_steps))
        more = replace(self.started[run_id], status="queued", total_steps=total_steps or 0)
        self.started[run_id] = more
        return more

    def __getattr__(self, name: str) -> Any:
        return lambda *_: None


class Compiler:
    """Checks nothing, and counts its calls."""

    def __init__(self) -> None:
        self.calls = 0
        self.failing = False

    def __call__(self, analysis: Analysis, generated_dir: Path, memory_share: float) -> CompileResult:
        self.calls += 1
        if self.failing:
            raise CompileFailed("a check failed")
        return RESULT


class Opened:
    def __init__(self, folder: Path, manager: Manager, compiler: Compiler) -> None:
        self.published: list[dict[str, Any]] = []
        self.store = Store(folder, lambda messages: self.published.extend(msgspec.json.decode(message) for message in messages))
        self.training = RunService(lambda: manager, folder / "runs")
        self.commands = CommandService(self.store, CompileService(compiler, folder / "generated"), self.training)


@asynccontextmanager
async def open_services(folder: Path, manager: Manager, compiler: Compiler) -> AsyncIterator[Opened]:
    opened = Opened(folder, manager, compiler)
    await opened.store.open()
    await opened.training.open()
    yield opened
    await opened.commands.close()
    await opened.training.close()
    await opened.store.close()


def run(folder: Path, work: Callable[[Opened], Awaitable[None]], manager: Manager, compiler: Compiler) -> None:
    async def all_of_it() -> None:
        async with open_services(folder, manager, compiler) as opened:
            await work(opened)

    asyncio.run(all_of_it())


async def settled(opened: Opened, command: PushedCommand) -> Any:
    async with asyncio.timeout(30):
        while (answer := await opened.commands.run(command)).status == "running":
            await asyncio.sleep(0)
    return answer


def test_a_training_starts_once(tmp_path: Path) -> None:
    manager = Manager()

    async def first(opened: Opened) -> None:
        await opened.store.call(create_design, DESIGN)
        answers = await asyncio.gather(*(opened.commands.run(TRAIN) for _ in range(5)))
        assert {answer.run_id for answer in answers} == set(manager.started)

    async def after_a_restart(opened: Opened) -> None:
        answer = await opened.commands.run(TRAIN)
        assert (answer.status, answer.run_id) == ("done", next(iter(manager.started)))

    run(tmp_path, first, manager, Compiler())
    run(tmp_path, after_a_restart, manager, Compiler())
    assert len(manager.started) == 1


def test_a_compile_runs_in_the_background_and_once(tmp_path: Path) -> None:
    compiler = Compiler()

    async def work(opened: Opened) -> None:
        await opened.store.call(create_design, DESIGN)
        assert (await opened.commands.run(COMPILE)).status == "running"
        assert (await settled(opened, COMPILE)).result == RESULT
        assert (await opened.commands.run(COMPILE)).status == "done"

    run(tmp_path, work, Manager(), compiler)
    assert compiler.calls == 1


def test_a_run_is_given_more_moves_once_also_after_a_crash_and_with_a_design_that_was_refused(tmp_path: Path) -> None:
    manager = Manager()
    manager.started["r1"] = Run("r1", DESIGN.id, "hash", "finished", None, 500, 500, "now")
    more = PushedCommand("k1", "resume", DESIGN.id, {"total_steps": 900}, run_id="r1")

    async def crashed(opened: Opened) -> None:
        await opened.store.call(claim_command, more, SyncedCommand(more.id, "running", run_id="r1"))

    async def work(opened: Opened) -> None:
        refusal = ProblemDetails("refused", 422, "no")
        answers = [await opened.commands.run(more, refusal) for _ in range(3)]
        assert {(answer.status, answer.run_id) for answer in answers} == {("done", "r1")}
        again = [replace(more, id=name) for name in ("k2", "k3")]
        fresh = [await opened.commands.run(command) for command in again]
        assert [answer.status for answer in fresh] == ["done", "done"]

    run(tmp_path, crashed, manager, Compiler())
    run(tmp_path, work, manager, Compiler())
    assert manager.resumed == [("r1", 900)]


@pytest.mark.parametrize(
    ("run_id", "config", "reason"),
    [("gone", {"total_steps": 900}, "no such run"), ("r1", {}, "total_steps"), ("r1", {"total_steps": 0}, ">= 1")],
)
def test_more_moves_that_cannot_be_given_fail_with_the_reason(
    tmp_path: Path, run_id: str, config: dict[str, Any], reason: str
) -> None:
    manager = Manager()
    manager.started["r1"] = Run("r1", DESIGN.id, "hash", "finished", None, 500, 500, "now")

    async def work(opened: Opened) -> None:
        answer = await opened.commands.run(PushedCommand("k1", "resume", DESIGN.id, config, run_id))
        assert (answer.status, reason in (answer.problem or ProblemDetails("", 0, "")).detail) == ("failed", True)
        with pytest.raises(InvalidRequest, match="which run"):
            await opened.commands.run(PushedCommand("k2", "resume", DESIGN.id, {"total_steps": 900}))

    run(tmp_path, work, manager, Compiler())
    assert manager.resumed == []


@pytest.mark.parametrize("status", ["done", "failed"])
def test_the_end_of_a_compile_is_announced_and_that_of_a_training_is_not(tmp_path: Path, status: str) -> None:
    compiler = Compiler()
    compiler.failing = status == "failed"

    async def work(opened: Opened) -> None:
        await opened.store.call(create_design, DESIGN)
        assert (await opened.commands.run(TRAIN)).status == "done"  # its answer says so already
        await opened.commands.run(COMPILE)
        await settled(opened, COMPILE)
        assert opened.published[1:] == [
            {
                "type": "command_finished",
                "seq": 2,
                "run_id": None,
                "command_id": COMPILE.id,
                "design_id": DESIGN.id,
                "status": status,
            }
        ]

    run(tmp_path, work, Manager(), compiler)


def test_what_fails_says_why_and_is_not_tried_again(tmp_path: Path) -> None:
    compiler = Compiler()
    compiler.failing = True

    async def work(opened: Opened) -> None:
        missing = PushedCommand("k3", "train", "dnothing")
        for _ in range(2):
            answer = await opened.commands.run(missing)
            assert (answer.status, answer.problem.status) == ("failed", 404)  # type: ignore[union-attr]  # a refused command has a problem
        await opened.store.call(create_design, DESIGN)
        wrong = PushedCommand("k4", "train", DESIGN.id, {"total_steps": "many"})
        assert (await opened.commands.run(wrong)).problem.status == 422  # type: ignore[union-attr]  # a refused command has a problem
        assert (await settled(opened, COMPILE)).problem.detail == "a check failed"

    run(tmp_path, work, Manager(), compiler)
    assert compiler.calls == 1


def test_what_was_taken_before_does_not_end_with_a_later_refusal(tmp_path: Path) -> None:
    async def work(opened: Opened) -> None:
        await opened.store.call(create_design, DESIGN)
        await opened.commands.run(COMPILE)
        assert (await opened.commands.run(COMPILE, ProblemDetails("No", 422, ""))).status == "running"
        assert (await settled(opened, COMPILE)).status == "done"

    run(tmp_path, work, Manager(), Compiler())


def test_an_error_nobody_foresaw_fails_one_command_not_the_call(tmp_path: Path, caplog: Any) -> None:
    class Broken(Manager):
        def start_analysed(self, *_: Any, **__: Any) -> Run:
            raise ZeroDivisionError

    async def work(opened: Opened) -> None:
        await opened.store.call(create_design, DESIGN)
        answer = await opened.commands.run(TRAIN)
        assert answer.status == "failed"
        assert "k1" in caplog.text

    run(tmp_path, work, Broken(), Compiler())


def test_each_kind_of_command_has_words_for_the_audit_log() -> None:
    kinds = {field.name: field.type for field in msgspec.structs.fields(PushedCommand)}["kind"]
    assert set(get_args(kinds)) == set(_WORDS)
