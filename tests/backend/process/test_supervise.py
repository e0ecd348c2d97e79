"""A child that ends with its supervisor and with the holder of a leash."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.server_process import ROOT
from support.waiting import wait_until

SUPERVISOR = """
import time, os
from backend.process.process import supervise

def wait():
    print(os.getpid(), flush=True)
    time.sleep(600)

def note(sentence, killed):
    print(sentence, killed, flush=True)

if __name__ == "__main__":
    supervise("__main__:wait", on_death="__main__:note", leash=0)
"""


def has_ended(pid: int) -> bool:
    """Whether a process is gone, or only waits for somebody to notice."""
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] in "ZX"


@pytest.mark.skipif(sys.platform != "linux", reason="the system kills the child on Linux alone")
@pytest.mark.parametrize("how", ["the supervisor is killed", "the leash is closed"])
def test_the_child_ends_with(how: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as supervisor:
        assert supervisor.stdin is not None
        assert supervisor.stdout is not None
        child = int(supervisor.stdout.readline())
        if how == "the leash is closed":
            supervisor.stdin.close()
            assert supervisor.stdout.readline() == "killed by SIGKILL (out of memory?) True\n"
        else:
            os.kill(supervisor.pid, signal.SIGKILL)
        wait_until(lambda: has_ended(child))
