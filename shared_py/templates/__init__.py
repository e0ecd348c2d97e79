"""The designs one starts from, kept as files beside this one."""

from importlib.resources import files

from shared_py.decoding import decode_design
from shared_py.design import ModelArchitecture

GOOD_FOR: dict[str, str] = {
    "mixture_of_experts": "Tables feed experts, one of which plays each board: quick, strong, and you see which plays when.",
    "tiny_mlp": "Learns fastest: a small network plays the most moves in a given time.",
    "small_transformer": "Two layers in which every cell looks at all others: a plain start for designs of your own.",
    "cell_experts": "Shows which expert works on which cell, during training and in play.",
    "conv_2x2": "Two convolutions over squares of four cells, as many public networks for 2048 have them.",
    "squeeze_excitation": "A look at the whole board turns each feature of the cells up or down: an example of a gate.",
    "residual_tower": "Convolutions with shortcuts, drawn once and repeated, with two outputs: small, but built like AlphaZero.",
    "n_tuple": "Tables of tile patterns instead of layers, as the strongest programs for 2048 have: high scores in minutes.",
    "n_tuple_5": "Larger tables, of five cells each: the highest scores here after ten minutes, in a file of 25 MB.",
    "n_tuple_experts": "Tables of tile patterns whose entries go on to experts: tables and a mixture in one network.",
}
"""what each template is good for, by its id: one sentence for the gallery"""


def load_templates() -> list[ModelArchitecture]:
    """Read every template; the first is the one a new design starts from."""
    folder = files(__package__)
    names = [item.name for item in folder.iterdir() if item.name.endswith(".json")]
    names.sort(key=lambda name: int(name.partition("_")[0]))
    return [decode_design((folder / name).read_bytes()) for name in names]
