"""Phones and a server with everything that goes wrong between them: nothing that nobody deleted is lost, and all end up equal.

Requests and answers get lost, requests arrive twice at once or again much later, and the server may be restored from an old
backup.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from msgspec.structs import replace

from backend.sync.reconcile import Push, ServerSide, reconcile
from shared_py.design import Component, ModelArchitecture, etag_of

RUNS = 150
ROUNDS = 60
LOST_REQUEST, LOST_ANSWER, TWICE_AT_ONCE, AGAIN_LATER, RESTORED = 0.20, 0.25, 0.15, 0.15, 0.03


@dataclass
class Server:
    """The rule of the server, over a state in memory."""

    side: ServerSide = field(default_factory=ServerSide)
    changes: dict[str, int] = field(default_factory=dict)
    epoch: int = 1

    def receive(self, push: Push, epoch: int) -> tuple[ModelArchitecture | None, int]:
        assert push.client_id is not None
        seen = self.changes.get(push.client_id) if push.change is not None else None
        outcome = reconcile(push, replace(self.side, last_change=seen), base_is_known=epoch == self.epoch)
        self.side = ServerSide(outcome.document)
        if push.change is not None:
            self.changes[push.client_id] = max(push.change, seen or 0)
        return outcome.document, self.epoch

    def backup(self) -> tuple[ServerSide, dict[str, int]]:
        return self.side, dict(self.changes)


@dataclass
class Phone:
    """The rule of the phone: it never merges."""

    name: str
    counts_changes: bool
    work: ModelArchitecture = field(default_factory=lambda: ModelArchitecture(id="d1"))
    base: ModelArchitecture | None = None
    epoch: int = 0
    change: int = 0

    def push(self) -> Push:
        return Push("d1", self.base, self.work, self.name, self.change if self.counts_changes else None)

    def edit(self, make: Callable[[ModelArchitecture], ModelArchitecture]) -> None:
        self.work = make(self.work)
        self.change += 1

    def accept(self, sent: Push, answer: tuple[ModelArchitecture | None, int]) -> None:
        document, self.epoch = answer
        if self.work == sent.work and document is not None:
            self.work = self.base = document
        else:
            self.base = sent.work


class World:
    """One seeded run."""

    def __init__(self, seed: int, counts_changes: bool, restores: bool) -> None:
        self.random = random.Random(seed)
        self.server = Server()
        self.phones = [Phone(name, counts_changes) for name in ("a", "b", "c")]
        self.restores = restores
        self.late: list[tuple[Push, int]] = []
        self.backups = [self.server.backup()]
        self.made: set[str] = set()
        self.deleted: set[str] = set()

    def run(self) -> None:
        for _ in range(ROUNDS):
            phone = self.random.choice(self.phones)
            if self.random.random() < 0.6:
                phone.edit(self.some_edit)
            else:
                self.sync_badly(phone)
            if self.late and self.random.random() < 0.1:
                self.server.receive(*self.late.pop(self.random.randrange(len(self.late))))
            if self.random.random() < 0.2:
                self.backups.append(self.server.backup())
            if self.restores and self.random.random() < RESTORED:
                self.server.side, changes = self.random.choice(self.backups)
                self.server.changes = dict(changes)
                self.server.epoch += 1
        self.calm()

    def calm(self) -> None:
        """Everything late arrives, then every phone syncs without faults until nothing changes."""
        for push, epoch in self.late:
            self.server.receive(push, epoch)
        for _ in range(4):
            for phone in self.phones:
                sent = phone.push()
                phone.accept(sent, self.server.receive(sent, phone.epoch))

    def sync_badly(self, phone: Phone) -> None:
        sent, epoch = phone.push(), phone.epoch
        if self.random.random() < AGAIN_LATER:
            self.late.append((sent, epoch))
        if self.random.random() < LOST_REQUEST:
            return
        answer = self.server.receive(sent, epoch)
        if self.random.random() < TWICE_AT_ONCE:
            self.server.receive(sent, epoch)
        if self.random.random() < 0.5:
            phone.edit(self.some_edit)
        if self.random.random() >= LOST_ANSWER:
            phone.accept(sent, answer)

    def some_edit(self, design: ModelArchitecture) -> ModelArchitecture:
        kind = self.random.choice(["add", "add", "set", "delete", "connect", "move", "rename"])
        parts = {component.id: component for component in design.components}
        edges = list(design.edges)
        if kind == "rename":
            return replace(design, name=f"name {self.random.randrange(9)}")
        if kind == "add" or not parts:
            name = f"c{len(self.made)}"
            self.made.add(name)
            parts[name] = Component(id=name, type="embedding")
            return replace(design, components=list(parts.values()))
        one, other = self.random.choice(list(parts)), self.random.choice(list(parts))
        if kind == "delete":
            self.deleted.add(one)
            del parts[one]
            edges = [edge for edge in edges if one not in edge]
        elif kind == "connect" and (one, other) not in edges:
            edges.append((one, other))
        elif kind == "move":
            parts[one] = replace(parts[one], x=float(self.random.randrange(9)))
        elif kind == "set":
            parts[one] = replace(parts[one], props={"d_model": self.random.randrange(9)})
        return replace(design, components=list(parts.values()), edges=edges)


@pytest.mark.parametrize("restores", [False, True], ids=["steady", "restored"])
@pytest.mark.parametrize("counts_changes", [False, True], ids=["stateless", "counted"])
def test_nothing_is_lost_and_all_end_up_equal(counts_changes: bool, restores: bool) -> None:
    for seed in range(RUNS):
        world = World(seed, counts_changes, restores)
        world.run()
        document = world.server.side.document
        assert document is not None
        names = {component.id for component in document.components}
        assert world.made - world.deleted <= names, f"seed {seed} lost components"
        assert {end for edge in document.edges for end in edge} <= names, f"seed {seed} has an edge to nowhere"
        assert {etag_of(phone.work) for phone in world.phones} == {etag_of(document)}, f"seed {seed} did not converge"


def test_a_late_repeat_of_an_old_change_takes_nothing_back() -> None:
    one = ModelArchitecture(id="d1", components=[Component(id="a", type="embedding", props={"d_model": 8})])
    two = replace(one, components=[Component(id="a", type="embedding", props={"d_model": 16})])
    three = replace(one, components=[Component(id="a", type="embedding", props={"d_model": 32})])
    first, second = Push("d1", one, two, "phone", 1), Push("d1", two, three, "phone", 2)
    server = Server(ServerSide(one))
    server.receive(first, 1)
    server.receive(second, 1)
    assert server.receive(first, 1)[0] == three
