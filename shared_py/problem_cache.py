"""A cache of the problems of designs, for merges, which validate the same designs many times."""

from collections import OrderedDict
from hashlib import blake2b

import msgspec

from shared_py.analysis import analyse
from shared_py.design import ModelArchitecture
from shared_py.problems import Problem

MAX_DESIGNS = 256
"""designs in the cache"""
MAX_PROBLEMS = 100
"""a design with more problems is not stored"""
_ENCODER = msgspec.json.Encoder()


class _ProblemCache:
    """The problems of the designs that were used last, by everything they depend on; positions of blocks do not count."""

    def __init__(self) -> None:
        self._stored: OrderedDict[bytes, tuple[Problem, ...]] = OrderedDict()

    def of(self, design: ModelArchitecture) -> tuple[Problem, ...]:
        parts = [(item.id, item.type, item.props, item.inside, item.name or None) for item in design.components]
        key = blake2b(_ENCODER.encode((design.meta, parts, design.edges)), digest_size=16).digest()
        found = self._stored.pop(key, None)
        if found is None:
            found = tuple(analyse(design).problems)
        if len(found) <= MAX_PROBLEMS:
            self._stored[key] = found
        while len(self._stored) > MAX_DESIGNS:
            self._stored.popitem(last=False)
        return found


_cache = _ProblemCache()


def problems_of(design: ModelArchitecture) -> tuple[Problem, ...]:
    """The problems that `analyse` finds in a design."""
    return _cache.of(design)
