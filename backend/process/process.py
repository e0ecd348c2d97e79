"""Runs work that needs torch in processes of their own, forked from one that has torch loaded; nothing here imports torch.

Functions are named as text, `package.module:function`, so that the calling process never imports them.
"""

import ctypes
import importlib
import logging
import multiprocessing
import os
import re
import resource
import select
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing import forkserver
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.reduction import DupFd
from pathlib import Path
from typing import Any, NoReturn

from backend.errors import FREE_SOME_SPACE, OutOfSpace, ProcessFailed, StudioError, is_disk_full
from backend.process.threads import cancellation

PRELOADED = ("backend.process.preloading",)
"""modules that every process has imported already"""

TUNABLES = "GLIBC_TUNABLES"
HEAP_SETTING = "glibc.malloc.tcache_count=0"
"""read by glibc at the start of a process: freed pieces join their neighbours at once, so that a run's heap has fewer holes"""

PR_SET_PDEATHSIG = 1
LOWEST_PRIORITY = 19
"""niceness of work that nobody waits for"""
MAX_SENTENCE_CHARS = 500
SIGNAL_CAUSES = {
    "SIGKILL": " (out of memory?)",
    "SIGSEGV": " (a fault in a library)",
    "SIGBUS": " (a fault in a library, or a full disk)",
    "SIGABRT": " (a fault in a library)",
    "SIGILL": " (a library made for another processor)",
}
"""the most frequent cause of a signal"""
NO_MEMORY = ("can't allocate memory", "bad_alloc", "could not create a primitive")
"""in the messages of torch, C++ and oneDNN"""

MEMORY_KILLS = (Path("/sys/fs/cgroup/memory.events"), Path("/proc/vmstat"))
"""where Linux counts processes killed for lack of memory: in a container, on the machine"""

FOLDERS = re.compile(r"(?<![\w./:])/(?:[^\s/'\":]+/)+")
"""the folders of an absolute path in a text"""

logger = logging.getLogger(__name__)


def _context() -> ForkServerContext:
    return multiprocessing.get_context("forkserver")


def preload() -> None:
    """Start loading torch in the fork server; returns at once, and the first process waits for it instead (1 to 3 s)."""
    _context().set_forkserver_preload(list(PRELOADED))
    previous = os.environ.get(TUNABLES)
    os.environ[TUNABLES] = environment_with_heap_setting()[TUNABLES]
    try:
        forkserver.ensure_running()
    finally:
        if previous is None:
            del os.environ[TUNABLES]
        else:
            os.environ[TUNABLES] = previous


def environment_with_heap_setting() -> dict[str, str]:
    """The environment of this process with the setting of the heap, for a process in which runs are trained."""
    before = os.environ.get(TUNABLES)
    return os.environ | {TUNABLES: f"{before}:{HEAP_SETTING}" if before else HEAP_SETTING}


def run_in_process(function: str, *args: Any, timeout_s: float, memory_limit_bytes: int | None = None, niceness: int = 0) -> Any:
    """Call a function in a process of its own and return its result; `niceness` lowers the priority of that process.

    A `StudioError` of the function is raised here; a full disk is an `OutOfSpace`, any other failure a `ProcessFailed` with its
    cause and a sentence: the text of an exception, the signal that killed the process, or that it ran out of time or of memory
    (bytes beyond what it starts with). The process is killed when the caller of this thread is cancelled
    (`threads.cancellation`).
    """
    preload()
    kills = memory_kills()
    reader, writer = multiprocessing.Pipe(duplex=False)
    process = _context().Process(target=_answer, args=(writer, function, args, memory_limit_bytes, niceness), daemon=True)
    try:
        with writer:
            process.start()
        return _outcome(reader, process, timeout_s, kills)
    finally:
        reader.close()
        if process.pid is not None:
            process.kill()
            process.join()
        process.close()


def _outcome(reader: Connection, process: ForkServerProcess, timeout_s: float, kills: int) -> Any:
    ending = cancellation()
    ready = wait([reader, ending.fileno()] if ending is not None else [reader], timeout_s)
    if not ready:
        raise ProcessFailed(f"took longer than {timeout_s:g} s and was stopped", cause="time")
    if reader not in ready:
        raise ProcessFailed("was stopped because its result is no longer needed", cause="cancelled")
    try:
        error, result = reader.recv()
    except EOFError:
        process.join()
        raise ended_early(process.exitcode or 0, kills) from None
    if error is not None:
        raise error
    return result


def ended_early(code: int, kills: int) -> ProcessFailed:
    """Why a process ended without a result; `kills` is what `memory_kills` returned before it started."""
    if code != -signal.SIGKILL:
        return ProcessFailed(describe_exit(code), cause="killed" if code < 0 else "error")
    if memory_kills() > kills:
        return ProcessFailed("out of memory: the system killed it because none was left", cause="memory")
    return ProcessFailed("killed by SIGKILL, by a person or another program; try again", cause="killed")


def memory_kills(places: Sequence[Path] = MEMORY_KILLS) -> int:
    """How many processes the system has killed for lack of memory, in this container or else at all; 0 where it is not known."""
    for place in places:
        with suppress(OSError, ValueError):
            counts = dict(line.split() for line in place.read_text().splitlines())
            return int(counts["oom_kill"]) if "oom_kill" in counts else 0
    return 0


def _answer(writer: Connection, function: str, args: Sequence[Any], memory_limit_bytes: int | None, niceness: int) -> None:
    error: StudioError | None = None
    result = None
    try:
        os.nice(niceness)
        if memory_limit_bytes is not None:
            limit_memory(memory_limit_bytes)
        result = find_function(function)(*args)
    except StudioError as raised:
        error = raised
    except Exception as raised:
        traceback.print_exc()
        error = _error_for(raised)
    with writer:
        writer.send((error, result))


def _error_for(raised: Exception) -> StudioError:
    """What the calling process raises for an error of the function."""
    if is_disk_full(raised):
        return OutOfSpace(FREE_SOME_SPACE)
    return ProcessFailed(describe_exception(raised), cause="memory" if is_out_of_memory(raised) else "error")


def limit_memory(more_bytes: int) -> None:
    """Limit the memory that this process may allocate from now on; beyond it Python raises MemoryError, torch RuntimeError.

    The limit is on writable mappings (`RLIMIT_DATA`), since the driver of a GPU maps far more address space than it uses. Where
    the system does not support it, nothing is limited.
    """
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[5])
        limit = pages * resource.getpagesize() + more_bytes
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    except (OSError, ValueError):
        logger.info("this system does not limit the memory of a process")


def find_function(name: str) -> Callable[..., Any]:
    """Import `package.module:function`."""
    module, _, attribute = name.partition(":")
    function: Callable[..., Any] = getattr(importlib.import_module(module), attribute)
    return function


def describe_exception(error: BaseException) -> str:
    """Name and text of an exception on one line, for the reason of a failed run; a `StudioError` is a sentence already."""
    text = " ".join(_without_folders(error).split())
    if isinstance(error, StudioError):
        return text[:MAX_SENTENCE_CHARS]
    if is_out_of_memory(error):
        text = f"out of memory: {text}"
    return f"{type(error).__name__}: {text}"[:MAX_SENTENCE_CHARS] if text else type(error).__name__


def _without_folders(error: BaseException) -> str:
    """The text of an exception with the names of files, but not the folders of this machine, which are for its log alone."""
    text = str(error)
    for path in (getattr(error, "filename", None), getattr(error, "filename2", None)):
        if isinstance(path, str | os.PathLike):
            text = text.replace(str(path), Path(path).name)
    return FOLDERS.sub("", text)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether the error is one of Python, torch or a GPU that says that there is no memory left."""
    is_named = any(words in str(error) for words in NO_MEMORY)
    return is_named or isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"


def describe_exit(code: int) -> str:
    """A process's exit code as multiprocessing counts them (negative for a signal) in words."""
    if code >= 0:
        return f"ended without a result, exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"killed by {name}{SIGNAL_CAUSES.get(name, '')}"


# --- processes that outlive the one that starts them -------------------------------------------------------------


class _Descriptor:
    """An open file that is passed to a started process, with its lock."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __reduce__(self) -> tuple[Callable[[Any], "_Descriptor"], tuple[Any]]:
        return _from_duplicate, (DupFd(self.number),)


def _from_duplicate(duplicate: Any) -> _Descriptor:
    return _Descriptor(duplicate.detach())


def start_detached(function: str, *args: Any, lock: int, log: Path, on_death: str) -> None:
    """Run a function in a process that outlives this one, in a session of its own, with `log` as its output.

    A supervisor, its parent, waits for it: if the function raises or its process is killed, the supervisor calls
    `on_death(*args, sentence, killed)`. Both keep the open file `lock`, so a flock on it is held from before this call until the
    last of them ends.
    Returns when the process has been forked; ProcessFailed if it could not be.
    """
    preload()
    process = _context().Process(target=_detach, args=(_Descriptor(lock), function, args, str(log), on_death))
    process.start()
    process.join()
    code = process.exitcode
    process.close()
    if code != 0:
        raise ProcessFailed(f"the process could not be started: {describe_exit(code or 0)}")


def _detach(lock: _Descriptor, function: str, args: Sequence[Any], log: str, on_death: str) -> None:
    if os.fork() == 0:
        _supervise(lock.number, function, args, log, on_death)


def _supervise(lock: int, function: str, args: Sequence[Any], log: str, on_death: str) -> NoReturn:
    code = 1
    try:
        os.setsid()
        for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2):
            signal.signal(number, signal.SIG_IGN)
        _keep_only(lock, log)
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            _work(function, args, writer)
        os.close(writer)
        sentence, killed = _await_death(child, reader)
        if sentence:
            find_function(on_death)(*args, sentence, killed)
        os.waitpid(child, 0)
        code = 0
    except BaseException:
        _log_exception()
    finally:
        os._exit(code)


def supervise(function: str, *args: Any, on_death: str, leash: int) -> None:
    """Run a function in a child and wait for it, as the supervisor of `start_detached` does, at most until the leash is closed.

    `leash` is the reading end of a pipe. When the process that holds the other end has ended, the child is killed. On Linux it
    also ends with this process: Ray kills the children of a worker that was lost, but not theirs.
    """
    reader, writer = os.pipe()
    supervisor, child = os.getpid(), os.fork()
    if child == 0:
        die_with(supervisor)
        os.close(reader)
        os.close(leash)
        _work(function, args, writer)
    os.close(writer)
    if reader not in select.select([reader, leash], [], [])[0]:
        os.kill(child, signal.SIGKILL)
    sentence, killed = _await_death(child, reader)
    if sentence:
        find_function(on_death)(*args, sentence, killed)
    os.waitpid(child, 0)


def die_with(parent: int) -> None:
    """Let the system kill this process when its parent ends, where it can (prctl(2), Linux)."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _keep_only(lock: int, log: str) -> None:
    """Close every inherited file but the lock, so that none of the starting process stays open."""
    for number in [int(entry.name) for entry in Path("/dev/fd").iterdir()]:
        if number > 2 and number != lock:
            os.closerange(number, number + 1)
    nothing, output = os.open(os.devnull, os.O_RDONLY), os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for source, target in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    os.closerange(nothing, nothing + 1)
    os.closerange(output, output + 1)


def _work(function: str, args: Sequence[Any], writer: int) -> NoReturn:
    code = 1
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        find_function(function)(*args)
        code = 0
        sys.stdout.flush()
    except BaseException as error:
        os.write(writer, describe_exception(error).encode())
        _log_exception()
    finally:
        os._exit(code)


def _log_exception() -> None:
    with suppress(OSError):  # the log may lie on a full disk
        traceback.print_exc()
        sys.stderr.flush()


def _await_death(child: int, reader: int) -> tuple[str, bool]:
    """Wait until the child has exited, without reaping it, so that its process id is not reused.

    Returns the reason, empty if it succeeded, and whether it was killed.
    """
    with os.fdopen(reader, "rb") as pipe:
        message = pipe.read().decode(errors="replace")
    death = os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    assert death is not None
    if death.si_code != os.CLD_EXITED:
        return describe_exit(-death.si_status), True
    if death.si_status == 0:
        return "", False
    return (message, False) if message else (describe_exit(death.si_status), True)
