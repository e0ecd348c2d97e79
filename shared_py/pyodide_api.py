"""The calls the phone makes: a design as JSON text in, JSON bytes out; no state is kept between them."""

from typing import Annotated

import msgspec

from shared_py.analysis import analyse
from shared_py.codegen import generate_source
from shared_py.decoding import decode_design
from shared_py.difference import difference as find_difference
from shared_py.edge_edits import rewired
from shared_py.forecasting import forecast as forecast_run
from shared_py.placement import blocks_that_fit
from shared_py.placement import find_place as best_place
from shared_py.presets import offer_recipes
from shared_py.protocol import Action, Cells, GameRecord, GameState, Machine, Seed, SweepSpec
from shared_py.search_tree import MAX_DEPTH
from shared_py.search_tree import search_tree as tree_of
from shared_py.seeded_game import afterstates, new_game, play_move, replay_record
from shared_py.sweep import plan_or_problem
from shared_py.training_config import AlgorithmName, RewardForm, TrainConfig
from shared_py.validation import check_connection, validate_design, validate_text

_ENCODER = msgspec.json.Encoder()
_SEEDS = msgspec.json.Decoder(list[Seed])
_STATES = msgspec.json.Decoder(list[GameState])
_ACTIONS = msgspec.json.Decoder(list[Action])
_BOARDS = msgspec.json.Decoder(list[Cells])
_DEPTH = msgspec.json.Decoder(Annotated[int, msgspec.Meta(ge=1, le=MAX_DEPTH)])
_REWARD = msgspec.json.Decoder(RewardForm)


def validate(design_json: str) -> bytes:
    """Return a `ValidationResult`, also for invalid JSON."""
    return _ENCODER.encode(validate_text(design_json))


def generate(design_json: str) -> bytes:
    """Answer a `GeneratedSource`; raises `ValueError` when the design is not valid."""
    return _ENCODER.encode(generate_source(decode_design(design_json)))


def can_connect(design_json: str, source: str, target: str) -> bytes:
    """Answer a `ConnectionCheck` on an edge that is not drawn yet."""
    return _ENCODER.encode(check_connection(decode_design(design_json), source, target))


def find_place(design_json: str, component_id: str, near: str, target: str) -> bytes:
    """Return the best `Placement` of a component that is in the design without edges, and the design's validation with it.

    The edge from `near` to `target` is tried first, or what is around `near`; an empty text names no component.
    """
    design = decode_design(design_json)
    placement = best_place(design, component_id, near or None, target or None)
    connected = msgspec.structs.replace(design, edges=rewired(design.edges, placement.cut, placement.join))
    return _ENCODER.encode(msgspec.structs.replace(placement, validation=validate_design(connected)))


def fitting_blocks(design_json: str, near: str, target: str) -> bytes:
    """Answer the types of blocks that fit around a component, or with a `target` on the edge to it, without a new problem.

    With an empty text for `near`, those that fit anywhere at the top level.
    """
    return _ENCODER.encode(blocks_that_fit(decode_design(design_json), near or None, target or None))


def forecast(design_json: str, config_json: str, machine_json: str) -> bytes:
    """Answer a `Forecast` of a run; `machine_json` may be `null`."""
    config = msgspec.json.decode(config_json, type=TrainConfig)
    machine = msgspec.json.decode(machine_json, type=Machine | None)
    return _ENCODER.encode(forecast_run(analyse(decode_design(design_json)).sizes, config, machine))


def recipes(design_json: str, algorithm: AlgorithmName, machine_json: str, own_moves_json: str) -> bytes:
    """Answer a list of `RecipeOffer` for this design, the shortest first and one of own length last.

    `machine_json` and `own_moves_json` may be `null`; then no speed is known, and no own length is offered.
    """
    machine = msgspec.json.decode(machine_json, type=Machine | None)
    own_moves = msgspec.json.decode(own_moves_json, type=int | None)
    return _ENCODER.encode(offer_recipes(algorithm, analyse(decode_design(design_json)).sizes, machine, own_moves))


def plan_sweep(design_json: str, spec_json: str, machine_json: str) -> bytes:
    """Answer the `SweepPlan` of a `SweepSpec`; one with a problem and no trials where it cannot be planned."""
    spec = msgspec.json.decode(spec_json, type=SweepSpec)
    machine = msgspec.json.decode(machine_json, type=Machine | None)
    return _ENCODER.encode(plan_or_problem(decode_design(design_json), spec, machine))


def upgrade(design_json: str) -> bytes:
    """Answer the same design in the newest version of the schema."""
    return _ENCODER.encode(decode_design(design_json))


def difference(before_json: str, after_json: str) -> bytes:
    """Answer the `DesignDifference` of two versions of a design."""
    return _ENCODER.encode(find_difference(decode_design(before_json), decode_design(after_json)))


def new_games(seeds_json: str) -> bytes:
    """Return a list of `GameState`, the start of the game of each seed of a list."""
    return _ENCODER.encode([new_game(seed) for seed in _SEEDS.decode(seeds_json)])


def play_moves(states_json: str, actions_json: str, with_motions: str) -> bytes:
    """Return a list of `PlayedMove`, one for each `GameState` of a list with its action; `with_motions` is `true` or `false`.

    ValueError where a move is not legal or the two lists differ in length; then no move is returned.
    """
    asked = msgspec.json.decode(with_motions, type=bool)
    pairs = zip(_STATES.decode(states_json), _ACTIONS.decode(actions_json), strict=True)
    return _ENCODER.encode([play_move(state, action, with_motions=asked) for state, action in pairs])


def replay_game(record_json: str) -> bytes:
    """Return the final `GameState` of a `GameRecord`; `ValueError` where it does not follow the rules."""
    return _ENCODER.encode(replay_record(msgspec.json.decode(record_json, type=GameRecord)))


def boards_after(board_json: str) -> bytes:
    """Return the four boards right after each move of a board; that of a move that is not legal is the board itself."""
    return _ENCODER.encode(afterstates(msgspec.json.decode(board_json, type=Cells)))


def search_tree(boards_json: str, depth_json: str, reward_json: str) -> bytes:
    """Return the boards of a search from the boards of a list, as `shared_py.search_tree` describes them; not JSON."""
    boards = [bytes(board) for board in _BOARDS.decode(boards_json)]
    return tree_of(boards, _DEPTH.decode(depth_json), _REWARD.decode(reward_json))
