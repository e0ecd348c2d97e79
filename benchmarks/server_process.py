"""A server in a process of its own, for benchmarks that call it over HTTP."""

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PATIENCE_SECONDS = 60


class Client:
    """The few HTTP calls a benchmark makes."""

    def __init__(self, port: int, process_id: int) -> None:
        self.process_id = process_id
        self.url = f"http://127.0.0.1:{port}"

    def call(self, path: str, method: str = "GET", body: Any = None) -> Any:
        """Send a request, with a JSON body if there is one, and decode the JSON answer."""
        data = None if body is None else json.dumps(body).encode()
        headers = {} if body is None else {"Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
            return json.load(answer)

    def wait_for_health(self) -> None:
        """Return when the server takes requests."""
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                self.call("/api/health")
                return
            except (urllib.error.URLError, ConnectionError):
                if time.monotonic() > end:
                    raise
                time.sleep(0.01)


@contextmanager
def serving(data: Path, measure_after_s: float = 0) -> Iterator[tuple[Client, float]]:
    """Start a server on the folder `data`; yields a client, and the seconds from process start to the first healthy answer.

    The server measures the speed of its machine after `measure_after_s` idle seconds, with 0 never.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "backend.cli", "serve", "--measure-after", str(measure_after_s)]
    command += ["--port", str(port), "--data-dir", str(data)]
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        client = Client(port, process.pid)
        client.wait_for_health()
        yield client, time.perf_counter() - began
    finally:
        process.terminate()
        process.wait(10)
