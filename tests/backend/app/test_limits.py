"""Limits: each has an option, and an error message that names it."""

import argparse
import asyncio
import socket
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from support.server_thread import serving

from backend.limits import Limits, add_limit_options, limits_of, option_of
from backend.web.rate_limiter import BURST_S, RateLimiter
from backend.web.sending import PIECE_BYTES, ResponseMemory

KILOBYTE = 1_000
MAX_READERS = 60


def parsed(*arguments: str) -> Limits:
    parser = argparse.ArgumentParser()
    add_limit_options(parser)
    return limits_of(parser.parse_args(arguments))


@pytest.mark.parametrize("name", Limits.__struct_fields__)
def test_every_limit_has_an_option(name: str) -> None:
    assert getattr(parsed(option_of(name), "7"), name) == 7


def test_the_command_line_limits_the_rate_and_otherwise_has_the_same_defaults() -> None:
    assert parsed() == replace(Limits(), requests_per_second=100)


@pytest.mark.parametrize("text", ["-1", "many", "1.5", "١"])
def test_a_limit_is_a_whole_number(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parsed(f"--max-designs={text}")
    assert "is no whole number" in capsys.readouterr().err


def test_the_rate_limiter_allows_bursts_and_then_the_average_rate() -> None:
    now = [0.0]
    limiter = RateLimiter(2, lambda: now[0])
    burst = int(2 * BURST_S)
    assert [limiter.retry_after_s("a") for _ in range(burst)] == [0.0] * burst
    assert limiter.retry_after_s("a") == pytest.approx(0.5)
    assert limiter.retry_after_s("b") == 0.0, "clients are counted by themselves"
    now[0] += 0.5
    assert limiter.retry_after_s("a") == 0.0
    assert limiter.retry_after_s("a") == pytest.approx(0.5)
    assert limiter.refused == 2
    assert all(RateLimiter(0).retry_after_s("a") == 0.0 for _ in range(1000))


def test_too_many_requests_are_answered_with_retry_after(tmp_path: Path) -> None:
    with serving(tmp_path / "data", limits=Limits(requests_per_second=1)) as client:
        answers = [client.get("/api/health") for _ in range(int(BURST_S) + 1)]
        assert [answer.status_code for answer in answers[:-1]] == [200] * int(BURST_S)
        assert answers[-1].status_code == 429
        assert answers[-1].headers["retry-after"] == "1"
        assert "more requests than the server takes" in answers[-1].json()["detail"]
        assert client.get("/nothing").status_code != 429, "files of the app are not counted"


def test_a_design_too_many_is_refused_over_http_and_in_sync(tmp_path: Path) -> None:
    with serving(tmp_path / "data", limits=Limits(max_designs=2)) as client:
        first, _ = client.new_design(), client.new_design()
        refused = client.post("/api/designs", json={})
        assert refused.status_code == 409
        assert "keeps 2 designs" in refused.json()["detail"]
        assert "--max-designs" in refused.json()["detail"]
        blank = {"schema_version": 1, "id": "dthree", "name": "Third", "meta": {}, "components": [], "edges": []}
        answer = client.sync(designs=[{"id": "dthree", "base": None, "work": blank}])
        assert [(one["id"], one["problem"]["status"]) for one in answer["rejected"]] == [("dthree", 409)]
        edited = client.put(f"/api/designs/{first['id']}", json={**first, "name": "Edited"}, headers={"if-match": "*"})
        assert edited.status_code == 200, "an edit is never refused"
        client.delete(f"/api/designs/{first['id']}")
        assert client.post("/api/designs", json={}).status_code == 409, "the bin counts"
        client.delete(f"/api/bin/{first['id']}")
        assert client.post("/api/designs", json={}).status_code == 201


def with_note(design: dict[str, Any], number: int, kilobytes: int) -> dict[str, Any]:
    """A version of a design of about this many kilobytes."""
    sizes = [{"id": f"c{part:060}", "type": "linear", "props": {}, "x": number, "y": part} for part in range(kilobytes * 7)]
    return {**design, "name": f"version {number}", "components": sizes, "edges": []}


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("studio.db*"))


def test_rewriting_a_large_design_does_not_fill_the_disk(tmp_path: Path) -> None:
    """Without a limit this wrote 29 MB a second: every version was kept for a day."""
    data = tmp_path / "data"
    with serving(data, limits=Limits(history_mb=1)) as client:
        design = client.new_design()
        url = f"/api/designs/{design['id']}"
        sizes = []
        for number in range(40):
            client.put(url, json=with_note(design, number, 100), headers={"if-match": "*"}).raise_for_status()
            sizes.append(size_of(data))
        document = len(client.get(url).content)
        assert document > 90 * KILOBYTE
        versions = client.get(f"{url}/revisions").json()
        assert len(versions) * document <= 1_000 * KILOBYTE + document
        assert max(sizes[25:]) <= sizes[24] + document, "freed space is used again"
        assert client.get(f"{url}/revisions/{versions[1]['etag']}").status_code == 200


def test_moving_a_block_a_thousand_times_leaves_few_versions_also_after_deleting(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as client:
        design = client.new_design()
        component = {"id": "c1", "type": "board_input", "props": {}, "x": 0, "y": 0}
        url = f"/api/designs/{design['id']}"
        for x in range(400):
            body = {**design, "components": [{**component, "x": x}], "edges": []}
            client.put(url, json=body, headers={"if-match": "*"}).raise_for_status()
        assert len(client.get(f"{url}/revisions?limit=200").json()) <= 110
        client.delete(url)
        versions = client.get(f"{url}/revisions?limit=200").json()
        assert len(versions) <= 110
        assert client.post(f"/api/bin/{design['id']}/restore").status_code == 200
        assert client.get(url).json()["components"][0]["x"] == 399


def test_slow_readers_of_a_large_list_do_not_fill_the_memory(tmp_path: Path) -> None:
    with serving(tmp_path / "data", limits=Limits(responses_mb=1)) as client, ExitStack() as stack:
        design = client.new_design()
        url = f"/api/designs/{design['id']}"
        client.put(url, json=with_note(design, 1, 280), headers={"if-match": "*"}).raise_for_status()
        size = len(client.get(url).content)
        assert size > PIECE_BYTES
        # more at once than the system buffers of a connection, so that the last ones wait in the server
        request = f"GET {url} HTTP/1.1\r\nhost: localhost\r\n\r\n".encode() * 60
        for _ in range(MAX_READERS):
            reader = stack.enter_context(closing(socket.socket()))
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            reader.connect(("127.0.0.1", client.base_url.port))
            reader.sendall(request)
            # a reader whose requests were refused while others were served waits for nothing more, so their number is not known
            if (refused := client.get(url)).status_code == 503:
                break
        assert refused.status_code == 503
        assert refused.headers["retry-after"] == "2"
        assert "sending as much as it can" in refused.json()["detail"]
        assert client.get("/api/health").status_code == 200, "small answers find room"
        stack.close()
        while client.get(url).status_code == 503:  # until the server has noticed
            pass


def test_the_memory_of_a_response_is_freed_whatever_happens() -> None:
    memory = ResponseMemory(100)
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)
        if message["type"] == "http.response.body":
            assert memory.used_bytes == 10
            raise ConnectionError

    async def refuse() -> None:
        raise AssertionError

    async def story() -> None:
        limited = memory.limited(send, refuse)
        await limited({"type": "http.response.start", "status": 200, "headers": []})
        assert sent == [], "the beginning waits until it is known whether the body fits"
        with pytest.raises(ConnectionError):
            await limited({"type": "http.response.body", "body": bytes(10)})

    asyncio.run(story())
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert memory.used_bytes == 0


def free_disk(free: int, total: int = 10_000_000_000) -> Callable[[Any], Any]:
    return lambda _: type("Usage", (), {"free": free, "total": total, "used": total - free})


def test_a_full_disk_refuses_runs_but_no_edit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(tmp_path / "data") as client:
        design = client.new_design(template="tiny_mlp")
        url = f"/api/designs/{design['id']}"
        monkeypatch.setattr("shutil.disk_usage", free_disk(400_000_000))
        refused = client.post(f"{url}/train")
        assert refused.status_code == 507
        assert "has 400 MB left" in refused.json()["detail"]
        assert "--free-disk-mb" in refused.json()["detail"]
        assert client.get("/api/runs").json() == []
        command = {"id": "k1", "kind": "train", "design_id": design["id"], "config": {}}
        (answer,) = client.sync(epoch=client.get("/api/health").json()["epoch"], commands=[command])["commands"]
        assert (answer["status"], answer["problem"]["status"]) == ("failed", 507)
        assert client.put(url, json={**design, "name": "Edited"}, headers={"if-match": "*"}).status_code == 200


def test_waiting_compiles_are_bounded(tmp_path: Path) -> None:
    with serving(tmp_path / "data", limits=Limits(waiting_compiles=0)) as client:
        design = client.new_design(template="tiny_mlp")
        refused = client.post(f"/api/designs/{design['id']}/compile")
        assert refused.status_code == 503
        assert refused.headers["retry-after"] == "10"
        assert "0 compiles wait already" in refused.json()["detail"]
