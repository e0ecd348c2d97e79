"""A server in a process of its own, started by the command line."""

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


@contextmanager
def server_process(
    data_dir: Path, *options: str, descriptors: tuple[int, int] | None = None, log: Path | None = None
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server process and its address, read from its log; it is killed at the end of the block.

    `descriptors` are its soft and hard limits of open files; its log is then written to the file `log`, if there is one.
    """
    command = [sys.executable, "-m", "backend.cli", "serve", "--measure-after", "0"]
    command += ["--port", "0", "--data-dir", str(data_dir), *options]
    if descriptors is not None:
        command = ["prlimit", f"--nofile={descriptors[0]}:{descriptors[1]}", *command]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            said = []
            for line in process.stderr:
                said.append(line)
                if found := re.search(r"running on (http://[\d.:]+)", line):
                    break
            else:
                raise AssertionError("".join(said))
            rest = threading.Thread(target=lambda: said.extend(process.stderr or ()))  # a full pipe would hold it up
            rest.start()
            try:
                yield process, found[1]
            finally:
                process.kill()
                rest.join()
                if log is not None:
                    log.write_text("".join(said))
        finally:
            process.kill()
