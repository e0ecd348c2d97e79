"""What a drawing is made of: the wire form of a design, its canonical bytes and its hash; it knows no block."""

import hashlib
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

SCHEMA_VERSION = 1

Identifier = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,63}\Z", title="id")]
Coordinate = Annotated[float, Meta(ge=-1e6, le=1e6)]


class Defaults(Struct, frozen=True, forbid_unknown_fields=True):
    """Design-wide values that a component takes for a property it leaves out."""

    d_model: int = 128
    n_heads: int = 4
    n_experts: int = 4


class Component(Struct, frozen=True, forbid_unknown_fields=True):
    """One placed block: its id, the name of its block, the properties that differ from the defaults, its place in px."""

    id: Identifier
    type: Annotated[str, Meta(min_length=1, max_length=64)]
    props: dict[str, Any] = {}
    x: Coordinate = 0.0
    y: Coordinate = 0.0


class ModelArchitecture(Struct, frozen=True, forbid_unknown_fields=True):
    """A design: components and the edges between them, in the version of the schema it was written in."""

    id: Identifier
    name: Annotated[str, Meta(min_length=1, max_length=120)] = "Untitled"
    schema_version: int = SCHEMA_VERSION
    meta: Defaults = Defaults()
    components: Annotated[list[Component], Meta(max_length=2000)] = []
    edges: Annotated[list[tuple[Identifier, Identifier]], Meta(max_length=8000)] = []
