"""schemathesis calls every operation of the OpenAPI document: no answer is 500, none is undocumented, and no call hangs.

Calls name things that exist or not, and have valid or invalid parameters, headers and bodies. They come from a device that is
paired, from one that is not, and from one that needs no pairing.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from support.paired import PairedDevice
from support.run_folders import write_run
from support.server_log import no_errors_logged
from support.server_thread import Served, serving

from backend.pairing.cookie import NAME
from backend.pairing.middleware import HEALTH, PAIRING

ANSWER_S = 20.0
"""a call that is not answered in this time hangs"""
CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]
RUNS = ("r1", "r2", "r3")
EMPTY = {"max_concurrent_runs": 0, "run_memory_bytes": 1 << 40}
"""settings with which runs stay in the queue and start no process"""
MANY_SMALL = settings(suppress_health_check=list(HealthCheck), database=None)
Check = Callable[[Any, Any], None]
"""of a case and its answer"""


@contextmanager
def filled_server(data_dir: Path, **changes: Any) -> Iterator[Served]:
    """A server that has runs of the design `d1`."""
    for run_id, status in zip(RUNS, ("finished", "failed", "stopped"), strict=True):
        write_run(data_dir / "runs", run_id, "running", status)
    with serving(data_dir, **EMPTY, **changes) as server:
        yield server


def names_that_exist(server: Served, headers: dict[str, str]) -> dict[str, list[str]]:
    """Identifiers for the parameters in paths; one design has two versions, another one is in the bin."""
    new = {"template": "tiny_mlp"}
    made = [server.post("/api/designs", json=new, headers=headers).raise_for_status().json() for _ in range(2)]
    kept, deleted = (meta["id"] for meta in made)
    changed = {**server.get(f"/api/designs/{kept}", headers=headers).json(), "name": "Second version"}
    put = server.put(f"/api/designs/{kept}", json=changed, headers={**headers, "if-match": f'"{made[0]["etag"]}"'})
    put.raise_for_status()
    server.delete(f"/api/designs/{deleted}", headers={**headers, "if-match": "*"}).raise_for_status()
    runs = [run["id"] for run in server.get("/api/runs", headers=headers).json()]
    etags = [made[0]["etag"], put.headers["etag"].strip('"')]
    return {"design_id": [kept, kept, deleted], "run_id": runs or ["r1"], "etag": etags, "device_id": ["unknown"]}


def modes_of(operation: Any) -> list[GenerationMode]:
    """Valid calls, and invalid ones of operations whose query or body can be invalid."""
    has_input = operation.query or operation.body
    return [GenerationMode.POSITIVE, GenerationMode.NEGATIVE] if has_input else [GenerationMode.POSITIVE]


def call_everything(server: Served, headers: dict[str, str], check: Check, divisor: int, *, fill: bool = True) -> Counter[int]:
    """Call every operation with generated input, and count the statuses; `divisor` lowers the number of examples."""
    with serving(server.settings.data_dir / "document") as other:
        schema = schemathesis.openapi.from_dict(other.get("/schema/openapi.json").json())
    statuses: Counter[int] = Counter()
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) > 40
    for operation in operations:
        # a compile takes seconds, since it starts a process with torch: here none is of a design that exists
        known = names_that_exist(server, headers) if fill and not operation.path.endswith("/compile") else {}
        for mode in modes_of(operation):
            call_operation(operation.as_strategy(generation_mode=mode), server, headers, known, check, statuses, divisor)
    return statuses


def call_operation(
    cases: st.SearchStrategy[Any],
    server: Served,
    headers: dict[str, str],
    known: dict[str, list[str]],
    check: Check,
    statuses: Counter[int],
    divisor: int,
) -> None:
    """Call one operation with generated cases, most of which name things that exist."""

    @given(st.data(), cases)
    @settings(MANY_SMALL, max_examples=max(2, settings().max_examples // divisor))
    def call(data: st.DataObject, case: Any) -> None:
        for name in sorted((case.path_parameters or {}).keys() & known.keys()):
            if data.draw(st.integers(0, 3)):
                case.path_parameters[name] = data.draw(st.sampled_from(known[name]))
        answer = case.call(base_url=str(server.base_url).rstrip("/"), headers=headers, timeout=ANSWER_S)
        statuses[answer.status_code] += 1
        check(case, answer)

    call()


def is_documented(case: Any, answer: Any) -> None:
    """Assert that an answer is no fault of the server and is what the document says."""
    assert answer.status_code < 500, (answer.status_code, answer.content[:500], case.as_curl_command())
    case.validate_response(answer, checks=CHECKS)


def is_refused(case: Any, answer: Any) -> None:
    """Assert that a device that is not paired learns nothing."""
    if case.path not in (HEALTH, PAIRING):
        assert answer.status_code == 401, (answer.status_code, answer.content[:500], case.as_curl_command())
    is_documented(case, answer)


def is_alive(server: Served, headers: dict[str, str]) -> bool:
    return bool(server.get("/api/health", headers=headers).json()["status"] == "ok")


def test_a_device_that_needs_no_pairing(tmp_path: Path) -> None:
    with no_errors_logged(), filled_server(tmp_path / "data") as server:
        statuses = call_everything(server, {}, is_documented, 15)
        assert {200, 201, 204, 400, 404, 409, 422} <= statuses.keys(), statuses
        assert is_alive(server, {})


def test_a_paired_device(tmp_path: Path) -> None:
    with no_errors_logged(), filled_server(tmp_path / "data", pairing=True) as server:
        cookie = {"cookie": PairedDevice(server, "phone").cookie}
        statuses = call_everything(server, cookie, is_documented, 30)
        assert 401 not in statuses
        assert is_alive(server, cookie)


def test_a_device_that_is_not_paired(tmp_path: Path) -> None:
    headers = {"cookie": f"{NAME}=guess"}
    with no_errors_logged(), filled_server(tmp_path / "data", pairing=True) as server:
        statuses = call_everything(server, headers, is_refused, 30, fill=False)
        assert statuses[401] > 40
        assert is_alive(server, headers)
