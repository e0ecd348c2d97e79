"""The server as a process: it starts light, ends cleanly, and a kill at any moment loses nothing it has acknowledged."""

import itertools
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing, suppress
from pathlib import Path

import httpx
import pytest
from import_rules import HEAVY
from support.server_process import ROOT, server_process
from support.waiting import wait_until
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

WAIT_S = 60


def test_it_answers(tmp_path: Path) -> None:
    with server_process(tmp_path) as (_, url):
        assert httpx.get(f"{url}/api/health").json()["status"] == "ok"


@pytest.mark.parametrize("options", [(), ("--no-preload",)])
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="lists child processes through /proc")
def test_a_process_with_torch_starts_with_the_server_unless_told_otherwise(tmp_path: Path, options: tuple[str, ...]) -> None:
    with server_process(tmp_path, *options) as (process, _):

        def is_there() -> bool:
            tasks = Path(f"/proc/{process.pid}/task").iterdir()
            children = [child for task in tasks for child in (task / "children").read_text().split()]
            return any("forkserver" in Path(f"/proc/{child}/cmdline").read_text() for child in children)

        if options:
            assert not is_there()
        else:
            wait_until(is_there)  # it starts beside the first answers


def test_it_never_imports_torch(tmp_path: Path) -> None:
    script = f"""
import json, sys
from pathlib import Path
from support.server_thread import serving
with serving(Path({str(tmp_path)!r})) as client:
    design = client.new_design()
    url = f"/api/designs/{{design['id']}}"
    statuses = [
        client.get("/api/health").status_code,
        client.post(f"{{url}}/validate", json=design).status_code,
        client.post("/api/sync", json={{}}).status_code,
        client.get("/api/runs").status_code,
        client.get(f"{{url}}/export").status_code,
        client.get("/schema/openapi.json").status_code,
    ]
print(json.dumps([statuses, [name for name in {sorted(HEAVY)!r} if name in sys.modules]]))
"""
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=WAIT_S,
        check=True,
    )
    assert json.loads(done.stdout) == [[200, 200, 200, 200, 409, 200], []]


def test_the_command_line_is_light() -> None:
    script = "import backend.cli, sys; print([n for n in ('litestar', 'uvicorn', 'sqlite_utils', 'torch') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=WAIT_S, check=True)
    assert done.stdout == "[]\n"


def test_it_ends_cleanly_when_told_to_also_with_a_listener(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path_factory.mktemp("t")  # short, since paths of sockets have at most 108 characters
    monkeypatch.setenv("TMPDIR", str(temporary))
    with server_process(tmp_path) as (process, url), connect(url.replace("http", "ws") + "/ws") as socket:
        process.send_signal(signal.SIGTERM)
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=WAIT_S)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1012
        assert process.wait(WAIT_S) == 0
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{url}/api/health")
    # torch keeps the cache of its compiler there, if it had been loaded by then
    assert [path for path in temporary.iterdir() if not path.name.startswith("torchinductor")] == []


def test_ctrl_c_ends_it_without_a_traceback(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "backend.cli", "serve", "--measure-after", "0", "--port", "0", "--data-dir", str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            said = list(itertools.takewhile(lambda line: "running on http" not in line, process.stderr))
            process.send_signal(signal.SIGINT)
            said += process.communicate(timeout=WAIT_S)[1].splitlines()
        finally:
            process.kill()
    assert process.returncode == 0
    assert not [line for line in said if "Traceback" in line or "KeyboardInterrupt" in line]


def test_case_07_a_kill_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    acknowledged: dict[str, str] = {}
    epochs = set()
    for attempt in range(3):
        with server_process(tmp_path) as (process, url), httpx.Client(base_url=url, timeout=WAIT_S) as client:
            answer = client.post("/api/sync", json={}).json()
            epochs.add(answer["epoch"])
            assert acknowledged.items() <= {design["id"]: design["etag"] for design in answer["designs"]}.items()
            enough = threading.Event()
            killer = threading.Thread(target=lambda: (enough.wait(WAIT_S), process.kill()))  # noqa: B023  # joined below
            killer.start()
            before = len(acknowledged)
            with suppress(httpx.TransportError):
                for number in itertools.count():
                    name = f"d{attempt}_{number}"
                    entry = {"id": name, "work": {"id": name, "name": f"design {number}"}}
                    answer = client.post("/api/sync", json={**answer, "designs": [entry], "commands": []}).json()
                    acknowledged[name] = next(design["etag"] for design in answer["designs"] if design["id"] == name)
                    if len(acknowledged) == before + 20:
                        enough.set()
            killer.join()
            assert process.wait(WAIT_S) == -signal.SIGKILL
            assert len(acknowledged) >= before + 20
        with closing(sqlite3.connect(tmp_path / "studio.db")) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert len(epochs) == 1
