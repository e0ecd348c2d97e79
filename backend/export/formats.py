"""The export formats, one row each; exporter, route, OpenAPI document and the phone's menu follow from it. No torch here."""

from typing import TYPE_CHECKING, Literal

from shared_py.protocol import ExportFormat

OCTETS, PYTHON_TEXT, ZIP_ARCHIVE = "application/octet-stream", "text/x-python", "application/zip"


class Format(ExportFormat, frozen=True, kw_only=True):
    """A format with what the server needs to write it."""

    writer: str
    """`module:function`, called with run folder, checkpoint, path to write, name of the checkpoint and the paths of `parts`, all
    as strings; one that checks the file returns a `Checked`"""
    parts: tuple[str, ...] = ()
    """suffixes of the files of the same checkpoint that the writer reads; they are written before"""
    dispensable: tuple[str, ...] = ()
    """those of `parts` without which the file is written when they do not pass their check"""
    needs: tuple[str, ...] = ()
    """libraries of the writer, for which it gets a process of its own, since the one that serves has none of them"""
    needs_design: bool = True
    """whether the writer reads the design of the run; all of them read its code"""
    media_type: str = OCTETS


FORMATS: tuple[Format, ...] = (
    Format(
        suffix="onnx",
        title="ONNX",
        help="plays anywhere",
        wait="Writing the file and checking it on 1,000 boards: up to a minute",
        writer="backend.export.onnx_file:write_onnx",
        needs=("torch", "onnx", "onnxruntime"),
        needs_design=False,
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
        needs_design=False,
        media_type=PYTHON_TEXT,
    ),
    Format(
        suffix="zip",
        title="Everything",
        help="all of these, metrics, a program that plays",
        wait="Writing and checking all files: up to a minute",
        writer="backend.export.archive:write_archive",
        parts=("onnx", "pt", "safetensors", "py"),
        dispensable=("onnx",),
        media_type=ZIP_ARCHIVE,
    ),
)
"""in the order of the phone's menu; the first is what its button and a call without `fmt` give"""

INSPECTION = Format(
    suffix="inspect.onnx",
    title="ONNX for looking inside",
    help="shows experts and attention on the board",
    writer="backend.export.inspection:write_inspection",
    parts=("onnx",),
    needs=("torch", "onnx", "onnxruntime"),
)
"""written like the others, but no row of the menu: it is requested as `onnx` with `inspect=true`"""

if TYPE_CHECKING:
    Suffix = str
else:
    Suffix = Literal[tuple(row.suffix for row in FORMATS)]

MEDIA_TYPES = tuple(dict.fromkeys(row.media_type for row in FORMATS))


def format_of(suffix: str) -> Format:
    """The row of a suffix, also that of the inspection file."""
    return next(row for row in (*FORMATS, INSPECTION) if row.suffix == suffix)
