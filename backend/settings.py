"""The settings of a server, in one frozen Struct; they are not read from the environment here."""

from pathlib import Path
from typing import Literal

from msgspec import Struct

from backend.limits import Limits

PACKAGE_ROOT = Path(__file__).resolve().parent.parent
BUILT_APP, SHIPPED_APP = PACKAGE_ROOT / "pwa" / "dist", PACKAGE_ROOT / "backend" / "built_app"
"""the app of a source tree, and of an installed wheel"""


class Settings(Struct, frozen=True):
    """Folders, allowed host names and limits."""

    data_dir: Path = Path("data")
    static_dir: Path = SHIPPED_APP if SHIPPED_APP.is_dir() else BUILT_APP
    """the built app; if it is missing, only the API is served"""
    allowed_hosts: tuple[str, ...] = ()
    """public host names of this server, beside the names and addresses of the machine"""
    trusted_proxies: tuple[str, ...] = ()
    """addresses of reverse proxies whose forwarded headers are trusted"""
    pairing: bool = False
    """whether only paired devices are served; see `requires_pairing`"""
    max_body_bytes: int = 1_900_000
    """enough for the largest design with its base in one sync call"""
    executor: Literal["local", "ray"] = "local"
    """where runs are trained: by processes of this machine, or in a Ray cluster"""
    ray_address: str = "auto"
    """`auto`, `local` (a cluster of this machine, made by the server), `ray://host:port` or `host:port`"""
    max_concurrent_runs: int = 1
    """with the executor `local`"""
    run_memory_bytes: int | None = None
    """what a run may take beside a loaded torch; None: its part of three quarters of the machine's memory"""
    pump_interval_s: float = 0.075
    """between two polls of the runs"""
    preload: bool = True
    """whether a process with torch is started with the server, so that the first training starts at once"""
    clean_up_after_s: float | None = 300.0
    """seconds from the start until older versions and messages are first removed; None: never"""
    prepare_exports: bool = False
    """whether the ONNX of the best and the last network is written when a run ends, so that a download starts at once"""
    measure_speed_after_s: float | None = None
    """seconds from the start, and between checks whether anything trains, until the speed is measured; None: never"""

    push_contact: str = "mailto:notifications@example.com"
    """where the operator of a push service can reach the one of this server: `mailto:` or https"""
    test_push_authority: Path | None = None
    """for tests: the authority of push services on `localhost`, which are refused without it; no option or request sets it"""

    limits: Limits = Limits()
    json_log: bool = False
    """whether each log line is a JSON object"""

    @property
    def requires_pairing(self) -> bool:
        """Whether every device must be paired; otherwise only those whose requests have a `Host` other than a loopback name."""
        return self.pairing or bool(self.allowed_hosts or self.trusted_proxies)

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
