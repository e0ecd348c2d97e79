"""Reports the hardware of the machine, and has its speed measured once, when nothing trains; no torch, no server."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import msgspec
from msgspec import Struct

from backend.process.durable import write_atomically
from backend.process.hardware import processor_name, usable_cores, usable_memory_bytes
from backend.process.process import run_in_process
from backend.process.threads import run_detached
from shared_py.protocol import Machine
from shared_py.training_config import TrainConfig

logger = logging.getLogger(__name__)

CONFIG = TrainConfig(n_steps=4, minibatch_size=512, target_kl=10.0)
"""the default settings with rollouts of one short minibatch: the work for each move is the same"""
ROUNDS = 15
MEASUREMENT = "backend.machine.throughput:measure_speed"
TIMEOUT_S = 300.0
KEPT_FOR = timedelta(days=30)
A_LITTLE = timedelta(days=1)
"""a clock that was set back may put a measurement into the future by as much"""

IsIdle = Callable[[], Awaitable[bool]]
Measured = tuple[float, float, bool]
"""multiply-adds a second, the overhead of a move in seconds, whether networks compute in bfloat16"""


class Speed(Struct, frozen=True):
    """A measured speed, when it was measured, and on which hardware and versions."""

    multiply_adds_per_second: float
    step_overhead_s: float
    measured_at: str
    measured_with: dict[str, str]
    bfloat16: bool | None = None
    """whether networks compute in bfloat16 by default; null in files of older versions"""


def measure_in_process(config: TrainConfig = CONFIG, rounds: int = ROUNDS) -> Measured:
    """Time real training in a process of its own, at the lowest priority; takes seconds to a minute. ProcessFailed."""
    speed, overhead, bfloat16 = run_in_process(MEASUREMENT, config, rounds, timeout_s=TIMEOUT_S)
    return speed, overhead, bfloat16


def surroundings() -> dict[str, str]:
    """What a speed depends on; after a change the speed is measured again."""
    versions = {name: version(name) for name in ("torch", "model-studio")}
    return versions | {"processor": processor_name(), "cores": str(usable_cores())}


class MachineService:
    """Keeps the measured speed in a file of the data directory."""

    def __init__(
        self,
        path: Path,
        is_idle: IsIdle,
        *,
        quiet_s: float | None,
        measure: Callable[[], Measured] = measure_in_process,
        run_memory_bytes: int | None = None,
    ) -> None:
        """`is_idle` returns whether nothing trains; it is called every `quiet_s` seconds; with None nothing is measured.

        `run_memory_bytes` is what a run may take, as reported to phones.
        """
        self._run_memory_bytes = run_memory_bytes
        self._path, self._is_idle, self._measure, self._quiet_s = path, is_idle, measure, quiet_s
        self._speed: Speed | None = None
        self._measuring: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Read the kept speed, and measure it in the background if there is none or it is outdated."""
        self._speed = await asyncio.to_thread(self._read)
        if self._quiet_s is not None and not _is_fresh(self._speed):
            self._measuring = asyncio.create_task(self._try_to_measure(self._quiet_s))

    async def close(self) -> None:
        """Stop waiting, and end a measurement in progress."""
        if self._measuring is not None:
            self._measuring.cancel()
            await asyncio.gather(self._measuring, return_exceptions=True)

    def machine(self) -> Machine:
        """The hardware of the machine, and its speed where it has been measured."""
        machine = Machine(usable_cores(), usable_memory_bytes(), run_memory_bytes=self._run_memory_bytes)
        if (speed := self._speed) is None:
            return machine
        return msgspec.structs.replace(
            machine,
            multiply_adds_per_second=speed.multiply_adds_per_second,
            step_overhead_s=speed.step_overhead_s,
            measured_at=speed.measured_at,
            bfloat16=speed.bfloat16,
        )

    async def _try_to_measure(self, quiet_s: float) -> None:
        try:
            await self.measure_when_idle(quiet_s)
        except Exception:
            logger.exception("the speed of this machine could not be measured")

    async def measure_when_idle(self, quiet_s: float) -> None:
        """Measure once nothing trains, and again if a training began meanwhile. ProcessFailed."""
        while True:
            await asyncio.sleep(quiet_s)
            if not await self._is_idle():
                continue
            measured = await run_detached(self._measure)
            if await self._is_idle():
                break
        multiply_adds, overhead, bfloat16 = measured
        when = datetime.now(UTC).isoformat(timespec="seconds")
        self._speed = Speed(multiply_adds, overhead, when, surroundings(), bfloat16)
        try:
            await asyncio.to_thread(write_atomically, self._path, msgspec.json.encode(self._speed))
        except OSError:
            logger.exception("the speed of this machine could not be kept; it is measured again after the next start")

    def _read(self) -> Speed | None:
        """The kept speed, also an outdated one; None where there is none or the file is damaged."""
        try:
            speed = msgspec.json.decode(self._path.read_bytes(), type=Speed)
            return speed if datetime.fromisoformat(speed.measured_at).tzinfo is not None else None
        except FileNotFoundError:
            return None
        except (msgspec.DecodeError, ValueError, OSError):
            logger.warning("%s cannot be read; the speed is measured again", self._path)
            return None


def _is_fresh(speed: Speed | None) -> bool:
    """Whether a speed was measured on this hardware and these versions, not too long ago."""
    if speed is None or speed.measured_with != surroundings():
        return False
    age = datetime.now(UTC) - datetime.fromisoformat(speed.measured_at)
    return -A_LITTLE <= age < KEPT_FOR  # after a clock was set back, a measurement may be in the future
