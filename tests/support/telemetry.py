"""For tests of telemetry: one event of each type, and calls that store, list and delete them."""

from typing import Any

import httpx

AT = "2026-11-30T10:00:00.000Z"
STACK = "app-B1x_2.js:10:200\nsync-C3.js:4:1"
EVENTS: list[dict[str, Any]] = [
    {
        "type": "compile_success",
        "id": "e1",
        "at": AT,
        "designId": "d1",
        "paramCount": 0.24,
        "parameters": 244_613,
        "time_ms": 900,
        "request_id": "q1",
    },
    {"type": "train_started", "id": "e2", "at": AT, "designId": "d1", "run_id": "r1", "request_id": "q2"},
    {"type": "export", "id": "e3", "at": AT, "designId": "d1", "fmt": "onnx", "request_id": "q3"},
    {"type": "offline_seconds", "id": "e4", "at": AT, "seconds": 12.5},
    {"type": "client_error", "id": "e5", "at": AT, "name": "ApiProblem", "stack": STACK, "status": 500, "request_id": "q4"},
]


def batch(*events: dict[str, Any], device_id: str = "t1") -> dict[str, Any]:
    """The body of a call."""
    return {"device_id": device_id, "events": list(events)}


def numbered(count: int) -> list[dict[str, Any]]:
    """Events that differ in their ids and seconds."""
    return [{"type": "offline_seconds", "id": f"n{number}", "at": AT, "seconds": number} for number in range(count)]


def recorded(server: httpx.Client, device_id: str = "t1", **query: int) -> list[dict[str, Any]]:
    """The events that a device sees, newest first."""
    rows = server.get("/api/telemetry", params={"device_id": device_id, **query}).raise_for_status().json()
    return [row["event"] for row in rows]
