"""Generated designs, valid and invalid: the phone's Python must answer byte for byte what the server's does."""

import tempfile
from pathlib import Path

import msgspec
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from benchmarks.phone_python import PhonePython, phone_python, site
from shared_py import pyodide_api
from shared_py.design import ModelArchitecture
from tests.support.strategies import drawings, valid_designs

COUNT = 1000


def run() -> list[dict[str, object]]:
    """Validate each design with both, and generate the code of the valid ones."""
    designs = made_up(COUNT)
    with tempfile.TemporaryDirectory() as folder, site() as address, phone_python(address, "pack", Path(folder)) as python:
        counts = [_compare(python, design) for design in designs]
    valid, same = sum(valid for valid, _ in counts), sum(same for _, same in counts)
    return [{"designs": len(designs), "valid": valid, "identical": same, "different": len(designs) - same}]


def made_up(count: int) -> list[ModelArchitecture]:
    """`count` designs, the same ones every time, about half of them valid."""
    designs: list[ModelArchitecture] = []

    @seed(2048)
    @settings(max_examples=count, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(st.one_of(valid_designs(), drawings()))
    def collect(design: ModelArchitecture) -> None:
        designs.append(design)

    collect()
    return designs[:count]


def _compare(python: PhonePython, design: ModelArchitecture) -> tuple[bool, bool]:
    """Whether the design is valid, and whether all answers are the same bytes."""
    text = msgspec.json.encode(design).decode()
    expected = pyodide_api.validate(text)
    same = python.call("validate", text)[0]["output"].encode() == expected
    valid = bool(msgspec.json.decode(expected)["valid"])
    if valid:
        same = same and python.call("generate", text)[0]["output"].encode() == pyodide_api.generate(text)
    return valid, same
