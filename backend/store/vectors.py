"""Version vectors: for each client, the newest change that a version of a design includes.

The method is that of Parker et al., "Detection of mutual inconsistency in distributed systems" (IEEE TSE 1983), with the change
numbers of each client in place of counters.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from shared_py.protocol import VersionVector

_decoder = msgspec.json.Decoder(dict[str, int])
_encoder = msgspec.json.Encoder(order="deterministic")


def includes(newer: Mapping[str, int], older: Mapping[str, int]) -> bool:
    """Whether every change of `older` is part of `newer`."""
    return all(newer.get(client, -1) >= change for client, change in older.items())


def joined(one: Mapping[str, int], other: Mapping[str, int]) -> VersionVector:
    """The vector of a version that includes both."""
    return {client: max(one.get(client, -1), other.get(client, -1)) for client in {**one, **other}}


def clients_beyond(newer: Mapping[str, int], older: Mapping[str, int]) -> list[str]:
    """The clients with changes in `newer` that `older` lacks."""
    return sorted(client for client, change in newer.items() if older.get(client, -1) < change)


def encoded(vector: Mapping[str, int]) -> str:
    """The vector as stored."""
    return _encoder.encode(vector).decode()


def decoded(stored: Any) -> VersionVector:
    """A stored vector; empty for versions of older servers, and where it is damaged."""
    try:
        return _decoder.decode(stored) if stored else {}
    except (msgspec.DecodeError, UnicodeError, TypeError):
        return {}
