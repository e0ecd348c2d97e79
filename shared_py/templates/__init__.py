"""The designs one starts from, kept as files beside this one."""

from importlib.resources import files

from shared_py.decoding import decode_design
from shared_py.design import ModelArchitecture

GOOD_FOR: dict[str, str] = {
    "mixture_of_experts": "Tables feed experts, one of which plays each board: quick, strong, and you see which plays when.",
    "tiny_mlp": "Learns fastest: a small network plays the most moves in a given time.",
    "small_transformer": "Two layers in which every cell looks at all others: a plain start for designs of your own.",
    "cell_experts": "Shows which expert works on which cell, during training and in play.",
    "two_branches": "Reads the board in two ways side by side: an example of branches that join again.",
    "conv_stem": "A convolution sees neighbouring tiles, the pairs that merge, before attention sees the whole board.",
    "side_tasks": "Also learns to tell facts about the board, such as how many cells are empty.",
    "deep_checkpointed": "Many layers in little memory: each is computed twice instead of kept.",
    "n_tuple": "Tables of tile patterns instead of layers, as the strongest programs for 2048 have: high scores in minutes.",
    "n_tuple_5": "Larger tables, of five cells each: the highest scores here after ten minutes, in a file of 25 MB.",
    "repeat_and_copy": "Blocks drawn once and used several times: an example of containers and shared weights.",
}
"""what each template is good for, by its id: one sentence for the gallery"""


def load_templates() -> list[ModelArchitecture]:
    """Read every template; the first is the one a new design starts from."""
    folder = files(__package__)
    names = [item.name for item in folder.iterdir() if item.name.endswith(".json")]
    names.sort(key=lambda name: int(name.partition("_")[0]))
    return [decode_design((folder / name).read_bytes()) for name in names]
