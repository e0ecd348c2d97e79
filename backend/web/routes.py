"""`GET /api/health`."""

from importlib.metadata import version
from typing import Literal

from litestar import get
from litestar.di import NamedDependency
from msgspec import Struct

from backend.store.database import Condition, Store

PATIENCE_S = 0.2
"""to find out whether the database is sound; after that the last thing known is the answer"""


class Unreadable(Struct, frozen=True):
    """A stored design that cannot be read, and why."""

    id: str
    problem: str


class Health(Struct, frozen=True):
    """That the server is up, its version, the epoch of its database, and whether all of it can be read."""

    status: Literal["ok"]
    version: str
    epoch: str
    database: Condition = "ok"
    problem: str | None = None
    """what is wrong with the database and what to do; null when it is ok"""
    unreadable: list[Unreadable] = []


@get("/api/health")
async def health(store: NamedDependency[Store]) -> Health:
    """Answer as soon as the server takes requests, also while the database is busy."""
    await store.look(PATIENCE_S)
    unreadable = [Unreadable(*design) for design in store.unreadable]
    return Health("ok", version("model-studio"), store.epoch, store.condition, store.problem, unreadable)
