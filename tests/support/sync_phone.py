"""A phone for tests of the sync route: it keeps a base with its version vector for each design, and never merges."""

import copy
from dataclasses import dataclass, field
from typing import Any

from support.server_thread import Served

Design = dict[str, Any]


def drawing(name: str, **widths: int) -> Design:
    """A design with one embedding for each keyword, of that width."""
    parts = [
        {"id": key, "type": "embedding", "props": {"d_model": width}, "x": 0.0, "y": 0.0, "inside": None}
        for key, width in widths.items()
    ]
    meta = {"d_model": 128, "n_heads": 4, "n_experts": 4}
    return {"id": name, "name": "One", "schema_version": 1, "meta": meta, "components": parts, "edges": []}


def widths(design: Design | None) -> dict[str, int]:
    """The width of each component."""
    return {} if design is None else {part["id"]: part["props"]["d_model"] for part in design["components"]}


@dataclass
class Row:
    """One design on the phone."""

    work: Design | None
    base: Design | None = None
    base_seen: dict[str, int] = field(default_factory=dict)
    contents: dict[str, str] = field(default_factory=dict)
    dirty: bool = True
    client: str = ""
    change: int = 0
    yields: bool = False


@dataclass
class Phone:
    """What the app keeps between calls; `copy.deepcopy` of it is a copy of the phone's storage."""

    name: str
    client: str = ""
    epoch: str | None = None
    cursor: int = 0
    token: str | None = None
    change: int = 0
    rows: dict[str, Row] = field(default_factory=dict)
    conflicts: list[dict[str, Any]] = field(default_factory=list)
    unacknowledged: list[str] = field(default_factory=list)
    resolved: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.client = self.client or f"c-{self.name}"

    def edit(self, design_id: str, work: Design | None) -> None:
        """Change a design, or delete it with None."""
        row = self.rows.setdefault(design_id, Row(work))
        self.change += 1
        if not row.client or not row.dirty:
            row.client = self.client
        row.work, row.dirty, row.change = copy.deepcopy(work), True, self.change

    def set(self, design_id: str, **changes: int) -> None:
        """Change widths of components, or add some."""
        old = self.rows[design_id].work
        self.edit(design_id, {**drawing(design_id, **{**widths(old), **changes}), "name": (old or {}).get("name", "One")})

    def call(self) -> dict[str, Any]:
        """The request with everything that is to be sent."""
        designs = []
        for name, row in self.rows.items():
            if row.dirty:
                what = {"deleted": True} if row.work is None else {"work": copy.deepcopy(row.work)}
                own = {"client_id": row.client, "change": row.change} if row.client else {}
                base = {"base": row.base, "base_seen": row.base_seen, "base_contents": row.contents}
                designs.append({"id": name, **base, "yields": row.yields, **what, **own})
        known = {"epoch": self.epoch, "cursor": self.cursor, "cursor_token": self.token}
        who = {"client_id": self.client, "device_id": self.name, "device_name": f"Phone {self.name}"}
        return {**known, **who, "designs": designs, "acknowledged": self.unacknowledged, "resolved": self.resolved}

    def accept(self, call: dict[str, Any], answer: dict[str, Any]) -> None:
        """Take in an answer."""
        is_other = answer["history"] == "other"
        self.epoch, self.cursor, self.token = answer["epoch"], answer["cursor"], answer["cursor_token"]
        self.unacknowledged = [conflict["id"] for conflict in answer["conflicts"]]
        self.resolved = []
        known = {conflict["id"]: conflict for conflict in self.conflicts}
        self.conflicts = list({**known, **{conflict["id"]: conflict for conflict in answer["conflicts"]}}.values())
        pushed = {entry["id"] for entry in call["designs"]}
        listed = {entry["id"]: entry for entry in answer["designs"]}
        for name, entry in listed.items():
            row = self.rows.get(name)
            if row is not None and entry.get("forked"):
                row.client, row.yields = self._new_client(), True
            elif row is None or name in pushed or (not row.dirty and not (is_other and _lacks(entry["seen"], row.base_seen))):
                self._adopt(name, entry)
            elif not row.dirty:
                row.dirty, row.client = True, ""
        if is_other:
            for name, row in self.rows.items():
                if name not in listed and not row.dirty:
                    row.dirty, row.client = True, ""

    def _adopt(self, name: str, entry: dict[str, Any]) -> None:
        if entry.get("deleted"):
            self.rows.pop(name, None)
        else:
            self.rows[name] = Row(entry["document"], entry["document"], entry["seen"], entry.get("contents", {}), dirty=False)

    def _new_client(self) -> str:
        self.client += "+"
        return self.client

    def sync(self, server: Served) -> None:
        """Sync until there is nothing to send."""
        for _ in range(4):
            call = self.call()
            self.accept(call, server.sync(**call))
            if not any(row.dirty for row in self.rows.values()) and not self.unacknowledged:
                return
        raise AssertionError(f"phone {self.name} still has something to send")


def _lacks(seen: dict[str, int], needed: dict[str, int]) -> bool:
    return any(seen.get(client, -1) < change for client, change in needed.items())
