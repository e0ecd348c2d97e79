"""Networks that play on the phone: test games and watching in moves a second, also with search, the first move, and the same
moves as the server.

All in Chromium with the app's own player, onnxruntime-web with one thread, and the rules in Pyodide. The networks are those of
templates with random weights, so their games are short; the time of a move depends on the network alone. `load` is the average
number of processes that wait for a core of this machine while it is measured.
"""

import os
import statistics
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from backend.export.inspection import InspectedPlayer, to_inspection
from backend.export.onnx_file import TOLERANCE, played_boards, to_onnx
from backend.models import GameTransformer
from backend.training.loop import Player
from backend.training.trainers import TRAINERS
from benchmarks.phone_player import PhonePlayer, phone_player, player_site
from shared_py.analysis import analyse
from shared_py.inspection import inspected_calls
from shared_py.presets import preset
from shared_py.seeded_game import legal_actions
from shared_py.training_config import AlgorithmName
from tests.support.designs import template

GAMES = 128
WATCH_S = 5
ROUNDS = 2
STARTS = 3
STAY_MS = 5000
"""on the first visit, so that the browser stores its compiled code"""
BOARDS = 1000
SLOWER = 4
"""the assumed factor between this machine and a phone; browsers cannot throttle workers, so times are multiplied"""
NOISE = 0.02
"""added to the weights, so that outputs are about as large as those of trained networks"""


class Subject(NamedTuple):
    """A network that is measured."""

    name: str
    template: str
    algorithm: AlgorithmName
    least_moves_per_s: int | str
    """of test games"""


SUBJECTS = (
    Subject("tiny_mlp_ppo", "tiny_mlp", "ppo", 1000),
    Subject("mixture_ppo", "cell_experts", "ppo", ""),
    Subject("mixture_td", "cell_experts", "afterstate_td", 200),
)
SEARCHING = (
    Subject("tiny_mlp_td", "tiny_mlp", "afterstate_td", ""),
    Subject("n_tuple_td", "n_tuple", "afterstate_td", ""),
)
"""networks that are watched with search"""
SEARCH_S = 6
WATCH_LIMIT = 100
FIRST_MOVE_LIMIT_MS = 800


def run() -> list[dict[str, object]]:
    """Write the networks, then measure one after the other."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        networks, profile = Path(folder) / "networks", Path(folder) / "profile"
        networks.mkdir()
        players = {subject.name: write(subject, networks) for subject in (*SUBJECTS, *SEARCHING)}
        with player_site(networks) as address:
            rows = first_moves(address, profile)
            with phone_player(address, profile) as phone:
                rows += [test_games(phone, subject) for subject in SUBJECTS]
                rows += [watching(phone, subject) for subject in SUBJECTS]
                rows += [searching(phone, subject) for subject in SEARCHING]
                rows += [same_moves(phone, subject, players[subject.name]) for subject in SUBJECTS]
    return rows


def write(subject: Subject, folder: Path) -> Player:
    """Export a network with random weights; the player that torch compares with."""
    torch.manual_seed(1)
    design = template(subject.template)
    analysis = analyse(design)
    model = GameTransformer.from_architecture(design)
    for parameter in model.parameters():
        parameter.data += NOISE * torch.randn_like(parameter)
    player = TRAINERS[subject.algorithm]().player_of(model.eval(), preset(subject.algorithm, analysis.sizes)).eval()
    to_onnx(player).save(folder / f"{subject.name}.plain.onnx", external_data=False)
    if calls := inspected_calls(analysis):
        inspected = InspectedPlayer(player, calls).eval()
        to_inspection(inspected).save(folder / f"{subject.name}.inspect.onnx", external_data=False)
    return player


TIMES = f"times_{SLOWER}_ms"
SHORT = {
    "first move of": {"moved_ms": "first_move_ms", "best_ms": "best_ms", "limit_ms": "limit_ms", TIMES: TIMES},
    "test games of": {"moves_per_s": "test_moves_per_s", "best": "best", "least": "least", "load": "load"},
    "watching": {"moves_per_s": "watched_moves_per_s", "least": "least_watched"},
    "searching": {f"moves_per_s_{depth}": f"searched_{depth}_per_s" for depth in range(3)},
    "boards of": {"largest_difference": "largest_difference", "other_move_where_clear": "other_moves"},
}
"""for the page: the columns of each kind of row, with their names there"""


def summary(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """One row for each network."""
    found: dict[str, dict[str, object]] = {}
    for row in rows:
        (kind, network), *_ = row.items()
        columns = {new: row[old] for old, new in SHORT[kind].items()}
        found.setdefault(str(network), {"network": network}).update(columns)
    return list(found.values())


def load_average() -> float:
    """The load of the machine in the last minute."""
    return round(os.getloadavg()[0], 1)


def first_moves(address: str, profile: Path) -> list[dict[str, object]]:
    """Start the browser again for each measurement, as after a restart; Python runs when the tap comes."""
    with phone_player(address, profile) as phone:
        for subject in SUBJECTS:
            phone.first_move(subject.name)
        phone.stay(STAY_MS)
    times: dict[str, list[dict[str, float]]] = {subject.name: [] for subject in SUBJECTS}
    for _ in range(STARTS):
        for subject in SUBJECTS:
            with phone_player(address, profile) as phone:
                times[subject.name].append(phone.first_move(subject.name))
    return [_first_move_row(subject.name, times[subject.name]) for subject in SUBJECTS]


def _first_move_row(name: str, times: list[dict[str, float]]) -> dict[str, object]:
    loaded, thought, moved = (statistics.median(each[part] for each in times) for part in ("loaded", "thought", "moved"))
    row: dict[str, object] = {"first move of": name, "loaded_ms": round(loaded), "thought_ms": round(thought)}
    row |= {"moved_ms": round(moved), "best_ms": round(min(each["moved"] for each in times)), "limit_ms": FIRST_MOVE_LIMIT_MS}
    return row | {TIMES: round(SLOWER * moved), "load": load_average()}


def test_games(phone: PhonePlayer, subject: Subject) -> dict[str, object]:
    """Test games in batches of 64, after some that are not timed."""
    phone.load(subject.name)
    phone.test(16, 10_000)
    rounds = [phone.test(GAMES, 1 + GAMES * number) for number in range(ROUNDS)]
    speeds = [moves / seconds for moves, seconds in rounds]
    row: dict[str, object] = {"test games of": subject.name, "moves": sum(moves for moves, _ in rounds)}
    row |= {"moves_per_s": round(statistics.median(speeds)), "best": round(max(speeds)), "least": subject.least_moves_per_s}
    return row | {"load": load_average()}


def watching(phone: PhonePlayer, subject: Subject) -> dict[str, object]:
    """Watch at full speed, with routing and attention where the network has them."""
    phone.load(subject.name)
    phone.watch(1, 500)
    rounds = [phone.watch(WATCH_S, 1 + 100 * number) for number in range(ROUNDS)]
    speeds = [seen["moves"] / seen["ms"] * 1000 for seen in rounds]
    updates = statistics.median(seen["frames"] / seen["ms"] * 1000 for seen in rounds)
    row: dict[str, object] = {
        "watching": subject.name,
        "moves_per_s": round(statistics.median(speeds)),
        "best": round(max(speeds)),
    }
    row |= {
        "least": WATCH_LIMIT,
        "updates_per_s": round(updates),
        "network_ms": round(min(seen["latency"] for seen in rounds), 2),
    }
    return row | {"load": load_average()}


def searching(phone: PhonePlayer, subject: Subject) -> dict[str, object]:
    """Watch at full speed without search, and looking one and two moves ahead."""
    phone.load(subject.name)
    phone.search(1, 1, 500)
    row: dict[str, object] = {"searching": subject.name}
    row |= {f"moves_per_s_{depth}": round(phone.search(depth, SEARCH_S, 1 + depth), 1) for depth in range(3)}
    return row | {"load": load_average()}


def same_moves(phone: PhonePlayer, subject: Subject, player: Player) -> dict[str, object]:
    """Compare with torch on boards where no choice of an expert is close."""
    boards = played_boards(2 * BOARDS)
    decided = boards[player.is_decided(torch.from_numpy(boards)).numpy()][:BOARDS]
    with torch.inference_mode():
        logits, values = (tensor.numpy() for tensor in player(torch.from_numpy(decided)))
    phone.load(subject.name)
    found = np.array(phone.thoughts([_state(board) for board in decided]))
    difference = max(float(np.abs(found[:, :4] - logits).max()), float(np.abs(found[:, 4] - values).max()))
    other = found[:, :4].argmax(axis=1) != logits.argmax(axis=1)
    ranked = np.sort(logits, axis=1)
    clear = ranked[:, 3] - ranked[:, 2] > TOLERANCE
    row: dict[str, object] = {"boards of": subject.name, "compared": len(decided), "largest_difference": f"{difference:.1e}"}
    return row | {"limit": TOLERANCE, "other_move": int(other.sum()), "other_move_where_clear": int((other & clear).sum())}


def _state(board: NDArray[np.int64]) -> dict[str, Any]:
    cells = tuple(board.tolist())
    return {"seed": 0, "board": cells, "score": 0, "n_moves": 0, "n_tiles": 2, "legal": legal_actions(cells)}
