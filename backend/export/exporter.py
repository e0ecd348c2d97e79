"""Exports a run's network as a file, once a checkpoint; what needs torch happens in another process."""

import shutil
import threading
from pathlib import Path
from typing import Literal

from backend.errors import ALL_DAMAGED, DamagedCheckpoint, NothingTrained
from backend.export.bundle import bundle_source
from backend.processes import run_in_process
from backend.training.run_folder import RunFolder, is_whole

Format = Literal["onnx", "pt", "safetensors", "py"]
WRITERS: dict[Format, str] = {
    "onnx": "backend.export.onnx_file:write_onnx",
    "pt": "backend.export.model_files:write_state_dict",
    "safetensors": "backend.export.model_files:write_safetensors",
}
TIMEOUT_S = 300.0

AFTERSTATES = '''

from backend.models import AfterstatePlayer


def player_of(network: GeneratedModel) -> AfterstatePlayer:
    """What plays for this network, which was trained to value the boards after a move."""
    return AfterstatePlayer(network, {gamma}, "{reward}", {views})
'''

_one_at_a_time = threading.Lock()


def export_run(run_folder: Path, fmt: Format) -> Path:
    """Give the file of a run's best checkpoint, or of its newest when none has been called best; written at the first call.

    Blocks: seconds for ONNX, less for the others, nothing for a file that is there; `py` is the trained text, made whole.
    A damaged checkpoint gives way to the next. NothingTrained if there is none, DamagedCheckpoint if none is whole, ProcessFailed
    if the file could not be written or, for ONNX, does not agree with torch.
    """
    folder = RunFolder(run_folder)
    checkpoint = _whole_checkpoint(folder)
    version = checkpoint.stat().st_mtime_ns
    request = folder.request
    with _one_at_a_time:
        target = run_folder / "exports" / str(version) / f"{request.design_id}.{fmt}"
        if not target.exists():
            _write(folder, checkpoint, target, fmt)
        return target


def _whole_checkpoint(folder: RunFolder) -> Path:
    found = folder.checkpoints()
    if not found:
        raise NothingTrained("the run has no checkpoint yet; its first update brings one")
    for path in (folder.best, *found):
        if is_whole(path):
            return path
    raise DamagedCheckpoint(ALL_DAMAGED)


def _write(folder: RunFolder, checkpoint: Path, target: Path, fmt: Format) -> None:
    for older in target.parent.parent.glob("*"):
        if older != target.parent:
            shutil.rmtree(older)
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".new.{target.name}")
    if fmt == "py":
        unfinished.write_text(bundle_source(_source(folder)), encoding="utf-8")
    else:
        run_in_process(WRITERS[fmt], str(folder.path), str(checkpoint), str(unfinished), timeout_s=TIMEOUT_S)
    unfinished.rename(target)


def _source(folder: RunFolder) -> str:
    """The trained text, and how to play by it where it was trained to value the boards after a move."""
    source, request = folder.model.read_text(encoding="utf-8"), folder.request
    if not request.values_boards:
        return source
    config = request.config
    return source + AFTERSTATES.format(gamma=config.gamma, reward=config.reward, views=config.play_views)
