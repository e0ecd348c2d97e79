"""`GET /api/machine`."""

from litestar import get
from litestar.di import NamedDependency

from backend.machine.desk import MachineDesk
from shared_py.protocol import Machine


@get("/api/machine")
async def machine(machines: NamedDependency[MachineDesk]) -> Machine:
    """Cores and memory, and the speed at training once it has been measured."""
    return machines.machine()
