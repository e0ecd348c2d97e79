"""`GET /metrics` is readable by Prometheus, for this machine only, and not in the OpenAPI document."""

from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from support.server_thread import Served, serving
from websockets.sync.client import connect

from backend.monitoring.metrics import RequestCounts, is_local
from backend.web.observation import Observed


def read(server: Served) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Every sample by its name and labels."""
    answer = server.get("/metrics").raise_for_status()
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["cache-control"] == "no-store"
    families = text_string_to_metric_families(answer.text)
    return {(sample.name, tuple(sorted(sample.labels.items()))): sample.value for family in families for sample in family.samples}


def test_it_counts_what_was_served(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as client:
        design = client.new_design()
        client.get("/api/designs/dnothing")
        with connect(client.socket_url):
            during = read(client)
        found = read(client)
    route = (("method", "GET"), ("route", "/api/designs/{design_id}"))
    assert found["model_studio_requests_total", (*route, ("status", "200"))] == 1
    assert found["model_studio_requests_total", (*route, ("status", "404"))] == 1
    assert found["model_studio_requests_total", (("method", "WEBSOCKET"), ("route", "/ws"), ("status", "101"))] == 1
    assert found["model_studio_request_seconds_count", (("route", "/api/designs/{design_id}"),)] == 2
    assert found["model_studio_request_seconds_bucket", (("le", "+Inf"), ("route", "/api/designs/{design_id}"))] == 2
    assert found["model_studio_designs", ()] == 1
    assert found["model_studio_messages_total", ()] == 1
    assert found["model_studio_database_ok", ()] == 1
    assert found["model_studio_database_bytes", ()] > 4096
    assert found["model_studio_disk_free_bytes", ()] > 0
    assert during["model_studio_connections", (("kind", "busy"),)] == 2, "the socket, and the question itself"
    assert design["id"] not in str(found), "ids are no labels"


def test_it_is_not_published(server: Served) -> None:
    assert "/metrics" not in server.get("/schema/openapi.json").json()["paths"]
    assert server.post("/metrics").status_code == 405
    assert server.request("HEAD", "/metrics").content == b""


@pytest.mark.parametrize("header", ["forwarded", "x-forwarded-for", "x-real-ip"])
def test_a_proxy_on_this_machine_cannot_pass_it_on(server: Served, header: str) -> None:
    refused = server.get("/metrics", headers={header: "192.0.2.7"})
    assert refused.status_code == 403
    assert "Only this machine" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        *(("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("::ffff:127.0.0.1", True)),
        *(("192.168.1.2", False), ("fe80::1%eth0", False), ("10.0.0.1", False), ("testclient", False)),
    ],
)
def test_only_loopback_is_this_machine(address: str, expected: bool) -> None:
    assert is_local({"client": (address, 1), "headers": []}) is expected


def test_clients_cannot_create_series() -> None:
    counts = RequestCounts()
    for number in range(50):
        counts.add(Observed("GET", f"/path{number}", "", "peer", status=404))
        counts.add(Observed(f"M{number}-", "/", "", "peer", status=405))
    samples = [sample for family in counts.collect() for sample in family.samples if sample.name == "model_studio_requests_total"]
    assert len(samples) == 2
