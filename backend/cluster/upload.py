"""Sends a run to a node: its request, its network, and the checkpoint to continue from."""

from collections.abc import Callable

import msgspec

from backend.cluster.batches import FileNames
from backend.cluster.node_run import TRAINER
from backend.cluster.remote_worker import RemoteWorker
from backend.cluster.resources import threads_on_node
from backend.runs.checkpoint_files import is_whole
from backend.runs.journal import Journal
from backend.runs.run_folder import REQUEST, RunFolder

PIECE_BYTES = 4_000_000


def upload_run(
    worker: RemoteWorker, folder: RunFolder, journal: Journal, trainer: bytes | None, beat: Callable[[], None]
) -> FileNames:
    """Write a run into the folder of a worker and start it there; returns the checkpoints that it starts with."""
    request = folder.request
    config = msgspec.structs.replace(request.config, threads=threads_on_node(request.config))
    worker.write(REQUEST, msgspec.json.encode(msgspec.structs.replace(request, config=config)))
    worker.write(folder.design.name, folder.design.read_bytes())
    worker.write(folder.model.name, folder.model.read_bytes())
    worker.write(folder.metrics.name, journal.head)
    if trainer is not None:
        worker.write(TRAINER, trainer)
    _send_checkpoints(worker, folder, beat)
    return worker.start()


def _send_checkpoints(worker: RemoteWorker, folder: RunFolder, beat: Callable[[], None]) -> None:
    """Send the first whole checkpoint; damaged ones before it are sent empty, so that the trainer reports and replaces them."""
    is_damaged = False
    for path in folder.checkpoints():
        name, is_damaged = str(path.relative_to(folder.path)), not is_whole(path)
        worker.write(name, b"")
        if is_damaged:
            continue
        with path.open("rb") as file:
            while piece := file.read(PIECE_BYTES):
                worker.write(name, piece)
                beat()
        break
