"""The rule of asynchronous successive halving (ASHA, Li et al. 2020, https://arxiv.org/abs/1810.05934); it knows no runs."""

from collections.abc import Collection, Mapping, Sequence

ETA = 3
"""one in this many trials goes on at each rung"""


def rungs_of(total_steps: int, trials: int, eta: int = ETA) -> list[int]:
    """The moves at which trials are compared, the fewest first: as many rungs as leave at least one trial at the end."""
    if trials < 2:
        return []
    count, left = 1, trials // eta
    while left >= eta:
        count, left = count + 1, left // eta
    rungs = [-(-total_steps // eta**power) for power in range(count, 0, -1)]
    return sorted({rung for rung in rungs if rung < total_steps})


def places_of(reached: int, *, closed: bool, eta: int = ETA) -> int:
    """How many of the trials that reached a rung may go on: at least one of a closed rung, which no other trial will reach."""
    places = reached // eta
    return max(1, places) if closed and reached else places


def promotable(scores: Mapping[int, float], promoted: Collection[int], *, closed: bool, eta: int = ETA) -> list[int]:
    """The trials of a rung that may go on and have not yet, best first.

    `scores` are those of all trials that reached the rung. A trial goes on once it is in the best 1/eta of them; as in ASHA, one
    that went on earlier keeps going when better ones arrive. Of equal scores the lower number comes first.
    """
    ranked = sorted(scores, key=lambda number: (-scores[number], number))
    places = places_of(len(ranked), closed=closed, eta=eta)
    return [number for number in ranked[:places] if number not in promoted]


def expected_moves(total_steps: int, trials: int, rungs: Sequence[int], eta: int = ETA) -> float:
    """The moves of a sweep in which each rung passes one in eta."""
    if not rungs:
        return float(total_steps * trials)
    moves, left, before = 0.0, trials, 0
    for rung in (*rungs, total_steps):
        moves += left * (rung - before)
        left, before = places_of(left, closed=True, eta=eta), rung
    return moves
