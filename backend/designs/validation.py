"""The verdict on a drawing, and the error that carries it when a drawing must be right to go on."""

import asyncio
from typing import Any

import msgspec

from backend.errors import InvalidDesign
from shared_py.design import ModelArchitecture
from shared_py.protocol import ValidationResult
from shared_py.validation import validate_design, validate_document


async def judge(document: Any) -> ValidationResult:
    """Validate decoded JSON that should be a design, off the event loop; raises InvalidDesign with the whole verdict."""
    return _required(await asyncio.to_thread(validate_document, document))


def require_valid(design: ModelArchitecture) -> ValidationResult:
    """Validate a design; raises InvalidDesign with everything the verdict says."""
    return _required(validate_design(design))


def _required(verdict: ValidationResult) -> ValidationResult:
    if verdict.valid:
        return verdict
    count = len(verdict.problems)
    raise InvalidDesign(
        f"{count} problem{'' if count == 1 else 's'}: {verdict.errors[0]}",
        errors=verdict.errors,
        problems=verdict.problems,
        extra=msgspec.to_builtins(verdict),
    )
