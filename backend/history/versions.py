"""Versions of a design as a person sees them, and going back to one."""

import asyncio
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from backend.errors import NotFound, UnreadableDesign
from backend.store.database import Store, Transaction
from backend.store.designs import find_design, stale, write_design
from backend.store.revisions import (
    StoredRevision,
    current_number,
    document_of,
    documents_of,
    revisions_of,
    unname_version,
)
from backend.store.stored import read_document
from backend.web.etag import names
from shared_py.design import ModelArchitecture
from shared_py.difference import difference
from shared_py.protocol import Revision

MAX_COMPARED_BYTES = 2_000_000
"""documents that are compared for one page of versions; what older ones changed is left out"""


async def list_versions(store: Store, design_id: str, before: int | None, limit: int) -> list[Revision]:
    """The versions of a design, also of a deleted one, newest first, each with what differs from the one below; NotFound."""
    stored, current, documents = await store.call(_read, design_id, before, limit)
    changes = await asyncio.to_thread(_changes, design_id, [documents.get(version.number) for version in stored])
    return [
        Revision(
            version.number, version.etag, version.stored_at, version.number == current,
            name=version.name, device=version.device, device_id=version.device_id, change=change,
        )
        for version, change in zip(stored[:limit], [*changes, ""], strict=False)
    ]  # fmt: skip


def _read(
    transaction: Transaction, design_id: str, before: int | None, limit: int
) -> tuple[list[StoredRevision], int | None, dict[int, Any]]:
    """The versions of a page and the next one, the number of the current one, and the documents to compare."""
    if find_design(transaction, design_id) is None:
        raise NotFound(f"There is no design {design_id}")
    stored = revisions_of(transaction, design_id, before, limit + 1)
    return stored, current_number(transaction, design_id), documents_of(transaction, [version.number for version in stored])


def _changes(design_id: str, documents: Sequence[Any]) -> list[str]:
    """What differs from each version to the one before it, newest first; empty where one of the two cannot be read."""
    budget = MAX_COMPARED_BYTES
    designs: list[ModelArchitecture | None] = []
    for document in documents:
        budget -= len(document) if isinstance(document, str) else 0
        designs.append(_decoded(design_id, document) if budget >= 0 else None)
    return [
        "" if after is None or earlier is None else difference(earlier, after).summary for after, earlier in pairwise(designs)
    ]


def _decoded(design_id: str, document: Any) -> ModelArchitecture | None:
    try:
        return read_document(design_id, document)
    except UnreadableDesign:
        return None


def restore_version(transaction: Transaction, design_id: str, etag: str, if_match: str | None) -> ModelArchitecture:
    """Store an earlier version as a new one; NotFound, UnreadableDesign, or PreconditionFailed if the design has changed."""
    document = document_of(transaction, design_id, etag)
    before = find_design(transaction, design_id)
    if before is not None and not before.deleted and if_match is not None and not names(if_match, before.meta.etag):
        raise stale(before)
    write_design(transaction, document, before)
    return document


def remove_version_name(transaction: Transaction, design_id: str, etag: str) -> None:
    """Remove the name of a version; NotFound."""
    document_of(transaction, design_id, etag)
    unname_version(transaction, design_id, etag)
