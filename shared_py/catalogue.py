"""The palette and the property sheets as data, computed from the blocks."""

from typing import Any

import msgspec

from shared_py.blocks import BLOCKS
from shared_py.blocks.base import KINDS, Block
from shared_py.properties import Property, properties_of
from shared_py.resolution import META_ANNOTATIONS, meta_fields


def block_catalogue() -> dict[str, Any]:
    """Everything a screen needs to offer blocks and edit their properties, JSON-ready."""
    meta: dict[str, Property] = {}
    for block in BLOCKS:
        for name, rule in properties_of(block).items():
            if name in META_ANNOTATIONS:
                meta.setdefault(name, rule)
    return {
        "version": 1,
        "kinds": list(KINDS),
        "blocks": [_entry(block) for block in BLOCKS],
        "meta": [msgspec.to_builtins(meta[name]) for name in META_ANNOTATIONS],
    }


def _entry(block: type[Block]) -> dict[str, Any]:
    return {
        "type": block.type,
        "title": block.title,
        "kind": block.kind,
        "summary": block.summary,
        "min_inputs": block.min_inputs,
        "max_inputs": block.max_inputs,
        "has_output": block.role not in ("policy", "value", "sink"),
        "training_only": block.training_only,
        "properties": [msgspec.to_builtins(rule) for rule in properties_of(block, meta_fields(block)).values()],
    }
