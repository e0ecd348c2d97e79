"""The calls the phone makes: a design as JSON text in, JSON bytes out; no state is kept between them."""

import msgspec

from shared_py.codegen import generate_source
from shared_py.decoding import decode_design
from shared_py.estimation import NO_MEMORY
from shared_py.problems import Problem
from shared_py.protocol import ValidationResult
from shared_py.validation import check_connection, validate_document


def validate(design_json: str) -> bytes:
    """Answer a `ValidationResult`, whatever the text is."""
    try:
        raw = msgspec.json.decode(design_json)
    except (msgspec.DecodeError, RecursionError) as error:
        problem = Problem("malformed", f"not a design: {error}")
        result = ValidationResult(False, 0.0, 0, [problem.message], [problem], 0, 0, 0, {}, [], NO_MEMORY)
        return msgspec.json.encode(result)
    return msgspec.json.encode(validate_document(raw))


def generate(design_json: str) -> bytes:
    """Answer a `GeneratedSource`; raises `ValueError` when the design is not valid."""
    return msgspec.json.encode(generate_source(decode_design(design_json)))


def can_connect(design_json: str, source: str, target: str) -> bytes:
    """Answer a `ConnectionVerdict` on an edge that is not drawn yet."""
    return msgspec.json.encode(check_connection(decode_design(design_json), source, target))
