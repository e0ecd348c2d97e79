"""Calls of phones with the answers of the server, which `fake_server.test.ts` compares with the fake server of the phone's tests.

`exchange.json` has both. Run this file to write the answers of the real server into it.
"""

import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from tests.simulation.server import SimulatedServer
from tests.simulation.worker import make_template

EXCHANGE = Path(__file__).with_name("exchange.json")
Json = dict[str, Any]


class Caller:
    """A phone of a conversation, as far as the server knows it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.known: Json = {"epoch": None, "cursor": 0, "cursor_token": None}
        self.received: list[str] = []

    def request(self, step: Json) -> Json:
        """The call of a step."""
        who = {"client_id": f"c-{self.name}", "device_id": self.name}
        designs = [{"client_id": who["client_id"], **pushed(design)} for design in step.get("designs", [])]
        acknowledged = self.received if step.get("acknowledges") else []
        return {**self.known, **who, "designs": designs, "acknowledged": acknowledged}

    def accept(self, answer: Json) -> None:
        """Note what the next call refers to."""
        self.known = {name: answer[name] for name in self.known}
        self.received = [conflict["id"] for conflict in answer["conflicts"]]


def pushed(short: Json) -> Json:
    """What a call says of a design, from its short form."""
    documents = {key: document(short["id"], short[key]) for key in ("base", "work", "anchor") if key in short}
    return {"base": None, "base_seen": {}, **short, **documents}


def document(design_id: str, short: Json | None) -> Json | None:
    """A design of a name and the ids of its components."""
    if short is None:
        return None
    empty: Json = {"type": "add", "props": {}, "x": 0.0, "y": 0.0, "inside": None}
    meta = {"d_model": 128, "n_heads": 4, "n_experts": 4}
    parts = [{"id": name, **empty} for name in short["parts"]]
    return {"id": design_id, "name": short["name"], "schema_version": 2, "meta": meta, "components": parts, "edges": []}


def summary(answer: Json) -> Json:
    """What of an answer follows from the rules of sync: no random tokens and clients, and components by their ids."""
    return {
        "history": answer["history"],
        "designs": sorted((_summary_of_design(design) for design in answer["designs"]), key=lambda design: str(design["id"])),
        "conflicts": sorted((_summary_of_conflict(conflict) for conflict in answer["conflicts"]), key=json.dumps),
    }


def _summary_of_design(design: Json) -> Json:
    # a change without a client counts as one of the server, which has a random name there
    seen = {client: change for client, change in design["seen"].items() if client.startswith("c-")}
    found: Json = {"id": design["id"], "seen": seen}
    if design.get("forked"):
        found["forked"] = True
    if design.get("deleted"):
        return {**found, "deleted": True}
    parts = sorted(part["id"] for part in design["document"]["components"])
    return {**found, "name": design["document"]["name"], "parts": parts}


def _summary_of_conflict(conflict: Json) -> Json:
    sides = {side: _named(conflict[side]) for side in ("base", "mine", "theirs")}
    concerned = {"device": conflict["device"], "devices": sorted(conflict["devices"])}
    return {"design": conflict["design_id"], "path": conflict["path"], "kept": conflict["kept"], **sides, **concerned}


def _named(value: Any) -> Any:
    return value["id"] if isinstance(value, dict) else value


async def answers(steps: list[Json], folder: Path) -> list[Json]:
    """The answers of a new server to the calls of a conversation, in their order."""
    server = SimulatedServer(folder / "server", await make_template(folder / "template"))
    await server.start()
    callers: dict[str, Caller] = {}
    copy = 0
    found = []
    for step in steps:
        match step["do"]:
            case "copy":
                copy = await server.back_up("folder")
            case "put back":
                await server.restore(copy, "folder")
            case "call":
                caller = callers.setdefault(step["phone"], Caller(step["phone"]))
                status, body = await server.sync(json.dumps(caller.request(step)).encode())
                assert status == 200, body
                answer = json.loads(body)
                caller.accept(answer)
                found.append(summary(answer))
    await server.close()
    return found


@pytest.mark.parametrize("conversation", json.loads(EXCHANGE.read_text()), ids=lambda conversation: str(conversation["title"]))
def test_the_answers_are_those_that_the_fake_server_is_compared_with(conversation: Json, tmp_path: Path) -> None:
    steps = conversation["steps"]
    wanted = [step["answer"] for step in steps if step["do"] == "call"]
    assert asyncio.run(answers(steps, tmp_path)) == wanted


def write() -> None:
    """Write the answers of the real server into the file."""
    conversations = json.loads(EXCHANGE.read_text())
    for conversation in conversations:
        with tempfile.TemporaryDirectory() as folder:
            found = iter(asyncio.run(answers(conversation["steps"], Path(folder))))
        for step in conversation["steps"]:
            if step["do"] == "call":
                step["answer"] = next(found)
    EXCHANGE.write_text(json.dumps(conversations, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(write())
