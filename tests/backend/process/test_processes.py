"""Processes of their own: results, every way of dying, limits; and the server's process stays free of torch."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from backend.errors import CompileFailed, ProcessFailed
from backend.process.process import HEAP_SETTING, describe_exit, ended_early, memory_kills, run_in_process


def call(function: str, *args: object, timeout_s: float = 60.0, memory_limit_bytes: int | None = None) -> object:
    return run_in_process(
        f"support.process_functions:{function}", *args, timeout_s=timeout_s, memory_limit_bytes=memory_limit_bytes
    )


def test_results_come_back_and_torch_is_loaded_already() -> None:
    assert call("double", 21) == 42
    assert call("loaded", "torch") is True
    assert call("loaded", "torch._dynamo") is True


def test_processes_have_the_heap_of_the_estimate_and_this_one_does_not() -> None:
    told = call("setting", "GLIBC_TUNABLES")
    assert isinstance(told, str)
    assert HEAP_SETTING in told.split(":")
    assert HEAP_SETTING not in os.environ.get("GLIBC_TUNABLES", "")


@pytest.mark.parametrize(
    ("function", "args", "sentence"),
    [
        ("raise_sentence", ("the shape\n is wrong",), "ValueError: the shape is wrong"),
        ("die", (signal.SIGSEGV,), "killed by SIGSEGV"),
        ("die", (signal.SIGKILL,), "killed by SIGKILL, by a person or another program"),
        ("leave", (3,), "exit code 3"),
        ("no_such_function", (), "AttributeError: .*no_such_function"),
        ("unpicklable", (), "ended without a result|pickle"),
    ],
)
def test_every_way_of_dying_is_a_sentence(function: str, args: tuple[object, ...], sentence: str) -> None:
    with pytest.raises(ProcessFailed, match=sentence):
        call(function, *args)


@pytest.mark.parametrize(
    ("function", "args", "limits", "cause"),
    [
        ("raise_sentence", ("no",), {}, "error"),
        ("leave", (3,), {}, "error"),
        ("die", (signal.SIGKILL,), {}, "killed"),
        ("die", (signal.SIGTERM,), {}, "killed"),
        ("hang", (), {"timeout_s": 0.2}, "time"),
        ("allocate", (2**31,), {"memory_limit_bytes": 2**28}, "memory"),
    ],
)
def test_the_cause_of_an_end_is_told_apart(function: str, args: tuple[object, ...], limits: dict[str, Any], cause: str) -> None:
    with pytest.raises(ProcessFailed) as failed:
        call(function, *args, **limits)
    assert failed.value.cause == cause


def test_a_process_that_the_system_kills_for_want_of_memory_is_out_of_memory(tmp_path: Path) -> None:
    events = tmp_path / "memory.events"
    assert memory_kills([events, tmp_path / "nothing"]) == 0
    events.write_text("low 0\noom 3\noom_kill 2\n")
    assert memory_kills([events]) == 2
    assert (ended_early(-signal.SIGKILL, -1).cause, ended_early(-signal.SIGKILL, memory_kills()).cause) == ("memory", "killed")


def test_our_own_errors_come_back_as_they_are() -> None:
    with pytest.raises(CompileFailed, match="a check failed") as raised:
        call("raise_studio_error")
    assert raised.value.errors == ["mask"]


def test_time_and_memory_are_limited() -> None:
    with pytest.raises(ProcessFailed, match=r"longer than 0\.2 s"):
        call("hang", timeout_s=0.2)
    with pytest.raises(ProcessFailed, match="out of memory"):
        call("allocate", 2**31, memory_limit_bytes=2**28)
    with pytest.raises(ProcessFailed, match="out of memory"):
        call("allocate_tensor", 2**31, memory_limit_bytes=2**28)
    assert call("allocate", 2**20, memory_limit_bytes=2**28) == 2**20


def test_exit_codes_in_words() -> None:
    assert describe_exit(-11) == "killed by SIGSEGV (a fault in a library)"
    assert describe_exit(-15) == "killed by SIGTERM"
    assert describe_exit(-200) == "killed by signal 200"
    assert "exit code 1" in describe_exit(1)


def test_the_calling_side_never_imports_torch() -> None:
    modules = "backend.process.process, backend.runs.training_manager, backend.compile.compiler, backend.export.exporter"
    check = f"import sys, {modules}; sys.exit('torch' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


def test_sentences_have_names_of_files_but_no_folders(tmp_path: Path) -> None:
    missing = tmp_path / "a folder" / "model.py"
    with pytest.raises(ProcessFailed, match=r"^FileNotFoundError: \[Errno 2\] No such file or directory: 'model.py'$"):
        call("read", str(missing))
    with pytest.raises(ProcessFailed, match=r"^ValueError: Load model from design.onnx failed: see https://host/a/b and 1/2$"):
        call("raise_sentence", "Load model from /srv/data/design.onnx failed: see https://host/a/b and 1/2")
