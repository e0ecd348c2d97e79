"""A design as it is sent and stored, its canonical bytes and its hashes; it does not depend on blocks."""

import hashlib
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType, structs

SCHEMA_VERSION = 3
"""the newest version of the schema, in which components can have names"""
PLAIN_VERSION = 2
"""what a design without named components is written in, so that an app of that version reads it too"""
MAX_COMPONENTS = 2000
MAX_EDGES = 8000
MAX_DEPTH = 8
"""containers within containers"""

IDENTIFIER_PATTERN = r"^[a-z][a-z0-9_]{0,63}\Z"
Identifier = Annotated[str, Meta(pattern=IDENTIFIER_PATTERN, title="id")]
Coordinate = Annotated[float, Meta(ge=-1e6, le=1e6)]
PropertyName = Annotated[str, Meta(max_length=64)]
EdgeEnd = Annotated[str, Meta(max_length=64, title="id", extra_json_schema={"pattern": IDENTIFIER_PATTERN})]
"""the id of a component; checked by looking it up among the components, which is faster than matching a pattern"""
Edge = tuple[EdgeEnd, EdgeEnd]
ComponentName = Annotated[str, Meta(min_length=1, max_length=60, pattern=r"\S")]
"""what a person calls a component; it is not blank"""


class Defaults(Struct, frozen=True, forbid_unknown_fields=True, cache_hash=True):
    """Design-wide values that a component takes for a property it leaves out."""

    d_model: int = 128
    n_heads: int = 4
    n_experts: int = 4


class Component(Struct, frozen=True, forbid_unknown_fields=True):
    """One placed block: its id, the name of its block, the properties that differ from the defaults, its place in px.

    `inside` names its container; null is the top level. Edges connect components of the same container. A component without
    a `name` is called by the title of its block; the field is then left out, so that the document is as in version 2.
    """

    id: Identifier
    type: Annotated[str, Meta(min_length=1, max_length=64)]
    props: Annotated[dict[PropertyName, Any], Meta(max_length=64)] = {}
    x: Coordinate = 0.0
    y: Coordinate = 0.0
    inside: Identifier | None = None
    name: ComponentName | UnsetType = UNSET


class ModelArchitecture(Struct, frozen=True, forbid_unknown_fields=True):
    """A design: components and the edges between them, in the oldest version of the schema that can express it."""

    id: Identifier
    name: Annotated[str, Meta(min_length=1, max_length=120)] = "Untitled"
    schema_version: int = PLAIN_VERSION
    meta: Defaults = Defaults()
    components: Annotated[list[Component], Meta(max_length=MAX_COMPONENTS)] = []
    edges: Annotated[list[Edge], Meta(max_length=MAX_EDGES)] = []


def version_of(design: ModelArchitecture) -> int:
    """The version of the schema that a design needs."""
    named = any(component.name is not UNSET for component in design.components)
    return SCHEMA_VERSION if named else PLAIN_VERSION


def in_its_version(design: ModelArchitecture) -> ModelArchitecture:
    """The design with the `schema_version` that its components need; the same object where it has that."""
    version = version_of(design)
    return design if design.schema_version == version else structs.replace(design, schema_version=version)


_CANONICAL = msgspec.json.Encoder(order="sorted")


def canonical_bytes(design: ModelArchitecture) -> bytes:
    """Write a design as JSON with sorted keys, the same bytes for equal documents on every machine."""
    return _CANONICAL.encode(design)


def etag_of(design: ModelArchitecture) -> str:
    """Hash the whole document, names and places included (32 hexadecimal digits of SHA-256)."""
    return etag_of_bytes(canonical_bytes(design))


def etag_of_bytes(canonical: bytes) -> str:
    """Hash a document that is already written as `canonical_bytes`."""
    return hashlib.sha256(canonical).hexdigest()[:32]


def design_hash(design: ModelArchitecture) -> str:
    """Hash only what decides the network (64 hexadecimal digits of SHA-256).

    Names, places on the canvas and the order of components do not count; the order of one target's edges does.
    """
    meaning = {
        "meta": design.meta,
        "components": {component.id: (component.type, component.props, component.inside) for component in design.components},
        "edges": sorted(design.edges, key=lambda edge: edge[1]),
    }
    return hashlib.sha256(_CANONICAL.encode(meaning)).hexdigest()
