"""`GET /api/leaderboard`."""

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from backend.leaderboard.ranking import rank
from backend.runs.service import RunService
from backend.store.database import Store
from backend.web.litestar_adapters import allow_query, problems
from shared_py.protocol import Leaderboard

MAX_MINUTES = 1_000_000
Minutes = Annotated[
    int,
    QueryParameter(
        name="processor_minutes",
        ge=1,
        le=MAX_MINUTES,
        description="The budget in minutes of processor time: each run is ranked by its last test games within it.",
    ),
]
MaxParameters = Annotated[
    int | None,
    QueryParameter(name="max_parameters", ge=0, le=2**53 - 1, description="The most parameters that a network may have."),
]


@get(
    "/api/leaderboard",
    guards=[allow_query("processor_minutes", "max_parameters", whole_numbers=["processor_minutes", "max_parameters"])],
    responses=problems(s422="no such parameter, or out of bounds"),
)
async def leaderboard(
    store: NamedDependency[Store],
    training: NamedDependency[RunService],
    processor_minutes: Minutes = 15,
    max_parameters: MaxParameters = None,
) -> Leaderboard:
    """The designs by the score of their best run within an equal budget of processor time; a run needs test games to count."""
    return await rank(store, training, processor_minutes, max_parameters)
