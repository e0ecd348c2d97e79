"""What containers and links need in a merged design, where each side changed a part of that.

A container that a side has with content keeps some, a link leads to a container with content of its own, and what has content is
a container. Nothing is removed for that: deleted content is restored, a move out of a container is undone, or the value of a link or a
type is given up for that of the other side.
"""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from shared_py.blocks import BLOCK_BY_TYPE
from shared_py.design import Component
from shared_py.merge_conflicts import Decisions
from shared_py.merge_moves import container_of, is_sound
from shared_py.properties import properties_of
from shared_py.protocol import Side

Components = dict[str, Component]
Members = dict[str | None, list[str]]

CONTAINERS = frozenset(name for name, block in BLOCK_BY_TYPE.items() if block.container)
LINK_OF = {
    name: link
    for name in CONTAINERS
    for link, rule in properties_of(BLOCK_BY_TYPE[name]).items()
    if rule.type == "component"
}
"""the property by which a container runs the content of another one"""
MAX_ROUNDS = 8
"""repetitions, where one repair is the cause of another"""


def members_of(components: Components) -> Members:
    """The components in each container; those at the top under None."""
    members: Members = {}
    for key, component in components.items():
        members.setdefault(component.inside, []).append(key)
    return members


def with_content(key: str, members: Members) -> list[str]:
    """A component and everything in it, the outer ones first."""
    found = [key]
    for name in found:
        found += members.get(name, [])
    return found


def keep_content(
    kept: Components, base: Components, mine: Components, theirs: Components, decisions: Decisions, restore: Callable[[], None]
) -> None:
    """Change `kept` until its containers and links have what they need, where a side had that.

    `restore` is called after each change, to restore what the changed components refer to.
    """
    content = _Content(kept, base, mine, theirs, decisions)
    for _ in range(MAX_ROUNDS):
        if not (content.repair_types() or content.repair_links() or content.fill()):
            return
        restore()


class _Content:
    def __init__(self, kept: Components, base: Components, mine: Components, theirs: Components, decisions: Decisions) -> None:
        self.kept, self.base, self.mine, self.theirs, self.decisions = kept, base, mine, theirs, decisions
        sides: list[tuple[Side, Components, Members]] = [
            ("mine", mine, members_of(mine)),
            ("theirs", theirs, members_of(theirs)),
        ]
        self.sides = sides if decisions.prefer == "mine" else sides[::-1]

    # --- types --------------------------------------------------------------------------------------------

    def repair_types(self) -> bool:
        """Make containers of the components that have content, as they are on a side."""
        changed = False
        for key in members_of(self.kept):
            if key is None or self.kept[key].type in CONTAINERS:
                continue
            if any(key in side and side[key].type not in CONTAINERS and key in members for _, side, members in self.sides):
                continue
            for name, side, _ in self.sides:
                if key in side and side[key].type in CONTAINERS:
                    self._take_type(key, side, name)
                    changed = True
                    break
        return changed

    def _take_type(self, key: str, side: Components, name: Side) -> None:
        self.kept[key] = replace(self.kept[key], type=side[key].type, props=side[key].props)
        for field in ("type", "props"):
            values = [getattr(version[key], field) if key in version else None for version in (self.base, self.mine, self.theirs)]
            self.decisions.overrule(f"/components/{key}/{field}", *values, name)

    # --- links --------------------------------------------------------------------------------------------

    def repair_links(self) -> bool:
        """Remove the links of containers with content, and of containers that others are linked to."""
        changed = False
        members = members_of(self.kept)
        for key in list(self.kept):
            target = linked_to(self.kept[key])
            if target is None:
                continue
            if key in members:
                changed |= self._unlink(key, lambda side, inside: key in inside and linked_to(side[key]) is not None)
            elif target in self.kept and linked_to(self.kept[target]) is not None:
                changed |= self._unlink_definition(key, target)
            elif target in self.kept and self.kept[target].type != self.kept[key].type:
                changed |= self._retype_definition(key, target)
        return changed

    def _unlink_definition(self, key: str, target: str) -> bool:
        """Remove the link of what another one is linked to; where each is linked to the other, the preferred side's stays."""
        first = self.sides[0][1]
        both_ways = linked_to(self.kept[target]) == key
        if both_ways and target in first and linked_to(first[target]) == key:
            key, target = target, key
        if any(_is_linked_twice(side, key, target) for _, side, _ in self.sides):
            return False
        return self._unlink(target, lambda _, inside: False)

    def _retype_definition(self, key: str, target: str) -> bool:
        for name, side, _ in self.sides:
            if key in side and target in side and linked_to(side[key]) == target and side[key].type == side[target].type:
                self._take_type(target, side, name)
                return True
        return False

    def _unlink(self, key: str, is_known: Callable[[Components, Members], bool]) -> bool:
        """Give up a link for the other side's content, unless a side has the same problem already."""
        if any(key in side and is_known(side, inside) for _, side, inside in self.sides):
            return False
        for name, side, inside in self.sides:
            if key not in side or linked_to(side[key]) is not None or side[key].type != self.kept[key].type:
                continue
            link = LINK_OF[self.kept[key].type]
            props = {field: value for field, value in self.kept[key].props.items() if field != link}
            if link in side[key].props:
                props[link] = side[key].props[link]
            self.kept[key] = replace(self.kept[key], props=props)
            values = [_property(key, link, version) for version in (self.base, self.mine, self.theirs)]
            self.decisions.overrule(f"/components/{key}/props/{link}", *values, name)
            for member in inside.get(key, []):
                self._restore(member, side, inside, name)
            return True
        return False

    # --- content ------------------------------------------------------------------------------------------

    def fill(self) -> bool:
        """Put content back into containers that have some on a side, and none here."""
        members = members_of(self.kept)
        empty = [
            key
            for key, part in self.kept.items()
            if part.type in CONTAINERS and key not in members and linked_to(part) is None and not self._was_empty(key)
        ]
        # Content that was put back may be what another container lacks, so the next one is looked for anew.
        return any([self._fill(key) for key in empty])

    def _was_empty(self, key: str) -> bool:
        return any(
            key in side and key not in members and side[key].type in CONTAINERS and linked_to(side[key]) is None
            for _, side, members in self.sides
        )

    def _fill(self, key: str) -> bool:
        for name, side, inside in self.sides:
            if key not in side:
                continue
            done = [self._put_back(member, key, side, inside, name) for member in inside.get(key, [])]
            if any(done):
                return True
        return False

    def _put_back(self, member: str, key: str, side: Components, inside: Members, name: Side) -> bool:
        """Restore a component of a container, or undo its move out of it."""
        if member not in self.kept:
            self._restore(member, side, inside, name)
            return True
        places = {other: part.inside for other, part in self.kept.items()}
        around = places[member]
        # The only content of another container stays there; the repair nests one container in the other.
        is_alone = around is not None and sum(place == around for place in places.values()) == 1
        if is_alone or not is_sound({**places, member: key}):
            return False
        self.kept[member] = replace(self.kept[member], inside=key)
        values = [container_of(member, version) for version in (self.base, self.mine, self.theirs)]
        self.decisions.overrule(f"/components/{member}/inside", *values, name)
        return True

    def _restore(self, key: str, side: Components, inside: Members, name: Side) -> None:
        """Restore a component that the other side deleted, with its content."""
        for member in with_content(key, inside):
            if member not in self.kept and (side[member].inside is None or side[member].inside in self.kept):
                self.kept[member] = side[member]
                mine, theirs = (side[member], None) if name == "mine" else (None, side[member])
                self.decisions.record(f"/components/{member}", self.base.get(member), mine, theirs, name)


def linked_to(component: Component) -> str | None:
    """The container whose content a container runs in place of its own; None without a link."""
    link = LINK_OF.get(component.type)
    target = None if link is None else component.props.get(link)
    return target if isinstance(target, str) else None


def _is_linked_twice(side: Components, key: str, target: str) -> bool:
    return key in side and target in side and linked_to(side[key]) == target and linked_to(side[target]) is not None


def _property(key: str, name: str, side: Components) -> Any:
    return side[key].props.get(name) if key in side else None
