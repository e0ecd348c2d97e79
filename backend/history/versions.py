"""Versions of a design as a person sees them, and going back to one."""

from backend.errors import NotFound
from backend.store.database import Transaction
from backend.store.designs import find_design, stale, write_design
from backend.store.revisions import (
    current_number,
    document_of,
    revisions_of,
    unname_version,
)
from backend.web.etag import names
from shared_py.design import ModelArchitecture
from shared_py.protocol import Revision


def list_versions(transaction: Transaction, design_id: str, before: int | None, limit: int) -> list[Revision]:
    """The versions of a design, also of a deleted one, newest first; NotFound."""
    if find_design(transaction, design_id) is None:
        raise NotFound(f"There is no design {design_id}")
    current = current_number(transaction, design_id)
    return [
        Revision(version.number, version.etag, version.stored_at, version.number == current, version.name, version.device)
        for version in revisions_of(transaction, design_id, before, limit)
    ]


def restore_version(transaction: Transaction, design_id: str, etag: str, if_match: str | None) -> ModelArchitecture:
    """Store an earlier version as a new one; NotFound, or PreconditionFailed if the design has changed."""
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
