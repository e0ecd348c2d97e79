"""Changes of a design by HTTP: made from a template, replaced under a condition, deleted."""

from msgspec.structs import replace

from backend.errors import InvalidRequest, NotFound, PreconditionRequired
from backend.store.database import Transaction
from backend.store.designs import create_design, delete_design, find_design, get_design, stale, write_design
from backend.web.etag import names
from shared_py.design import ModelArchitecture
from shared_py.protocol import DesignMeta
from shared_py.suggestion import suggest


def from_template(templates: list[ModelArchitecture], template_id: str | None, design_id: str) -> ModelArchitecture:
    """A copy of a template, the first one when none is named."""
    for template in templates:
        if template_id in (None, template.id):
            return replace(template, id=design_id)
    near = suggest(template_id or "", tuple(template.id for template in templates))
    message = f"There is no template {template_id!r}{near}"
    raise InvalidRequest(message, errors=[{"pointer": "/template", "message": message}])


def replace_design(
    transaction: Transaction, design: ModelArchitecture, if_match: str | None, if_none_match: str | None
) -> tuple[DesignMeta, bool]:
    """Store a design under the conditions of the request; the second value is whether it is new.

    Raises PreconditionRequired without a condition, PreconditionFailed with the current document when it has changed.
    """
    if if_match is None and if_none_match is None:
        raise PreconditionRequired("Send the etag you started from as If-Match, or If-None-Match: * to make a new design")
    current = find_design(transaction, design.id)
    if current is None or current.deleted:
        if if_match is not None:
            raise NotFound(f"There is no design {design.id}; send If-None-Match: * to make it")
        return create_design(transaction, design), True
    if if_none_match is not None and names(if_none_match, current.meta.etag):
        raise stale(current)
    if if_match is not None and not names(if_match, current.meta.etag):
        raise stale(current)
    if if_match is None:
        raise PreconditionRequired("If-None-Match can only make a design; send the etag you started from as If-Match")
    return write_design(transaction, design, current), False


def remove_design(transaction: Transaction, design_id: str, if_match: str | None) -> None:
    """Delete a design, under a condition if one was sent."""
    current = get_design(transaction, design_id)
    if if_match is not None and not names(if_match, current.meta.etag):
        raise stale(current)
    delete_design(transaction, current)
