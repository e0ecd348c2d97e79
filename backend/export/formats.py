"""The export formats, one row each; exporter, route, OpenAPI document and the phone's menu follow from it. No torch here."""

from typing import TYPE_CHECKING, Literal

from shared_py.protocol import ExportFormat

OCTETS, PYTHON_TEXT = "application/octet-stream", "text/x-python"


class Format(ExportFormat, frozen=True, kw_only=True):
    """A format with what the server needs to write it."""

    writer: str
    """`module:function`, called with run folder, checkpoint, path to write and name of the checkpoint, all as strings"""
    needs: tuple[str, ...] = ()
    """libraries of the writer, for which it gets a process of its own, since the one that serves has none of them"""
    media_type: str = OCTETS


FORMATS: tuple[Format, ...] = (
    Format(
        suffix="onnx",
        title="ONNX",
        help="plays anywhere",
        wait="Writing the file and checking it on 1,000 boards: up to a minute",
        writer="backend.export.onnx_file:write_onnx",
        needs=("torch", "onnx", "onnxruntime"),
    ),
    Format(
        suffix="pt",
        title="PyTorch",
        help="weights for PyTorch",
        writer="backend.export.model_files:write_state_dict",
        needs=("torch",),
    ),
    Format(
        suffix="safetensors",
        title="Safetensors",
        help="weights, safe to load",
        writer="backend.export.model_files:write_safetensors",
        needs=("torch", "safetensors"),
    ),
    Format(
        suffix="py",
        title="Python",
        help="the code, also to train further",
        writer="backend.export.source_file:write_source",
        media_type=PYTHON_TEXT,
    ),
)
"""in the order of the phone's menu; the first is what its button and a call without `fmt` give"""

if TYPE_CHECKING:
    Suffix = str
else:
    Suffix = Literal[tuple(row.suffix for row in FORMATS)]

MEDIA_TYPES = tuple(dict.fromkeys(row.media_type for row in FORMATS))


def format_of(suffix: Suffix) -> Format:
    """The row of a suffix."""
    return next(row for row in FORMATS if row.suffix == suffix)
