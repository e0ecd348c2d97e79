"""Every way in which a run can fail has a kind, derived from the sentence that is written for it."""

import errno
import signal

import pytest
import torch

from backend.errors import ALL_DAMAGED, DamagedCheckpoint
from backend.process.process import describe_exit
from backend.runs.failures import CANNOT_START, DIED_AT_START, IGNORED_STOP, NOT_REGISTERED, UNKILLABLE, failure_of
from backend.runs.run_folder import RunRequest, RunState, describe, now
from backend.runs.tracked_run import sentence_for
from backend.runs.trainer_process import failure_message
from backend.training.divergence import require_finite
from shared_py.protocol import RunFailure, RunStatus
from shared_py.training_config import TrainConfig


class FromCompiler(Exception):
    """As torch.compile raises one."""

    __module__ = "torch._dynamo.exc"


def diverged() -> FloatingPointError:
    with pytest.raises(FloatingPointError) as caught:
        require_finite({"loss": float("nan")})
    return caught.value


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (MemoryError(), "out_of_memory"),
        (torch.OutOfMemoryError("CUDA out of memory"), "out_of_memory"),
        (OSError(errno.ENOSPC, "No space left on device"), "disk_full"),
        (FromCompiler("no C++ compiler"), "compiler"),
        (diverged(), "diverged"),
        (DamagedCheckpoint(ALL_DAMAGED), "damaged_checkpoint"),
        (KeyError("d_model"), "error"),
    ],
)
def test_an_error_of_the_trainer_has_a_kind(error: Exception, kind: RunFailure) -> None:
    assert failure_of("failed", failure_message(error, 10**9)) == kind


@pytest.mark.parametrize(
    ("status", "reason", "kind"),
    [
        ("failed", describe_exit(-signal.SIGKILL) + "; resume to begin again", "killed"),
        ("failed", describe_exit(-signal.SIGSEGV), "crashed"),
        ("failed", describe_exit(-signal.SIGTERM), "crashed"),
        ("failed", describe_exit(1), "crashed"),
        ("failed", sentence_for(FileNotFoundError(errno.ENOENT, "gone")), "files_missing"),
        ("failed", sentence_for(PermissionError(errno.EACCES, "Permission denied")), "files_unusable"),
        ("failed", f"{CANNOT_START}: fork failed; resume to try again", "not_started"),
        ("failed", f"{DIED_AT_START}; resume to try again", "not_started"),
        ("failed", f"this run is trained by mine, {NOT_REGISTERED}", "unknown_trainer"),
        ("failed", None, "error"),
        ("interrupted", "the training process exited; resume to continue from the last checkpoint", "interrupted"),
        ("stopped", f"{IGNORED_STOP} for 60 s and was killed after 3 moves; resume to begin again", "unresponsive"),
        ("stopped", UNKILLABLE, "unkillable"),
        ("stopped", None, None),
        ("finished", "test games skipped", None),
        ("running", "its newest checkpoint was damaged; it continues after 512 moves", None),
    ],
)
def test_every_other_end_has_a_kind(status: RunStatus, reason: str | None, kind: RunFailure | None) -> None:
    assert failure_of(status, reason) == kind


def test_a_run_tells_the_moves_from_which_it_can_continue_and_the_kind_of_its_failure() -> None:
    request = RunRequest("r1", "d1", "", now(), TrainConfig(), {})
    state = RunState()
    assert describe(request, state).saved_steps is None
    reason = describe_exit(-signal.SIGKILL)
    state.add(b'{"type":"checkpoint_created","seq":1,"run_id":"r1","steps":10240,"score":null}', "r1")
    state.add(f'{{"type":"run_status","seq":2,"run_id":"r1","status":"failed","reason":"{reason}"}}'.encode(), "r1")
    assert (describe(request, state).saved_steps, describe(request, state).failure) == (10240, "killed")
