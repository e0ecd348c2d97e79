"""`GET /api/machine`."""

from litestar import get
from litestar.di import NamedDependency

from backend.machine.service import MachineService
from shared_py.protocol import Machine


@get("/api/machine")
async def machine(machines: NamedDependency[MachineService]) -> Machine:
    """Cores and memory, and the speed at training once it has been measured."""
    return machines.machine()
