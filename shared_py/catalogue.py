"""The palette and the property sheets as data, computed from the blocks."""

from typing import Any

import msgspec
from msgspec import Struct

from shared_py.blocks import BLOCKS
from shared_py.blocks.base import KINDS, Block
from shared_py.design import SCHEMA_VERSION
from shared_py.properties import Property, properties_of
from shared_py.resolution import META_ANNOTATIONS, meta_fields


class BlockKind(Struct, frozen=True):
    """What a screen has to know of a block to offer it, draw it and edit it."""

    type: str
    title: str
    kind: str
    """the family of the block, one of `kinds`"""
    summary: str
    min_inputs: int
    max_inputs: int | None
    """null: any number"""
    has_output: bool
    container: bool
    """whether it can contain components"""
    training_only: bool
    properties: list[Property]
    keywords: list[str] = []
    """other words by which people look for it"""


class Catalogue(Struct, frozen=True):
    """Every block, the families they belong to, and the values a design gives to all of them."""

    version: int
    """of this catalogue's own form"""
    schema_version: int
    """of the designs that it describes"""
    kinds: list[str]
    blocks: list[BlockKind]
    meta: list[Property]


def block_catalogue() -> dict[str, Any]:
    """Everything a screen needs to offer blocks and edit their properties, JSON-ready."""
    meta: dict[str, Property] = {}
    for block in BLOCKS:
        for name, rule in properties_of(block).items():
            if name in META_ANNOTATIONS:
                meta.setdefault(name, rule)
    entries = [_entry(block) for block in BLOCKS]
    catalogue = Catalogue(1, SCHEMA_VERSION, list(KINDS), entries, [meta[name] for name in META_ANNOTATIONS])
    told: dict[str, Any] = msgspec.to_builtins(catalogue)
    return told


def _entry(block: type[Block]) -> BlockKind:
    return BlockKind(
        type=block.type,
        title=block.title,
        kind=block.kind,
        summary=block.summary,
        min_inputs=block.min_inputs,
        max_inputs=block.max_inputs,
        has_output=block.role not in ("policy", "value", "sink"),
        container=block.container,
        training_only=block.training_only,
        properties=list(properties_of(block, meta_fields(block)).values()),
        keywords=list(block.keywords),
    )
