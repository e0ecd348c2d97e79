"""Settings that all tests share, and which tests `make test-fast` leaves out."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is imported: two busy threads on two busy cores wait for each other

import pytest
from hypothesis import HealthCheck, settings

# the same examples in every run: a new one that fails belongs to no change; `search` draws others
settings.register_profile("suite", deadline=None, max_examples=60, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("search", settings.get_profile("suite"), derandomize=False, print_blob=True)
settings.register_profile("fast", settings.get_profile("suite"), max_examples=10)
settings.load_profile("suite")

SLOW = (
    "backend/app/test_damaged_database.py",
    "backend/app/test_replaced_database.py",
    "backend/app/test_schemathesis.py",
    "backend/app/test_server_process.py",
    "backend/app/test_start.py",
    "backend/app/test_upgrade_data.py",
    "backend/app/test_wheel.py",
    "backend/backup",
    "backend/checkpoint_games",
    "backend/compile",
    "backend/connections/test_many_connections.py",
    "backend/environment",
    "backend/export",
    "backend/machine",
    "backend/process",
    "backend/runs",
    "backend/store/test_power_loss.py",
    "backend/stream",
    "backend/training",
    "e2e",
    "parity",
    "simulation",
    "shared_py/test_schema.py::test_schema_and_decoder_agree_on_spoilt_documents",
    "shared_py/test_validation.py::test_every_fix_mends_its_problem",
)
"""These train, compile or export networks, play thousands of games, measure the machine, start processes, or try hundreds of
generated designs."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.nodeid.removeprefix("tests/").startswith(SLOW):
            item.add_marker("slow")
