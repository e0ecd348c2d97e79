"""The machine: what the server says of it, and that its speed is measured once, in quiet, and kept."""

import asyncio
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec
import pytest
from support.server_thread import Served, serving

from backend.errors import ProcessFailed
from backend.machine.service import MachineService, Measured, Speed, measure_in_process, surroundings
from backend.machine.throughput import measured_designs, solve
from backend.process.hardware import has_gpu, memory_for_a_run, processor_name, usable_cores, usable_memory_bytes
from shared_py.analysis import analyse
from shared_py.forecasting import cost_per_move
from shared_py.protocol import Machine
from shared_py.training_config import TrainConfig

SPEED = (5e9, 1e-5, True)


async def idle() -> bool:
    return True


def run_desk(path: Path, measure: Callable[[], Measured], quiet_s: float | None = 0.0) -> Machine:
    """Open a service and return its machine after the measurement."""

    async def work() -> Machine:
        service = MachineService(path, idle, quiet_s=quiet_s, measure=measure)
        await service.open()
        if service._measuring is not None:
            await service._measuring
        await service.close()
        return service.machine()

    return asyncio.run(work())


def test_the_route_tells_what_there_is(server: Served) -> None:
    answer = server.get("/api/machine")
    assert answer.status_code == 200
    machine = msgspec.json.decode(answer.content, type=Machine)
    most = None if has_gpu() else memory_for_a_run(1)
    assert machine == Machine(usable_cores(), usable_memory_bytes(), run_memory_bytes=most)
    assert machine.multiply_adds_per_second is None
    assert server.post("/api/machine").headers["content-type"] == "application/problem+json"


def test_a_speed_is_measured_once_and_kept(tmp_path: Path) -> None:
    calls: list[int] = []

    def measure() -> Measured:
        calls.append(1)
        return SPEED

    path = tmp_path / "machine.json"
    first = run_desk(path, measure)
    assert (first.multiply_adds_per_second, first.step_overhead_s, first.bfloat16) == SPEED
    assert first.measured_at is not None
    assert run_desk(path, measure) == first
    assert len(calls) == 1
    assert run_desk(path, measure, quiet_s=None) == first


@pytest.mark.parametrize("change", [{"torch": "1.0"}, {"processor": "another"}, {"cores": "999"}])
def test_a_speed_measured_elsewhere_stands_until_there_is_a_new_one(tmp_path: Path, change: dict[str, str]) -> None:
    path = tmp_path / "machine.json"
    old = Speed(1.0, 2.0, "2999-01-01T00:00:00+00:00", surroundings() | change)
    path.write_bytes(msgspec.json.encode(old))
    assert run_desk(path, lambda: SPEED, quiet_s=None).multiply_adds_per_second == 1.0
    assert run_desk(path, lambda: SPEED).multiply_adds_per_second == SPEED[0]


def test_an_old_or_broken_speed_is_measured_anew(tmp_path: Path) -> None:
    path = tmp_path / "machine.json"
    path.write_bytes(msgspec.json.encode(Speed(1.0, 2.0, "2020-01-01T00:00:00+00:00", surroundings())))
    assert run_desk(path, lambda: SPEED).multiply_adds_per_second == SPEED[0]
    whole = msgspec.json.encode(Speed(1.0, 2.0, "2999-01-01T00:00:00+00:00", surroundings())).decode()
    for damaged in (b"{", b"\xff", whole.replace("2999", "29\\u0000").encode(), whole.replace("+00:00", "").encode()):
        path.write_bytes(damaged)
        assert run_desk(path, lambda: SPEED, quiet_s=None).multiply_adds_per_second is None
        assert run_desk(path, lambda: SPEED).multiply_adds_per_second == SPEED[0]


def test_a_speed_that_cannot_be_kept_is_told_all_the_same(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "machine.json").mkdir()
    assert run_desk(tmp_path / "machine.json", lambda: SPEED).multiply_adds_per_second == SPEED[0]
    assert "could not be kept" in caplog.text


def test_a_failure_leaves_the_speed_unknown(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def measure() -> Measured:
        raise ProcessFailed("killed")

    assert run_desk(tmp_path / "machine.json", measure).multiply_adds_per_second is None
    assert "could not be measured" in caplog.text


def test_nothing_is_measured_beside_a_training(tmp_path: Path) -> None:
    answers = iter([False, False, True, False, True, True])
    asked_before_measuring: list[int] = []
    asked: list[bool] = []

    async def is_idle() -> bool:
        asked.append(next(answers))
        return asked[-1]

    def measure() -> Measured:
        asked_before_measuring.append(len(asked))
        return float(len(asked_before_measuring)), 0.0, False

    async def work() -> Machine:
        service = MachineService(tmp_path / "machine.json", is_idle, quiet_s=0.0, measure=measure)
        await service.open()
        assert service._measuring is not None
        await service._measuring
        return service.machine()

    machine = asyncio.run(work())
    assert asked_before_measuring == [3, 5]
    assert machine.multiply_adds_per_second == 2.0


def test_a_server_that_ends_does_not_wait_for_a_measurement(tmp_path: Path) -> None:
    began, go_on = threading.Event(), threading.Event()

    def measure() -> Measured:
        began.set()
        go_on.wait()
        return SPEED

    async def work() -> None:
        service = MachineService(tmp_path / "machine.json", idle, quiet_s=0.0, measure=measure)
        await service.open()
        await asyncio.to_thread(began.wait)
        await service.close()

    asyncio.run(work())
    go_on.set()
    assert not (tmp_path / "machine.json").exists()


def test_a_measurement_reaches_the_route(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny = TrainConfig(n_envs=4, n_steps=2, minibatch_size=8, update_epochs=1)
    measure = partial(measure_in_process, tiny, 1)
    monkeypatch.setattr(MachineService.__init__, "__kwdefaults__", {"measure": measure})
    with serving(tmp_path, measure_speed_after_s=0.0) as server:
        while (answer := server.get("/api/machine").json())["measured_at"] is None:
            pass
    assert answer["multiply_adds_per_second"] > 0
    assert answer["step_overhead_s"] >= 0
    assert answer["bfloat16"] in (True, False)
    assert (tmp_path / "machine.json").exists()


def test_two_networks_give_speed_and_overhead() -> None:
    assert solve((1e6, 3e-3), (5e6, 11e-3)) == pytest.approx((5e8, 1e-3))
    assert solve((1e6, 1e-3), (5e6, 11e-3)) == pytest.approx((5e6 / 11e-3, 0.0))


def test_the_two_networks_are_far_apart() -> None:
    small, large = (cost_per_move(analyse(design).sizes, TrainConfig()) for design in measured_designs())
    assert large > 5 * small


def test_memory_is_what_a_container_allows(tmp_path: Path) -> None:
    limit, unlimited = tmp_path / "memory.max", tmp_path / "none"
    limit.write_text("1000000\n")
    unlimited.write_text("max\n")
    assert usable_memory_bytes((limit, unlimited, tmp_path / "missing")) == 1_000_000
    assert usable_memory_bytes((unlimited,)) == usable_memory_bytes(()) > 1_000_000
    assert usable_cores() >= 1


def test_runs_share_three_quarters_of_the_memory() -> None:
    assert memory_for_a_run(1) == int(0.75 * usable_memory_bytes())
    assert 3 * memory_for_a_run(3) <= memory_for_a_run(1)


def test_the_processor_is_named(tmp_path: Path) -> None:
    described = tmp_path / "cpuinfo"
    described.write_text("processor\t: 0\nmodel name\t: Abacus 3\n")
    assert processor_name(described) == "Abacus 3"
    assert processor_name(tmp_path / "missing") == ""
