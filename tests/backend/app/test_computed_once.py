"""For one request a design is analysed once; in a sync it is read, decoded and encoded once."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.call_counts import count_calls
from support.run_folders import write_run
from support.server_thread import Served, serving

from backend.store.designs import find_design
from backend.store.names import DATABASE
from shared_py.analysis import analyse
from shared_py.decoding import decode_design
from shared_py.design import canonical_bytes


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that queues runs and starts none, with a limit for the memory of a run."""
    with serving(tmp_path_factory.mktemp("data"), max_concurrent_runs=0, run_memory_bytes=1 << 34) as client:
        yield client


def until_ended(server: Served, command: dict[str, Any]) -> dict[str, Any]:
    while (answer := server.sync(commands=[command])["commands"][0])["status"] == "running":
        pass
    ended: dict[str, Any] = answer
    return ended


@pytest.mark.parametrize("call", ["compile", "train", "validate"])
def test_one_request_analyses_a_design_once(server: Served, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    design = server.new_design()
    analyses = count_calls(monkeypatch, analyse)
    body = {"json": design} if call == "validate" else {}
    server.post(f"/api/designs/{design['id']}/{call}", **body).raise_for_status()
    assert len(analyses) == 1


@pytest.mark.parametrize("kind", ["compile", "train"])
def test_one_command_analyses_a_design_once_and_a_repeat_does_not(
    server: Served, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    command = {"id": f"k-{kind}", "kind": kind, "design_id": server.new_design()["id"]}
    analyses = count_calls(monkeypatch, analyse)
    assert until_ended(server, command)["status"] == "done"
    assert len(analyses) == 1
    until_ended(server, command)
    assert len(analyses) == 1


class SyncCounts:
    """How often designs are read from the database, decoded and encoded."""

    def __init__(self, server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
        self._server = server
        self._calls = [count_calls(monkeypatch, function) for function in (find_design, decode_design, canonical_bytes)]
        self._epoch = server.get("/api/health").json()["epoch"]
        self._cursor = server.sync(epoch=self._epoch)["cursor"]

    def push(self, **entry: Any) -> tuple[tuple[int, ...], dict[str, Any]]:
        """Push one design; the counts of reads, decodes and encodes, and the response."""
        for calls in self._calls:
            calls.clear()
        answer = self._server.sync(epoch=self._epoch, cursor=self._cursor, designs=[entry])
        assert answer["rejected"] == []
        self._cursor = answer["cursor"]
        (synced,) = answer["designs"]
        return tuple(len(calls) for calls in self._calls), synced


def test_a_synced_design_is_read_decoded_and_encoded_once(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = SyncCounts(server, monkeypatch)
    part = {"id": "c1", "type": "embedding", "props": {"d_model": 64}}
    new = {"id": "donce", "name": "New", "components": [part]}

    found, synced = counts.push(id="donce", work=new)
    assert found == (1, 1, 1)  # decoded: work
    base = synced["document"]
    known = {"base": base, "base_seen": synced["seen"]}

    found, synced = counts.push(id="donce", **known, work={**base, "name": "Edited"})
    assert found == (1, 3, 1)  # decoded: base, work, and the stored design

    found, synced = counts.push(id="donce", **known, work={**base, "components": []})
    assert found == (1, 3, 1)  # the same, though the stored design has been edited meanwhile
    assert (synced["document"]["name"], synced["document"]["components"]) == ("Edited", [])

    merged = synced["document"]
    found, synced = counts.push(id="donce", **known, work=merged)
    assert found == (1, 3, 0)  # nothing is stored
    assert server.get("/api/designs/donce").headers["etag"] == f'"{synced["etag"]}"'


def test_metrics_are_sent_as_they_are_stored(tmp_path: Path) -> None:
    write_run(tmp_path / "runs", "r1", "running", "stopped")
    with serving(tmp_path) as client:
        while len(client.get("/api/runs/r1/metrics").raise_for_status().json()) < 3:
            pass
    with sqlite3.connect(tmp_path / DATABASE) as database:
        database.execute("""UPDATE messages SET payload = replace(payload, '{"type"', '{"of_a_later_version": 1, "type"')""")
        payloads = [text for (text,) in database.execute("SELECT payload FROM messages WHERE run_id = 'r1' ORDER BY seq")]
    database.close()
    with serving(tmp_path) as client:
        response = client.get("/api/runs/r1/metrics").raise_for_status()
        assert response.headers["content-type"] == "application/json"
        assert response.text == f"[{','.join(payloads)}]"
        assert all("of_a_later_version" in message for message in response.json())
