"""Earlier versions of designs: listed, read, named, and thinned as they get older."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from backend.errors import NotFound, TooManyNames
from backend.store.database import Transaction
from backend.store.stored import read_document, text_of
from shared_py.design import ModelArchitecture

MAX_NAMED = 100
"""named versions of one design"""
NEWEST_KEPT = 50
"""versions of a design that are kept whatever their age, also where the clock of the server was wrong"""
MINUTELY_FOR, HOURLY_FOR, DAILY_FOR = timedelta(days=1), timedelta(days=7), timedelta(days=30)
"""ages up to which the last version of each minute is kept, or of each hour, or of each day; after that the last of each week"""
THINNED_AT_ONCE = 100
"""versions in one transaction, so that others need not wait long"""
BOUNDED_EVERY = 50
"""versions of a design after which they are thinned without waiting for the background work"""
ROWS_KEPT = 20_000
"""versions of a design whose rows are kept, with or without document; the etag of an older one is unknown"""


class StoredRevision(Struct, frozen=True):
    """A stored version without its document."""

    number: int
    etag: str
    stored_at: str
    name: str
    """empty if a person has not named it"""
    device: str
    """name of the device that the change came from; empty where it is not known"""
    device_id: str
    """empty where it is not known"""


def revisions_of(transaction: Transaction, design_id: str, before: int | None, limit: int) -> list[StoredRevision]:
    """The versions of a design whose documents are kept, newest first, from those below a number on."""
    names = _names(transaction, design_id)
    rows = transaction.rows(
        "SELECT revisions.id, etag, stored_at, devices.name, clients.device_id FROM revisions"
        " LEFT JOIN clients ON clients.client_id = client LEFT JOIN devices ON devices.device_id = clients.device_id"
        " WHERE design_id = ? AND thinned = 0 AND revisions.id < ? ORDER BY revisions.id DESC LIMIT ?",
        design_id, 2**62 if before is None else before, limit,
    )  # fmt: skip
    return [
        StoredRevision(number, text_of(etag), text_of(time), names.get(text_of(etag), ""), text_of(device), text_of(device_id))
        for number, etag, time, device, device_id in rows
    ]


def documents_of(transaction: Transaction, numbers: Sequence[int]) -> dict[int, Any]:
    """The documents of versions by their numbers, as they are stored."""
    places = ", ".join("?" * len(numbers))
    return dict(transaction.rows(f"SELECT id, document FROM revisions WHERE id IN ({places})", *numbers))  # noqa: S608  # only ?


def current_number(transaction: Transaction, design_id: str) -> int | None:
    """The number of the version that a living design has now."""
    row = transaction.row(
        "SELECT max(revisions.id) FROM revisions JOIN designs ON designs.id = design_id AND designs.etag = revisions.etag"
        " WHERE design_id = ? AND deleted = 0",
        design_id,
    )
    return None if row is None else row[0]


def document_of(transaction: Transaction, design_id: str, etag: str) -> ModelArchitecture:
    """The document of a version; NotFound, UnreadableDesign."""
    row = transaction.row(
        "SELECT document FROM revisions WHERE design_id = ? AND etag = ? AND thinned = 0 ORDER BY id DESC LIMIT 1",
        design_id, etag,
    )  # fmt: skip
    if row is None:
        raise _no_version(design_id)
    return read_document(design_id, row[0])


def _no_version(design_id: str) -> NotFound:
    return NotFound(f"There is no such version of design {design_id}; older versions that have no name are thinned out")


def name_version(transaction: Transaction, design_id: str, etag: str, name: str) -> None:
    """Name a version, or rename it, which keeps it; NotFound, TooManyNames."""
    row = transaction.row("SELECT max(id) FROM revisions WHERE design_id = ? AND etag = ? AND thinned = 0", design_id, etag)
    if row is None or row[0] is None:
        raise _no_version(design_id)
    transaction.require_storing()
    names = _names(transaction, design_id)
    if etag not in names and len(names) >= MAX_NAMED:
        raise TooManyNames(
            f"This design has {MAX_NAMED} named versions, and no more can be named: remove the name of one that is not needed"
        )
    unname_version(transaction, design_id, etag)
    transaction.do("UPDATE revisions SET name = ? WHERE id = ?", name, row[0])


def unname_version(transaction: Transaction, design_id: str, etag: str) -> None:
    """Remove the name of a version, which is then thinned out like others."""
    transaction.require_storing()
    transaction.do("UPDATE revisions SET name = NULL WHERE design_id = ? AND etag = ? AND name IS NOT NULL", design_id, etag)


def _names(transaction: Transaction, design_id: str) -> dict[str, str]:
    """The names of versions by etag: versions with the same document have the same name."""
    rows = transaction.rows("SELECT etag, name FROM revisions WHERE design_id = ? AND name IS NOT NULL", design_id)
    return {text_of(etag): text_of(name) for etag, name in rows}


def _current_etag(transaction: Transaction, design_id: str) -> list[str]:
    """The etag of the last version, also of a deleted design; none if there is no such design."""
    return [text_of(etag) for (etag,) in transaction.rows("SELECT etag FROM designs WHERE id = ?", design_id)]


def thin_revisions(transaction: Transaction, design_id: str) -> bool:
    """Remove the documents of some older versions; true while there are more.

    The rows stay, with etag and version vector: a phone may still name such a version as its base.
    """
    kept = {*_names(transaction, design_id), *_current_etag(transaction, design_id)}
    rows = transaction.rows(
        "SELECT id, etag, stored_at FROM revisions WHERE design_id = ? AND thinned = 0 ORDER BY id DESC", design_id
    )
    versions = [(number, stored_at, etag in kept) for number, etag, stored_at in rows]
    old = numbers_to_thin(versions, transaction.now)[:THINNED_AT_ONCE]
    if old:
        _remove_documents(transaction, old)
    return len(old) == THINNED_AT_ONCE


def bound_versions(transaction: Transaction, design_id: str) -> None:
    """Thin the versions of a design after an edit, if many or large ones were stored since the background task ran."""
    row = transaction.row(
        "SELECT count(*), coalesce(sum(bytes), 0) FROM revisions INDEXED BY kept_revisions WHERE design_id = ? AND thinned = 0",
        design_id,
    )
    assert row is not None
    count, size = row
    if count > NEWEST_KEPT and count % BOUNDED_EVERY == 0:
        thin_revisions(transaction, design_id)
        _delete_oldest_rows(transaction, design_id)
    if size > transaction.bounds.history_bytes:
        _thin_to_size(transaction, design_id)


def _thin_to_size(transaction: Transaction, design_id: str) -> None:
    """Remove the documents of the oldest versions without a name until the others fit; the current one always stays."""
    kept = {*_names(transaction, design_id), *_current_etag(transaction, design_id)}
    rows = transaction.rows(
        "SELECT id, etag, bytes FROM revisions INDEXED BY kept_revisions WHERE design_id = ? AND thinned = 0 ORDER BY id DESC",
        design_id,
    )
    left, old = transaction.bounds.history_bytes, []
    for number, etag, size in rows:
        if etag not in kept:
            left -= size or 0
            if left < 0:
                old.append(number)
    if old:
        _remove_documents(transaction, old[-THINNED_AT_ONCE:])


def _delete_oldest_rows(transaction: Transaction, design_id: str) -> None:
    """Delete the rows of the oldest thinned versions; a phone with such a base is merged as with an unknown base."""
    transaction.do(
        "DELETE FROM revisions WHERE design_id = ? AND thinned = 1 AND id <"
        " (SELECT id FROM revisions WHERE design_id = ? ORDER BY id DESC LIMIT 1 OFFSET ?)",
        design_id, design_id, ROWS_KEPT,
    )  # fmt: skip


def _remove_documents(transaction: Transaction, numbers: Sequence[int]) -> None:
    transaction.require_storing()
    places = ", ".join("?" * len(numbers))
    sql = f"UPDATE revisions SET document = '', bytes = 0, thinned = 1 WHERE id IN ({places})"  # noqa: S608  # only ?
    transaction.do(sql, *numbers)


def numbers_to_thin(versions: Iterable[tuple[int, Any, bool]], now: str) -> list[int]:
    """Which versions are no longer needed, of (number, time stored, whether it must be kept), newest first."""
    present = datetime.fromisoformat(now)
    periods: set[tuple[str, Any]] = set()
    old = []
    for place, (number, stored_at, is_kept) in enumerate(versions):
        period = _period(stored_at, present)
        is_last = period is None or period not in periods
        if period is not None:
            periods.add(period)
        if not (is_last or is_kept or place < NEWEST_KEPT):
            old.append(number)
    return old


def _period(stored_at: Any, present: datetime) -> tuple[str, Any] | None:
    """The period of which the last version is kept; None where every version is, also where the time cannot be read."""
    try:
        time = datetime.fromisoformat(stored_at)
        age = present - time
    except (TypeError, ValueError):
        return None
    if age <= MINUTELY_FOR:
        return "minute", (time.date(), time.hour, time.minute)
    if age <= HOURLY_FOR:
        return "hour", (time.date(), time.hour)
    if age <= DAILY_FOR:
        return "day", time.date()
    return "week", time.isocalendar()[:2]
