"""`POST /api/runs/{id}/evaluate`: test games of a stored checkpoint, with or without search."""

from litestar import post
from litestar.di import NamedDependency
from litestar.params import FromPath

from backend.checkpoint_games.evaluation import CheckpointGames
from backend.ids import checked_id
from backend.runs.service import RunService
from backend.web.bodies import read_struct
from backend.web.clients import AnyRequest, ClientId, client_of, while_connected
from backend.web.litestar_adapters import json_body, problems
from shared_py.protocol import CheckpointEvaluation, EvaluationRequest


@post(
    "/api/runs/{run_id:str}/evaluate",
    operation_class=json_body(EvaluationRequest, required=False),
    status_code=200,
    responses=problems(
        s404="no such run or checkpoint",
        s409="nothing trained yet, damaged, or no search over the values of this network",
        s422="no such depth, number of games or checkpoint",
    ),
)
async def evaluate_run(
    request: AnyRequest,
    run_id: FromPath[str],
    training: NamedDependency[RunService],
    checkpoint_games: NamedDependency[CheckpointGames],
    client_id: ClientId = None,
) -> CheckpointEvaluation:
    """Play seeded test games with a checkpoint and answer how they ended; they end when the client disconnects."""
    body = await request.body()
    asked = read_struct(body, EvaluationRequest) if body else EvaluationRequest()
    folder = await training.folder(checked_id("run", run_id))
    return await while_connected(request, checkpoint_games.evaluate(folder, asked, client_of(request, client_id)))
