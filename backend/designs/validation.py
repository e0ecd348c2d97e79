"""Validates designs for requests, and raises the error that carries every problem where a design has to be valid."""

import asyncio
from typing import Any

import msgspec

from backend.errors import InvalidDesign
from shared_py.analysis import Analysis, analyse
from shared_py.design import ModelArchitecture
from shared_py.protocol import ValidationResult
from shared_py.validation import result_of, validate_document


async def validate_json(document: Any) -> ValidationResult:
    """Validate decoded JSON that should be a design, off the event loop; InvalidDesign with the whole result."""
    result = await asyncio.to_thread(validate_document, document)
    if not result.valid:
        raise _invalid(result)
    return result


def require_valid(design: ModelArchitecture) -> Analysis:
    """Analyse a design once for everything that a request does with it; InvalidDesign with the whole result."""
    analysis = analyse(design)
    if analysis.problems:
        raise _invalid(result_of(analysis))
    return analysis


def _invalid(result: ValidationResult) -> InvalidDesign:
    count = len(result.problems)
    return InvalidDesign(
        f"{count} problem{'' if count == 1 else 's'}: {result.errors[0]}",
        errors=result.errors,
        problems=result.problems,
        extra=msgspec.to_builtins(result),
    )
