"""The log: one line a request, plain or JSON, and no flood of one kind of warning."""

import io
import json
import logging
from pathlib import Path

import httpx
import pytest
from support.server_process import server_process
from support.server_thread import Served
from support.waiting import wait_until

from backend.monitoring.logs import JsonFormatter, PlainFormatter, RateLimitFilter
from backend.web.observation import REQUEST_LOG


def logger_with(filter_: logging.Filter) -> tuple[logging.Logger, io.StringIO]:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.addFilter(filter_)
    log = logging.Logger("test")
    log.addHandler(handler)
    return log, out


def test_a_kind_of_warning_is_written_once_a_second_with_the_number_of_others() -> None:
    now = [0.0]
    log, out = logger_with(RateLimitFilter(lambda: now[0]))
    for number in range(5):
        log.warning("connection %d is refused", number)
        log.info("request %d", number)
    log.error("something else")
    now[0] = 1.0
    log.warning("connection %d is refused", 5)
    log.warning("connection %d is refused", 6)
    assert out.getvalue().splitlines() == [
        "connection 0 is refused",
        *(f"request {number}" for number in range(5)),
        "something else",
        "connection 5 is refused (4 more of this kind were left out)",
    ]


def test_many_kinds_take_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.monitoring.logs.MAX_KINDS", 3)
    log, out = logger_with(RateLimitFilter(lambda: 0.0))
    for number in range(10):
        log.warning(f"kind {number}")  # another kind each time
    assert len(out.getvalue().splitlines()) == 10


def test_a_line_of_json_has_the_fields_of_the_request_and_the_traceback() -> None:
    record = logging.LogRecord("a.b", logging.ERROR, "", 0, "it %s", ("failed",), None)
    record.fields = {"request_id": "r1", "status": 500}
    try:
        raise ValueError("why")
    except ValueError as error:
        record.exc_info = (ValueError, error, error.__traceback__)
    line = JsonFormatter().format(record)
    assert "\n" not in line
    found = json.loads(line)
    assert {"level": "error", "logger": "a.b", "message": "it failed", "request_id": "r1", "status": 500}.items() <= found.items()
    assert found["exception"].endswith("ValueError: why")
    assert found["time"].endswith("Z")


def test_a_plain_line_names_the_logger_except_for_requests() -> None:
    def line(name: str, level: int) -> str:
        return PlainFormatter().format(logging.LogRecord(name, level, "", 0, "it %s", ("happened",), None))

    assert line(REQUEST_LOG, logging.INFO) == "INFO: it happened"
    assert line("uvicorn.error", logging.INFO) == "INFO: it happened"
    assert line("uvicorn.error", logging.ERROR) == "ERROR uvicorn.error: it happened"
    assert line("backend.store.database", logging.WARNING) == "WARNING backend.store.database: it happened"


def test_a_request_is_one_line_with_its_id(server: Served, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, REQUEST_LOG)
    answer = server.get("/api/designs?x=1%0Aforged", headers={"x-request-id": "mine"})
    assert answer.headers["x-request-id"] == "mine"
    server.get("/nothing%0Aforged")

    def records() -> list[logging.LogRecord]:
        return [record for record in caplog.records if record.name == REQUEST_LOG]

    wait_until(lambda: len(records()) == 2)  # a line is written after the response
    first, second = records()
    assert first.getMessage().startswith("GET /api/designs 200 ")
    assert first.getMessage().endswith(" ms mine")
    assert first.__dict__["fields"]["request_id"] == "mine"
    assert first.__dict__["fields"]["bytes"] == len(answer.content)
    assert second.getMessage().startswith("GET /nothing%0Aforged 404 "), "a line cannot be forged"


def test_the_server_logs_json_when_asked(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with server_process(tmp_path / "data", "--no-preload", "--log-json", log=log) as (process, url):
        httpx.get(f"{url}/api/health", headers={"x-request-id": "r77"})
        process.terminate()  # at the end of the block it would be killed, maybe before the line is written
        process.wait(60)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert any("running on http" in line["message"] for line in lines)
    (request,) = (line for line in lines if line.get("request_id") == "r77")
    assert (request["method"], request["path"], request["status"]) == ("GET", "/api/health", 200)
