"""The blocks and templates one draws with."""

from typing import Any

from litestar import get

from shared_py.catalogue import block_catalogue
from shared_py.design import ModelArchitecture
from shared_py.templates import load_templates


@get("/api/blocks")
async def blocks() -> dict[str, Any]:
    """Every block with its properties, bounds, defaults and help."""
    return block_catalogue()


@get("/api/templates")
async def templates() -> list[ModelArchitecture]:
    """The designs one starts from."""
    return load_templates()
