"""The designs one starts from, kept as files beside this one."""

from importlib.resources import files

from shared_py.decoding import decode_design
from shared_py.design import ModelArchitecture


def load_templates() -> list[ModelArchitecture]:
    """Read every template; the first is the one a new design starts from."""
    folder = files(__package__)
    names = sorted(item.name for item in folder.iterdir() if item.name.endswith(".json"))
    return [decode_design((folder / name).read_bytes()) for name in names]
