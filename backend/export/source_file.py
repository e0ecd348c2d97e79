"""A network as one Python text that needs torch alone: the trained text after everything it imports. No torch here."""

from pathlib import Path

from backend.export.bundle import bundle_source
from backend.runs.run_folder import RunFolder


def write_source(run_folder: str, _checkpoint: str, target: str, _name: str) -> None:
    """Write the text of a run's network; it holds no weights, so it is the same for every checkpoint."""
    Path(target).write_text(bundle_source(_source(RunFolder(Path(run_folder)))), encoding="utf-8")


def _source(folder: RunFolder) -> str:
    """The trained text, and how to play by it where the network alone does not choose moves."""
    source, request = folder.model.read_text(encoding="utf-8"), folder.request
    algorithm = request.built_in_algorithm
    return source if algorithm is None else source + algorithm.player_source_for(request.config)
