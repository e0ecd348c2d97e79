"""How large a network may be drawn: beyond this nobody could train or play it here."""

from shared_py.blocks.base import Sizes
from shared_py.problems import Problem

MAX_PARAMETERS = 100_000_000
"""a network beyond this is refused: no phone could play it, and a small server could not hold it while training"""

MAX_CALLS = 4000
"""blocks computed for one board; repeats within repeats would run for ever"""

MAX_MULTIPLY_ADDS = 4_000_000_000
"""of one board's forward pass; beyond it a compile's proofs alone take minutes on a small server"""

MAX_BOARD_BYTES = 64_000_000
"""kept of one board for the backward pass; a small server trains dozens at once"""

MAX_LEVELS = 32
"""containers that run within each other, links followed"""


def check_limits(sizes: Sizes) -> list[Problem]:
    """Check the sums over a drawing."""
    found = []
    if sizes.parameters > MAX_PARAMETERS:
        message = f"the network has {sizes.parameters:,} parameters; at most {MAX_PARAMETERS:,} can be trained here"
        found.append(Problem("too_large", message, expected=str(MAX_PARAMETERS), received=str(sizes.parameters)))
    if sizes.calls > MAX_CALLS:
        message = f"one board would run {sizes.calls:,} blocks; at most {MAX_CALLS:,} can be trained here"
        found.append(Problem("too_many_calls", message, expected=str(MAX_CALLS), received=str(sizes.calls)))
    if sizes.flops > MAX_MULTIPLY_ADDS:
        message = f"one board takes {sizes.flops:,} multiply-adds; at most {MAX_MULTIPLY_ADDS:,} can be trained here"
        found.append(Problem("too_heavy", message, expected=str(MAX_MULTIPLY_ADDS), received=str(sizes.flops)))
    kept = max(sizes.activation_bytes, sizes.uncheckpointed_bytes)
    if kept > MAX_BOARD_BYTES:
        message = f"training keeps {kept // 1_000_000:,} MB for each board; at most {MAX_BOARD_BYTES // 1_000_000} MB can be kept"
        found.append(Problem("too_much_memory", message, expected=str(MAX_BOARD_BYTES), received=str(kept)))
    if sizes.levels > MAX_LEVELS:
        message = f"containers run {sizes.levels} levels deep within each other; at most {MAX_LEVELS} levels are allowed"
        found.append(Problem("too_deep", message, expected=str(MAX_LEVELS), received=str(sizes.levels)))
    return found
