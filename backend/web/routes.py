"""Whether the server takes requests."""

from importlib.metadata import version
from typing import Literal

from litestar import get
from litestar.di import NamedDependency
from msgspec import Struct

from backend.store.database import Store


class Health(Struct, frozen=True):
    """That the server is up, which version it is, and the epoch of what it keeps."""

    status: Literal["ok"]
    version: str
    epoch: str


@get("/api/health")
async def health(store: NamedDependency[Store]) -> Health:
    """Answer as soon as the server takes requests."""
    return Health("ok", version("model-studio"), store.epoch)
