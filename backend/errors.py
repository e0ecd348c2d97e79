"""The errors of requests; each is sent as `application/problem+json`.

StudioError                   500
├── MalformedBody             400  the body is not JSON, or nested too deeply
├── InvalidSweep              400  a sweep that cannot be started as it is; the sentence says what to change
├── NotPaired                 401  the device is not paired, or was revoked
├── WrongCode                 403  a pairing code that this server did not make
├── ForeignOrigin             403  another site's page, or a host name that is not this server's
├── NotFound                  404  no design, run, block or template of that name
├── InvalidDesign             422  the design has problems; the error contains them
├── InvalidDocument           422  the JSON is not a design; the error contains the reasons
├── InvalidRequest            422  the JSON, or a parameter, is not of the right shape
├── AlreadyExists             409  the id is taken
├── TooManyNames              409  a design has as many named versions as it may have
├── TooManyDesigns            409  the server has as many designs as it keeps
├── TooManyRuns               409  the queue of runs is full
├── PairingNeeded             409  notifications for a device of a server that does not pair devices
├── TooManySubscriptions      409  the server notifies as many devices as it may
├── NothingTrained            409  an export before anything was trained
├── NoInspection              409  an export for looking inside a network that has nothing to show
├── RunNotActive              409  the run cannot be stopped, paused or resumed in its status
├── RunActive                 409  the run cannot be deleted before it has ended
├── RunEnding                 409  the process of the run has yet to exit
├── RunUnusable               409  the server may not use the files of the run
├── CodeExpired               410  a pairing code that is too old or was used
├── PreconditionRequired      428  If-Match is missing
├── PreconditionFailed        412  If-Match names an older version; the error contains the current document
├── TooManyTries              429  five wrong pairing codes in a row
├── ClientGone                499  the client closed the connection before the response was ready
├── UnreadableDesign          500  the stored document of a design cannot be read by this server
├── DatabaseDamaged           503  the database file is damaged: what can be read is served, changes are refused
├── DatabaseReplaced          503  the database file was deleted or replaced while the server ran: changes are refused
├── TooBusy                   503  the queue is full; a moment later the request may succeed
├── PushServiceUnreachable    503  the address of a push service cannot be resolved now
├── OutOfSpace                507  the disk is full, or too full for a new run
├── CompileFailed             500  the generated module failed a check: a bug of this program
├── CannotStart               500  the server cannot start, and why
│   ├── DataInUse             500  another server uses the data directory
│   ├── DataUnusable          500  the data directory, or the database in it, is not one that this server may write to
│   ├── BackupFailed          500  a backup could not be written or put back
│   └── BackupUnusable        500  a file is no backup, or is damaged
└── ProcessFailed             500  a child process died or ran out of time or memory
    └── ExportCheckFailed     500  the exported network does not compute what the trained one does
"""

import errno
import os
from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from shared_py.problems import Problem

ADVICE = "a smaller learning_rate may help"
"""for a run that diverges"""
ALL_DAMAGED = "every checkpoint of this run is damaged; train the design anew"


class StudioError(Exception):
    """An error with a code, a status and a sentence a person can act on."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong"

    def __init__(
        self, detail: str, *, errors: Sequence[Any] = (), problems: Sequence[Problem] = (), extra: dict[str, Any] | None = None
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = list(errors)
        self.problems = list(problems)
        self.extra = extra or {}


class MalformedBody(StudioError):
    """The body is not JSON, or nested too deeply."""

    code, status, title = "malformed_body", 400, "Not JSON"


class InvalidSweep(StudioError):
    """A sweep that cannot be started as it is; the sentence says what to change."""

    code, status, title = "invalid_sweep", 400, "The sweep cannot be started"


class NotPaired(StudioError):
    """The device is not paired with the server, or was revoked."""

    code, status, title = "not_paired", 401, "Not paired"


class WrongCode(StudioError):
    """A pairing code that this server did not make."""

    code, status, title = "wrong_code", 403, "Wrong code"


class CodeExpired(StudioError):
    """A pairing code that is too old, or was used up."""

    code, status, title = "code_expired", 410, "The code is no longer valid"


class TooManyTries(StudioError):
    """Five wrong pairing codes in a row; `retry_after_s` are the seconds until the next attempt is allowed."""

    code, status, title = "too_many_tries", 429, "Too many tries"


class ForeignOrigin(StudioError):
    """The request comes from another site's page, or names a host that is not this server."""

    code, status, title = "foreign_origin", 403, "Not from here"


class NotFound(StudioError):
    """No design, run, block or template of that name."""

    code, status, title = "not_found", 404, "Not found"


class InvalidDesign(StudioError):
    """The design has problems; the error contains them."""

    code, status, title = "invalid_design", 422, "The design is not valid"


class InvalidDocument(StudioError):
    """The JSON is not a design; the error contains the reasons."""

    code, status, title = "invalid_document", 422, "Not a design"


class InvalidRequest(StudioError):
    """The JSON, or a parameter, is not of the right shape."""

    code, status, title = "invalid_request", 422, "Not the right shape"


class AlreadyExists(StudioError):
    """The id is taken."""

    code, status, title = "already_exists", 409, "Already exists"


class TooManyNames(StudioError):
    """A design has as many named versions as it may have."""

    code, status, title = "too_many_names", 409, "Too many named versions"


class TooManyDesigns(StudioError):
    """The server has as many designs as it keeps."""

    code, status, title = "too_many_designs", 409, "Too many designs"


class TooManyRuns(StudioError):
    """The queue of runs is full."""

    code, status, title = "too_many_runs", 409, "Too many runs wait"


class PairingNeeded(StudioError):
    """Notifications were requested from a server that does not pair devices, so that it could not tell them apart."""

    code, status, title = "pairing_needed", 409, "Pairing is needed"


class TooManySubscriptions(StudioError):
    """The server notifies as many devices as it may."""

    code, status, title = "too_many_subscriptions", 409, "Too many devices"


class NothingTrained(StudioError):
    """An export was requested before anything was trained."""

    code, status, title = "nothing_trained", 409, "Nothing trained yet"


class NoInspection(StudioError):
    """An export for looking inside a network that has nothing to show, or whose file did not pass its check."""

    code, status, title = "no_inspection", 409, "Nothing to look into"


class DamagedCheckpoint(StudioError):
    """A checkpoint is not as it was written: truncated or changed."""

    code, status, title = "damaged_checkpoint", 409, "Damaged"


class RunNotActive(StudioError):
    """The run cannot be stopped, paused or resumed in its status."""

    code, status, title = "run_not_active", 409, "The run is not active"


class RunActive(StudioError):
    """The run cannot be deleted before it has ended."""

    code, status, title = "run_active", 409, "The run is active"


class RunEnding(StudioError):
    """The process of the run has yet to exit; a moment later the request may succeed."""

    code, status, title = "run_ending", 409, "The run is still ending"


class RunUnusable(StudioError):
    """The server may not use the files of the run, which another user owns or something else has replaced."""

    code, status, title = "run_unusable", 409, "The files of the run cannot be used"


class PreconditionRequired(StudioError):
    """If-Match is missing."""

    code, status, title = "precondition_required", 428, "If-Match is required"


class PreconditionFailed(StudioError):
    """If-Match names an older version; the error contains the current document."""

    code, status, title = "precondition_failed", 412, "The design has changed"


class TooBusy(StudioError):
    """The queue is full; a moment later the request may succeed."""

    code, status, title = "too_busy", 503, "The server is busy"


class PushServiceUnreachable(StudioError):
    """The address of a push service cannot be resolved now; later the request may succeed."""

    code, status, title = "push_service_unreachable", 503, "The push service cannot be reached"


FREE_SOME_SPACE = "Free some space on the server's disk and try again; nothing was stored"


class OutOfSpace(StudioError):
    """The disk is full, or too full for a new run."""

    code, status, title = "out_of_space", 507, "The server's disk is full"


class CompileFailed(StudioError):
    """The generated module failed a check: a bug of this program, not of the design."""

    code, status, title = "compile_failed", 500, "Compile failed"


class ClientGone(StudioError):
    """The client closed the connection before the response was ready; the work for it is cancelled."""

    code, status, title = "client_gone", 499, "The client has gone"


class UnreadableDesign(StudioError):
    """The stored document of a design cannot be read by this server: it is damaged, or of a newer version."""

    code, status, title = "unreadable_design", 500, "The design cannot be read"


class DatabaseDamaged(StudioError):
    """The database file is damaged: what can be read is served, and changes are refused."""

    code, status, title = "database_damaged", 503, "The database is damaged"


class DatabaseReplaced(StudioError):
    """The database file was deleted or replaced while the server ran: the open one is served, and changes are refused."""

    code, status, title = "database_replaced", 503, "The database was replaced"


class CannotStart(StudioError):
    """The server cannot start; the sentence says why and what to do."""

    code, status, title = "cannot_start", 500, "The server cannot start"


class DataInUse(CannotStart):
    """Another server uses the data directory."""

    code, status, title = "data_in_use", 500, "The data directory is in use"


class DataUnusable(CannotStart):
    """The data directory, or the database in it, is not one that this server may write to."""

    code, status, title = "data_unusable", 500, "The data directory cannot be used"


class BackupFailed(CannotStart):
    """A backup could not be written, or not be put back."""

    code, status, title = "backup_failed", 500, "The backup failed"


class BackupUnusable(CannotStart):
    """A file is no backup of this program and version, or it is damaged."""

    code, status, title = "backup_unusable", 500, "The backup cannot be used"


ProcessEnd = Literal["error", "memory", "time", "killed", "cancelled"]


class ProcessFailed(StudioError):
    """A child process died, or ran out of time or memory; `cause` says which."""

    code, status, title = "process_failed", 500, "A process failed"

    def __init__(self, detail: str, *, cause: ProcessEnd = "error") -> None:
        super().__init__(detail)
        self.cause = cause


class WorkerLost(ProcessFailed):
    """One of the processes that train a run together has ended."""


class ExportCheckFailed(ProcessFailed):
    """An exported network does not compute what the trained one does, or the boards to compare are too few."""


def sentence_for(error: BaseException) -> str:
    """Why a command cannot start and what to do, in one sentence."""
    if isinstance(error, StudioError):
        return error.detail
    if is_disk_full(error):
        place = getattr(error, "filename", None) or "what the server keeps"
        return f"There is no space left for {place}: free some, or choose another folder"
    if not isinstance(error, OSError) or error.filename is None:
        return f"{type(error).__name__}: {error}"
    advice = _ADVICE.get(error.errno or 0, "check it, or choose another folder")
    return f"{error.filename} cannot be used ({os.strerror(error.errno or 0)}): {advice}"


_ADVICE = {
    errno.EACCES: "give yourself the right to write there, or choose another folder",
    errno.EPERM: "give yourself the right to write there, or choose another folder",
    errno.EROFS: "choose a folder on a disk that can be written to",
    errno.EEXIST: "it is a file where a folder is needed; choose another folder",
    errno.ENOTDIR: "it is a file where a folder is needed; choose another folder",
    errno.EISDIR: "it is a folder where a file is needed; move it away",
}


_DISK_FULL_NUMBERS = (errno.ENOSPC, errno.EDQUOT)
_DISK_FULL_WORDS = ("disk is full", *(os.strerror(number) for number in _DISK_FULL_NUMBERS))
"""of the database, and of libraries that pass the message of the system on as text"""


def is_disk_full(error: BaseException | None) -> bool:
    """Whether the disk, or this user's quota of it, is full, as reported by the system, the database or a library.

    The errors that led to this one count too, since torch raises another one after a failed write.
    """
    while error is not None:
        if isinstance(error, OSError) and error.errno in _DISK_FULL_NUMBERS:
            return True
        if any(words in str(error) for words in _DISK_FULL_WORDS):
            return True
        error = error.__cause__ or error.__context__
    return False
