"""The problems of designs, remembered for callers that ask about the same designs again and again, as merges do."""

from collections import OrderedDict
from hashlib import blake2b

import msgspec

from shared_py.analysis import analyse
from shared_py.design import ModelArchitecture
from shared_py.problems import Problem

REMEMBERED_DESIGNS = 256
"""whose problems are remembered"""
MAX_REMEMBERED = 100
"""problems of one design that are remembered"""
_ENCODER = msgspec.json.Encoder()


class _NewestProblems:
    """The problems of the designs that were asked about last, by all that they depend on: names and places do not count."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, tuple[Problem, ...]] = OrderedDict()

    def of(self, design: ModelArchitecture) -> tuple[Problem, ...]:
        parts = [(item.id, item.type, item.props, item.inside) for item in design.components]
        key = blake2b(_ENCODER.encode((design.meta, parts, design.edges)), digest_size=16).digest()
        found = self._known.pop(key, None)
        if found is None:
            found = tuple(analyse(design).problems)
        if len(found) <= MAX_REMEMBERED:
            self._known[key] = found
        while len(self._known) > REMEMBERED_DESIGNS:
            self._known.popitem(last=False)
        return found


_newest_problems = _NewestProblems()


def problems_of(design: ModelArchitecture) -> tuple[Problem, ...]:
    """The problems that `analyse` finds in a design."""
    return _newest_problems.of(design)
