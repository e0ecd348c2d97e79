"""`GET /api/runs/{id}/design`: the design that a run trains, whatever became of the design since."""

from pathlib import Path

from msgspec import structs
from support.designs import plain_design
from support.run_folders import write_run
from support.server_thread import serving

from shared_py.decoding import decode_design


def test_the_design_of_a_run_is_the_one_it_began_with(tmp_path: Path) -> None:
    design = structs.replace(plain_design(), name="As it was")
    write_run(tmp_path / "runs", "r1", "running", "stopped", design=design)
    with serving(tmp_path) as server:
        answer = server.get("/api/runs/r1/design").raise_for_status()
    assert decode_design(answer.content) == design


def test_a_run_that_does_not_exist_or_whose_design_is_damaged_is_not_found(tmp_path: Path) -> None:
    for run_id in ("r1", "r2", "r3"):
        write_run(tmp_path / "runs", run_id, "running", "stopped")
    runs = tmp_path / "runs"
    (runs / "r2" / "design.json").write_bytes(b"{")
    (runs / "r3" / "design.json").unlink()
    with serving(tmp_path) as server:
        assert server.get("/api/runs/r1/design").status_code == 200
        for run_id in ("r2", "r3", "r4"):
            answer = server.get(f"/api/runs/{run_id}/design")
            assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json"), run_id
