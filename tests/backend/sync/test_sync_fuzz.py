"""Calls of real phones to `/api/sync`, changed at any place: no answer is 500, nothing is logged, and other phones go on.

A phone that has edited a design makes a valid call, of which some parts are replaced, removed, repeated or moved. Whatever the
server does with it, the phone whose call it was and another one sync afterwards and have equal designs.
"""

import copy
import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.server_log import no_errors_logged
from support.server_thread import Served, ask, serving
from support.sync_phone import Phone, drawing

ANSWERED = {200, 400, 413, 422}
DEEP = "deep"
"""stands for a value that is nested 50,000 times, which `json` cannot write"""
NESTED = b"[" * 50_000 + b"]" * 50_000
RAW = {"NaN": float("nan"), "Infinity": float("inf")}
EXAMPLES_A_SERVER = 40


class Servers:
    """Servers, each for some examples: the designs and the clients of all examples would make every call larger."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self.examples = 0

    def for_example(self) -> Served:
        """The server for the next example; it starts no process, since its runs stay in the queue."""
        if self.examples % EXAMPLES_A_SERVER == 0:
            self._stack.close()
            data = self._folder / str(self.examples)
            self._server = self._stack.enter_context(serving(data, max_concurrent_runs=0, run_memory_bytes=1 << 40))
        self.examples += 1
        return self._server

    def close(self) -> None:
        self._stack.close()


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    opened = Servers(tmp_path_factory.mktemp("data"))
    yield opened
    opened.close()


identifiers = st.sampled_from(["d1", "d2", "c1", "", "D1", "a" * 65, "../x", "d\u0000", "c-one", "one", "two", "\ud800"])
numbers = st.sampled_from(
    [-1, 0, 1, 2**31, 2**50, 2**50 + 1, 2**53 - 1, 2**53, 2**63, 2**64, 10**400, -0.0, 1.5, 1e308, *RAW.values()]
)
vectors = st.dictionaries(st.sampled_from(["c-one", "c-two", "c-three", "", "x" * 65]), numbers | identifiers, max_size=3)
edges = st.lists(st.lists(identifiers, max_size=3), max_size=3)
odd_values = st.one_of(
    st.none(), st.booleans(), numbers, identifiers, vectors, edges, st.just(DEEP), st.just([]), st.just({}), st.text(max_size=9)
)
commands = st.fixed_dictionaries(
    {"id": identifiers, "kind": st.sampled_from(["train", "resume", "x"]), "design_id": identifiers},
    optional={
        "config": st.dictionaries(st.sampled_from(["total_steps", "n_envs", "x"]), numbers, max_size=2),
        "run_id": identifiers,
    },
)
conflicts = st.fixed_dictionaries(
    {"id": identifiers, "design_id": identifiers, "device": identifiers, "created_at": identifiers, "path": identifiers},
    optional={"base": odd_values, "mine": odd_values, "theirs": odd_values, "kept": st.sampled_from(["mine", "theirs", "x"])}
    | {"devices": st.lists(identifiers, max_size=3), "resolved": st.sampled_from(["mine", "theirs", None, "x"])},
)
additions = st.fixed_dictionaries(
    {},
    optional={
        "commands": st.lists(commands, max_size=3),
        "conflicts": st.lists(conflicts, max_size=2),
        "for_others": st.lists(conflicts, max_size=2),
        "acknowledged": st.lists(identifiers, max_size=3),
        "resolved": st.lists(st.fixed_dictionaries({"id": identifiers, "choice": st.sampled_from(["mine", "x"])}), max_size=2),
        "former_device_ids": st.lists(identifiers, max_size=3),
        "epoch": st.sampled_from([None, "", "other", "e" * 64, "e" * 65]),
        "cursor": numbers,
        "cursor_token": identifiers,
        "device_id": identifiers,
    },
)
changes = st.tuples(st.integers(0, 10**6), st.sampled_from(["replace", "remove", "repeat", "reverse", "swap"]), odd_values)


def places(value: Any, found: list[tuple[Any, Any]] | None = None) -> list[tuple[Any, Any]]:
    """Every place in a document, as its container and the key or index in it."""
    found = [] if found is None else found
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in items:
        found.append((value, key))
        places(part, found)
    return found


def change(call: dict[str, Any], number: int, kind: str, value: Any) -> None:
    """Make one change at one of the places of a call."""
    found = places(call)
    container, key = found[number % len(found)]
    if kind == "remove":
        del container[key]
    elif kind == "repeat" and isinstance(container, list):
        container.extend([copy.deepcopy(container[key])] * 3)
    elif kind == "reverse" and isinstance(container[key], list):
        container[key].reverse()
    elif kind == "swap":
        other, name = found[(number // 7) % len(found)]
        container[key] = copy.deepcopy(other[name])
    else:
        container[key] = copy.deepcopy(value)


def encoded(call: dict[str, Any]) -> bytes:
    return json.dumps(call).encode().replace(b'"deep"', NESTED)


def edited_phones(server: Served, prefix: str) -> tuple[Phone, Phone]:
    """Two phones that have both changed the same design and not sent it, so that the next calls are merged."""
    one, two = (Phone(f"{prefix}{name}", client=f"c-{name}-{prefix}") for name in ("one", "two"))
    one.edit("d1", drawing("d1", c1=8, c2=8))
    one.sync(server)
    two.sync(server)
    one.set("d1", c1=16)
    two.set("d1", c1=32, n1=4)
    one.edit("d2", drawing("d2", c1=8))
    return one, two


@example(order=[0, 1], added={}, spoilt=[(0, "replace", DEEP)])
@example(order=[0, 0, 1, 1], added={"cursor": 2**53 - 1, "epoch": "other"}, spoilt=[])
@example(order=[1], added={"former_device_ids": ["one", "one"], "device_id": "one"}, spoilt=[(7, "swap", None)])
@given(
    order=st.lists(st.integers(0, 1), min_size=1, max_size=4),
    added=additions,
    spoilt=st.lists(changes, max_size=4),
)
def test_no_call_breaks_the_server_or_the_sync_of_phones(
    servers: Servers, order: list[int], added: dict[str, Any], spoilt: list[tuple[int, str, Any]]
) -> None:
    with no_errors_logged():
        server = servers.for_example()
        phones = edited_phones(server, f"p{servers.examples}")
        for index in order:
            call = copy.deepcopy(phones[index].call()) | copy.deepcopy(added)
            for number, kind, value in spoilt:
                change(call, number, kind, value)
            status, _, answer = ask(server, "POST", "/api/sync", encoded(call))
            assert status in ANSWERED, (status, answer[:500])
            if status == 200:
                assert json.loads(answer)["history"] in ("same", "other")
        for phone in (*phones, *phones):
            phone.sync(server)
    one, two = ({name: row.work for name, row in phone.rows.items()} for phone in phones)
    assert one == two
