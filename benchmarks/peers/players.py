"""Processes that answer line by line, so that compared programs can take turns; and the Python in which peers are installed."""

import os
import subprocess
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]
PEERS = Path(__file__).with_name("requirements.txt")
HOME = ROOT / ".venv-bench"


class Player:
    """A module that runs in a process with one thread, by any Python, optionally pinned to some processors."""

    def __init__(self, python: Path, module: str, *words: str, processors: set[int] | None = None) -> None:
        self.command = [str(python), "-W", "ignore", "-m", module, *words]
        self.process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
            text=True,
            preexec_fn=lambda: os.sched_setaffinity(0, processors) if processors else None,
        )

    def __enter__(self) -> "Player":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def ask(self, line: str) -> str:
        """Send a line, return the line it answers."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the process ended: try `{' '.join(self.command)}` and the line `{line}`")
        return answer


def set_up_peers() -> Path | None:
    """The Python in which the peers are installed; None, with the reason printed, if they cannot be."""
    python, done = HOME / "bin" / "python", HOME / ".done"
    if done.exists() and done.read_text() == PEERS.read_text():
        return python
    venv.create(HOME, with_pip=True, clear=True)
    run = subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", PEERS], capture_output=True, text=True, check=False)
    if run.returncode:
        print(f"the peers cannot be installed, so they are left out: {run.stderr.strip().splitlines()[-1]}")
        return None
    done.write_text(PEERS.read_text())
    return python
