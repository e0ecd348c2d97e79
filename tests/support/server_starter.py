"""Starts servers for browser tests: each is a fork of a process that has imported what they need, which takes a second.

`python -m support.server_starter` reads a request from each line of its standard input and writes the answer as a line:
`["start", module, options, log]` is answered by the process id, `["poll", process id]` by the exit status, or null while it runs.
"""

import json
import os
import runpy
import signal
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PAUSE_S = 0.01


class ForkedServer:
    """A server process, with the methods of `subprocess.Popen` that tests use."""

    def __init__(self, module: str, options: list[str], log: Path) -> None:
        self.pid: int = _ask("start", module, options, str(log))
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit status, negative for a signal; None while it runs."""
        if self.returncode is None:
            self.returncode = _ask("poll", self.pid)
        return self.returncode

    def wait(self, timeout: float) -> int:
        """Wait for its end; raises `subprocess.TimeoutExpired`."""
        end = time.monotonic() + timeout
        while (status := self.poll()) is None:
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired(str(self.pid), timeout)
            time.sleep(PAUSE_S)
        return status

    def kill(self) -> None:
        """Send SIGKILL, unless it has ended."""
        self._send(signal.SIGKILL)

    def terminate(self) -> None:
        """Send SIGTERM, unless it has ended."""
        self._send(signal.SIGTERM)

    def _send(self, number: signal.Signals) -> None:
        if self.poll() is None:  # until it is polled, an ended process keeps its id
            os.kill(self.pid, number)


@cache
def _starter() -> "subprocess.Popen[str]":
    path = os.pathsep.join((str(ROOT), str(ROOT / "tests")))
    command = [sys.executable, "-m", "support.server_starter"]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env={**os.environ, "PYTHONPATH": path})


def _ask(*request: Any) -> Any:
    starter = _starter()
    assert starter.stdin is not None
    assert starter.stdout is not None
    starter.stdin.write(json.dumps(request) + "\n")
    starter.stdin.flush()
    return json.loads(starter.stdout.readline())


def _poll(pid: int) -> int | None:
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def _become(module: str, options: list[str], log: str) -> None:
    """Run a module as `python -m` does, with its output in a file."""
    with Path(log).open("ab") as file, Path(os.devnull).open("rb") as nothing:
        for target, source in enumerate((nothing, file, file)):
            os.dup2(source.fileno(), target)
    sys.argv = [module, *options]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def main() -> None:
    """Answer requests until there are no more."""
    import backend.serve  # noqa: F401  # this is what the forks need not do again

    for line in sys.stdin:
        match json.loads(line):
            case ["start", module, options, log]:
                answer: int | None = os.fork()
                if answer == 0:
                    _become(module, options, log)
                    return
            case ["poll", pid]:
                answer = _poll(pid)
            case other:
                raise ValueError(other)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
