"""Everything that can be set from outside, in one frozen Struct; it reads no environment by itself."""

from pathlib import Path

from msgspec import Struct

PACKAGE_ROOT = Path(__file__).resolve().parent.parent


class Settings(Struct, frozen=True):
    """Where things lie, who may call and how much is taken at once."""

    data_dir: Path = Path("data")
    static_dir: Path = PACKAGE_ROOT / "pwa" / "dist"
    """the built app; it may be missing, then only the API is served"""
    allowed_hosts: tuple[str, ...] = ()
    """public names this server may be called by, besides addresses and names of the local network"""
    max_body_bytes: int = 1_900_000
    """room for the largest design together with its base, in one sync call"""
    max_concurrent_runs: int = 1
    run_memory_bytes: int | None = None
    """what a run may take beside a loaded torch; None: its part of three quarters of the machine's memory"""
    pump_interval_s: float = 0.075
    """how often the files of runs are looked at"""
    preload: bool = True
    """whether a process with torch loaded is made ready at start, so that the first training begins at once"""

    measure_speed_after_s: float | None = None
    """seconds from the start, and between looks whether anything trains, until the speed at training is measured; None: never"""

    @property
    def machine_file(self) -> Path:
        """The measured speed of this machine."""
        return self.data_dir / "machine.json"

    @property
    def runs_dir(self) -> Path:
        """One folder for each training run."""
        return self.data_dir / "runs"

    @property
    def generated_dir(self) -> Path:
        """The generated PyTorch modules, one file a design."""
        return self.data_dir / "generated"
