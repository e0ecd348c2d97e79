"""The rules of sync alone, without storage: phones and a server with everything that goes wrong between them.

Requests and answers get lost, requests arrive twice at once or again much later. In turn the server is put back from a copy, or a
phone is put back, or cloned. No component that nobody deleted is lost, no value that was knowingly replaced returns, every
overwritten value is in a conflict, and all end up equal.
"""

import copy
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import msgspec
import pytest

from backend.store.vectors import joined
from backend.sync.reconcile import Push, ServerSide, reconcile
from shared_py.design import Component, ModelArchitecture, etag_of
from shared_py.protocol import Conflict, VersionVector

RUNS = 150
ROUNDS = 80
LOST_REQUEST, LOST_ANSWER, TWICE_AT_ONCE, AGAIN_LATER, PUT_BACK = 0.20, 0.25, 0.15, 0.15, 0.03
Mode = Literal["steady", "server put back", "phone put back", "phone cloned"]


@dataclass
class Answer:
    """What a phone receives."""

    document: ModelArchitecture
    seen: VersionVector
    forked: bool


@dataclass
class Server:
    """The rule of the server, over a state in memory."""

    current: ModelArchitecture | None = None
    seen: VersionVector = field(default_factory=dict)
    stored: list[tuple[ModelArchitecture, VersionVector]] = field(default_factory=list)
    changes: dict[tuple[str, int], str] = field(default_factory=dict)

    def is_repeat(self, push: Push) -> bool | None:
        digest = self.changes.get((push.client_id or "", push.change or 0))
        return None if digest is None else digest == push.digest

    def vector_of(self, document: ModelArchitecture) -> VersionVector | None:
        return next((seen for version, seen in self.stored if version == document), None)

    def versions(self) -> list[tuple[int, VersionVector]]:
        return [(number, seen) for number, (_, seen) in reversed(list(enumerate(self.stored)))]

    def document(self, number: int) -> ModelArchitecture:
        return self.stored[number][0]

    def receive(self, push: Push) -> tuple[Answer, list[Conflict]]:
        outcome = reconcile(push, ServerSide(self.current, seen=self.seen), self)
        assert outcome.document is not None
        if outcome.seen != self.seen and push.client_id is not None and push.change is not None:
            self.changes[push.client_id, push.change] = push.digest
        self.stored += outcome.recovered
        if outcome.document != self.current:
            self.stored.append((outcome.document, outcome.seen))
        self.current, self.seen = outcome.document, outcome.seen
        return Answer(outcome.document, outcome.seen, outcome.forked), outcome.conflicts


@dataclass
class Phone:
    """The rule of the phone: it never merges."""

    name: str
    client: str
    work: ModelArchitecture = field(default_factory=lambda: ModelArchitecture(id="d1"))
    base: ModelArchitecture | None = None
    base_seen: VersionVector = field(default_factory=dict)
    anchor: tuple[ModelArchitecture | None, VersionVector] = (None, {})
    change: int = 0
    dirty: bool = True
    sent: Push | None = None
    yields: bool = False

    def push(self) -> Push:
        if self.sent is None:
            change = self.change if self.dirty else None
            digest = etag_of(self.work)
            anchor, anchor_seen = self.anchor
            self.sent = Push(
                "d1", self.base, self.work, self.client, change, self.base_seen, anchor, anchor_seen, self.yields, digest
            )
        return self.sent

    def accept(self, sent: Push, answer: Answer, new_client: str) -> None:
        if sent is not self.sent:
            return
        self.sent = None
        if answer.forked:
            self.client, self.yields = new_client, True
        elif self.work == sent.work:
            self.work = self.base = answer.document
            self.base_seen, self.dirty, self.yields, self.anchor = answer.seen, False, False, (None, {})
        else:
            if self.anchor[0] is None:
                self.anchor = (self.base, self.base_seen)
            self.base, self.yields = sent.work, False
            own = {} if sent.change is None else {sent.client_id or "": sent.change}
            self.base_seen = joined(self.base_seen, own)


class World:
    """One seeded run."""

    def __init__(self, seed: int, mode: Mode) -> None:
        self.random = random.Random(seed)
        self.mode = mode
        self.server = Server()
        self.phones = [Phone(name, f"{name}0") for name in ("a", "b", "c")]
        self.late: list[Push] = []
        self.server_copies: list[Server] = []
        self.phone_copies = copy.deepcopy(self.phones)
        self.was_put_back = False
        self.made: set[str] = set()
        self.deleted: set[str] = set()
        self.replaced: dict[int, set[int]] = {}
        """values that a phone replaced while it showed them, each with those that replaced it"""
        self.sent_twice: set[int] = set()
        """values in a phone that was copied: the copy may send them as its own, at the same time as newer ones of the other"""
        self.written: dict[str, list[int]] = {}
        self.recorded: set[int] = set()
        """values in conflicts"""
        self.numbers = iter(range(1, 100_000))

    def run(self) -> None:
        for _ in range(ROUNDS):
            phone = self.random.choice(self.phones)
            if self.random.random() < 0.6:
                self.edit(phone)
            else:
                self.sync_badly(phone)
            if self.late and self.random.random() < 0.1:
                self.receive(self.late.pop(self.random.randrange(len(self.late))))
            if self.random.random() < 0.2:
                if self.server.current is not None:  # two phones whose bases have nothing in common cannot be merged exactly
                    self.server_copies.append(copy.deepcopy(self.server))
                self.phone_copies = copy.deepcopy(self.phones)
            if self.random.random() < PUT_BACK:
                self.put_back()
        self.calm()

    def put_back(self) -> None:
        if self.mode == "server put back" and self.server_copies and not self.was_put_back:
            self.was_put_back = True  # once: versions that were lost twice may leave no version from which both sides come
            self.server = copy.deepcopy(self.random.choice(self.server_copies))
        elif self.mode == "phone put back":
            index = self.random.randrange(3)
            self.sent_twice |= values_of(self.phone_copies[index].work)
            self.phones[index] = copy.deepcopy(self.phone_copies[index])
            self.forget_what_is_gone()
        elif self.mode == "phone cloned" and len(self.phones) < 5:
            self.phones.append(copy.deepcopy(self.random.choice(self.phones)))
            self.sent_twice |= values_of(self.phones[-1].work)

    def forget_what_is_gone(self) -> None:
        """Do not expect what only a phone had whose storage was put back."""
        sent = [*self.late, *(phone.sent for phone in self.phones if phone.sent is not None)]
        left = [version for version, _ in self.server.stored] + [phone.work for phone in self.phones]
        left += [push.work for push in sent if push.work is not None]
        values = set().union(*map(values_of, left)) | self.recorded
        self.made &= {component.id for version in left for component in version.components} | self.deleted
        self.written = {name: [value for value in written if value in values] for name, written in self.written.items()}
        self.replaced = {value: by & values for value, by in self.replaced.items() if by & values}

    def receive(self, push: Push) -> Answer:
        answer, conflicts = self.server.receive(push)
        for conflict in conflicts:
            for value in (conflict.mine, conflict.theirs):
                self.recorded |= set(numbers_in(value))
        return answer

    def calm(self) -> None:
        """Everything late arrives, then every phone syncs without faults until nothing changes."""
        for push in self.late:
            self.receive(push)
        for _ in range(4):
            for phone in self.phones:
                sent = phone.push()
                phone.accept(sent, self.receive(sent), self.new_client(phone))

    def new_client(self, phone: Phone) -> str:
        return f"{phone.name}{next(self.numbers)}"

    def sync_badly(self, phone: Phone) -> None:
        sent = phone.push()
        if self.random.random() < AGAIN_LATER:
            self.late.append(sent)
        if self.random.random() < LOST_REQUEST:
            return
        answer = self.receive(sent)
        if self.random.random() < TWICE_AT_ONCE:
            self.receive(sent)
        if self.random.random() < 0.5:
            self.edit(phone)
        if self.random.random() >= LOST_ANSWER:
            phone.accept(sent, answer, self.new_client(phone))

    def edit(self, phone: Phone) -> None:
        phone.work = self.some_edit(phone.work)
        phone.change += 1
        phone.dirty = True

    def some_edit(self, design: ModelArchitecture) -> ModelArchitecture:
        kind = self.random.choice(["add", "set", "set", "delete", "connect"])
        parts = {component.id: component for component in design.components}
        edges = list(design.edges)
        if kind == "add" or not parts:
            name = f"c{next(self.numbers)}"
            self.made.add(name)
            parts[name] = Component(id=name, type="embedding")
            return msgspec.structs.replace(design, components=list(parts.values()))
        one, other = self.random.choice(list(parts)), self.random.choice(list(parts))
        if kind == "delete":
            self.deleted.add(one)
            del parts[one]
            edges = [edge for edge in edges if one not in edge]
        elif kind == "connect" and (one, other) not in edges:
            edges.append((one, other))
        elif kind == "set":
            value = next(self.numbers)
            shown = set(numbers_in(parts[one].props))
            for by in (by for old, by in self.replaced.items() if by & shown):
                by.add(value)
            for old in shown:
                self.replaced.setdefault(old, set()).add(value)
            self.written.setdefault(one, []).append(value)
            parts[one] = msgspec.structs.replace(parts[one], props={"d_model": value})
        return msgspec.structs.replace(design, components=list(parts.values()), edges=edges)


def values_of(design: ModelArchitecture) -> set[int]:
    """Every number in the properties of a design."""
    return {value for component in design.components for value in numbers_in(component.props)}


def numbers_in(value: object) -> Iterator[int]:
    """Every number in a value of a conflict."""
    if isinstance(value, int) and not isinstance(value, bool):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from numbers_in(part)


@pytest.mark.parametrize("mode", ["steady", "server put back", "phone put back", "phone cloned"])
def test_nothing_is_lost_and_all_end_up_equal(mode: Mode) -> None:
    for seed in range(RUNS):
        world = World(seed, mode)
        world.run()
        document = world.server.current
        assert document is not None
        parts = {component.id: component for component in document.components}
        assert world.made - world.deleted <= set(parts), f"seed {seed} lost components"
        assert {end for edge in document.edges for end in edge} <= set(parts), f"seed {seed} has an edge to nowhere"
        assert {etag_of(phone.work) for phone in world.phones} == {etag_of(document)}, f"seed {seed} did not converge"
        for name in world.made - world.deleted:
            final = parts[name].props.get("d_model")
            newest = [value for value in world.written.get(name, []) if value not in world.replaced]
            assert final not in world.replaced.keys() - world.sent_twice, f"seed {seed}: {name} has the old value {final}"
            assert final is not None or not newest, f"seed {seed}: {name} has none of the values {newest}"
            silent = set(newest) - {final} - world.recorded
            assert not silent, f"seed {seed}: values {silent} of {name} were overwritten without a conflict"


def test_a_late_repeat_of_an_old_change_takes_nothing_back() -> None:
    one = ModelArchitecture(id="d1", components=[Component(id="a", type="embedding", props={"d_model": 8})])
    two, three = (
        msgspec.structs.replace(one, components=[Component(id="a", type="embedding", props={"d_model": width})])
        for width in (16, 32)
    )
    server = Server(one)
    first, second = (Push("d1", base, work, "phone", number) for number, base, work in ((1, one, two), (2, two, three)))
    server.receive(first)
    server.receive(second)
    assert server.receive(first)[0].document == three


def drawn(**widths: int) -> ModelArchitecture:
    """A design with a component of each name and width."""
    parts = [Component(id=name, type="embedding", props={"d_model": width}) for name, width in widths.items()]
    return ModelArchitecture(id="d1", components=parts)


def put_back() -> Server:
    """A server with change 1 of phone a, put back to that, on which phone b has then changed something."""
    server = Server(drawn(x=8, y=8), {"a": 1}, [(drawn(x=8, y=8), {"a": 1})])
    server.receive(Push("d1", drawn(x=8, y=8), drawn(x=8, y=16), "b", 1, {"a": 1}, digest="b1"))
    return server


LATE = Push("d1", drawn(x=8, y=8), drawn(x=24, y=8), "a", 2, {"a": 1}, digest="a2")
"""a change that the server had received before it was put back, and receives again"""


def test_a_late_change_does_not_win_over_the_one_that_replaced_it_before_the_server_was_put_back() -> None:
    server = put_back()
    server.receive(LATE)
    answer, conflicts = server.receive(Push("d1", drawn(x=32, y=8), drawn(x=32, y=8), base_seen={"a": 3}))
    assert answer.document == drawn(x=32, y=16)
    assert conflicts == []


def test_a_value_that_was_set_back_stays_though_a_phone_brings_the_one_between() -> None:
    server = put_back()
    server.receive(LATE)
    server.receive(Push("d1", drawn(x=24, y=8), drawn(x=8, y=8), "a", 3, {"a": 2}, digest="a3"))
    between = Push("d1", drawn(x=24, y=8, z=8), drawn(x=24, y=8, z=8), base_seen={"a": 2, "c": 1})
    assert server.receive(between)[0].document == drawn(x=8, y=16, z=8)
