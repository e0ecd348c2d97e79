"""The metrics of a run that count, read from its file: of steps that were repeated after a resume, the newest. No torch here."""

from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple, TypeVar

import msgspec
from msgspec import Struct

from backend.runs.run_folder import RunFolder
from shared_py.protocol import Evaluation, TrainingUpdate

AnyMessage = TypeVar("AnyMessage")
UPDATE, EVALUATION = "training_update", "evaluation"


class _Glance(Struct):
    """The few fields of a line that say whether it counts."""

    type: str
    run_id: str | None = None
    steps: int = 0
    policy: str = ""


class _Entry(NamedTuple):
    kind: tuple[str, str]
    steps: int
    line: bytes


class RunMetrics(NamedTuple):
    """Updates and evaluations, both in the order of the moves."""

    updates: list[TrainingUpdate]
    evaluations: list[Evaluation]


_glance_decoder = msgspec.json.Decoder(_Glance)
_update_decoder = msgspec.json.Decoder(TrainingUpdate)
_evaluation_decoder = msgspec.json.Decoder(Evaluation)


def read_metrics(folder: RunFolder, run_id: str, until: int | None = None, *, only_last_update: bool = False) -> RunMetrics:
    """The metrics of a run, by default all, else up to a number of moves; damaged lines are left out. OSError."""
    entries: list[_Entry] = []
    lines, offset = folder.read_lines(0)
    while lines:
        for entry in _entries(lines, run_id):
            if until is None or entry.steps <= until:
                _append(entries, entry)
        lines, offset = folder.read_lines(offset)
    updates = [entry.line for entry in entries if entry.kind[0] == UPDATE]
    evaluations = [entry.line for entry in entries if entry.kind[0] == EVALUATION]
    return RunMetrics(
        _decoded(_update_decoder, updates[-1:] if only_last_update else updates), _decoded(_evaluation_decoder, evaluations)
    )


def _append(entries: list[_Entry], entry: _Entry) -> None:
    """Add an entry, which replaces those of later moves and the one of its kind at its moves (decision 0031)."""
    while entries and entries[-1].steps > entry.steps:
        entries.pop()
    place = len(entries)
    while place > 0 and entries[place - 1].steps == entry.steps:
        place -= 1
        if entries[place].kind == entry.kind:
            del entries[place]
            break
    entries.append(entry)


def _entries(lines: Iterable[bytes], run_id: str) -> Iterable[_Entry]:
    for line in lines:
        with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            seen = _glance_decoder.decode(line)
            if seen.run_id == run_id and seen.type in (UPDATE, EVALUATION):
                yield _Entry((seen.type, seen.policy), seen.steps, line)


def _decoded(decoder: msgspec.json.Decoder[AnyMessage], lines: Iterable[bytes]) -> list[AnyMessage]:
    found = []
    for line in lines:
        with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            found.append(decoder.decode(line))
    return found
