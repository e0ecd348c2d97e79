"""What containers and links need in a merged design, where each side changed a part of that.

A container that a side has with content keeps some, a link leads to a container with content of its own, and what has content
is a container. Nothing is removed for that: deleted content is restored, a move out of a container is undone, or the value of a
link or a type is given up for that of the other side.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

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
    name: link for name in CONTAINERS for link, rule in properties_of(BLOCK_BY_TYPE[name]).items() if rule.type == "component"
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
    content.nest()
    for _ in range(MAX_ROUNDS):
        if not (content.repair_types() or content.repair_links() or content.fill() or content.nest_groups()):
            return
        restore()


class _Version(NamedTuple):
    """A side of the merge."""

    name: Side
    parts: Components
    members: Members


class _Content:
    """The components of a merge, and what is changed about them."""

    def __init__(self, kept: Components, base: Components, mine: Components, theirs: Components, decisions: Decisions) -> None:
        self.kept, self.base, self.mine, self.theirs, self.decisions = kept, base, mine, theirs, decisions
        sides = [_Version("mine", mine, members_of(mine)), _Version("theirs", theirs, members_of(theirs))]
        self.sides = sides if decisions.prefer == "mine" else sides[::-1]

    # --- places -------------------------------------------------------------------------------------------

    def nest(self) -> None:
        """Put what each side moved into another container into the inner one, where one of these is in the other."""
        one, other = self.sides
        for key, part in self.kept.items():
            before, place, inner = (container_of(key, version) for version in (self.base, one.parts, other.parts))
            if inner is None or inner not in self.kept or part.inside != place or key not in one.parts:
                continue
            is_inner = before not in (place, inner) and place in self._around(inner)
            is_new = key not in self.base and inner not in self.base and inner not in one.parts
            is_grouped = is_new and other.parts[inner].inside == place
            if (is_inner or is_grouped) and self._can_move(key, inner):
                self._move(key, inner, other)

    def nest_groups(self) -> bool:
        """Put a container that one side made into one that the other side made around the same components and others."""
        members, changed = members_of(self.kept), False
        for one, other in (self.sides, self.sides[::-1]):
            for key in [key for key in members if key in one.parts and key not in other.parts and key not in self.base]:
                places = {other.parts[name].inside for name in members[key] if name in other.parts}
                around = next(iter(places)) if len(places) == 1 else None
                if (
                    around is None
                    or around not in members
                    or around not in self.kept
                    or around in one.parts
                    or around in self.base
                ):
                    continue
                if self.kept[around].inside == self.kept[key].inside and self._can_move(key, around):
                    self._move(key, around, other)
                    changed = True
        return changed

    def _can_move(self, key: str, into: str) -> bool:
        return is_sound({**{name: part.inside for name, part in self.kept.items()}, key: into})

    def _around(self, key: str) -> list[str]:
        """The containers around a component."""
        found: list[str] = []
        part = self.kept.get(key)
        while part is not None and part.inside is not None and part.inside not in found:
            found.append(part.inside)
            part = self.kept.get(part.inside)
        return found

    # --- types --------------------------------------------------------------------------------------------

    def repair_types(self) -> bool:
        """Make containers of the components that have content, as they are on a side."""
        changed = False
        for key in members_of(self.kept):
            if key is None or self.kept[key].type in CONTAINERS:
                continue
            has_it = [side for side in self.sides if key in side.parts]
            if any(side.parts[key].type not in CONTAINERS and key in side.members for side in has_it):
                continue
            source = next((side for side in has_it if side.parts[key].type in CONTAINERS), None)
            if source is not None:
                self._take_type(key, source)
                changed = True
        return changed

    def _take_type(self, key: str, side: _Version) -> None:
        self.kept[key] = replace(self.kept[key], type=side.parts[key].type, props=side.parts[key].props)
        self._overrule(key, "type", side, lambda part: part.type)
        self._overrule(key, "props", side, lambda part: part.props)

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
                changed |= not self._has_two_bodies(key) and self._unlink(key)
            elif target in self.kept and linked_to(self.kept[target]) is not None:
                changed |= self._unlink_definition(key, target)
            elif target in self.kept and self.kept[target].type != self.kept[key].type:
                changed |= self._retype_definition(key, target)
        return changed

    def _has_two_bodies(self, key: str) -> bool:
        """Whether a side has a link and content of one container already."""
        return any(key in side.members and key in side.parts and linked_to(side.parts[key]) is not None for side in self.sides)

    def _unlink_definition(self, key: str, target: str) -> bool:
        """Remove the link of what another one is linked to; where each is linked to the other, the preferred side's stays."""
        first = self.sides[0].parts
        if linked_to(self.kept[target]) == key and target in first and linked_to(first[target]) == key:
            key, target = target, key
        for side in self.sides:
            if key in side.parts and linked_to(side.parts[key]) == target and linked_to(side.parts.get(target)) is not None:
                return False
        return self._unlink(target)

    def _retype_definition(self, key: str, target: str) -> bool:
        for side in self.sides:
            here, there = side.parts.get(key), side.parts.get(target)
            if here is not None and there is not None and linked_to(here) == target and here.type == there.type:
                self._take_type(target, side)
                return True
        return False

    def _unlink(self, key: str) -> bool:
        """Give up a link for the content that a side has in its place."""
        link = LINK_OF[self.kept[key].type]
        for side in self.sides:
            other = side.parts.get(key)
            if other is None or linked_to(other) is not None or other.type != self.kept[key].type:
                continue
            props = {field: value for field, value in self.kept[key].props.items() if field != link}
            self.kept[key] = replace(self.kept[key], props=props | {link: other.props[link]} if link in other.props else props)
            self._overrule(key, f"props/{link}", side, lambda part: part.props.get(link))
            for member in side.members.get(key, []):
                self._restore(member, side)
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
        filled = [self._fill(key) for key in empty]
        grouped = [self._group_again(key, *sides) for sides in (self.sides, self.sides[::-1]) for key in self.base]
        return any(filled) or any(grouped)

    def _group_again(self, key: str, one: _Version, other: _Version) -> bool:
        """Put content back into a container that one side replaced by it while the other edited the container.

        Also into one that was a definition: deleting it gave its content to a container that was linked to it.
        """
        if key in one.parts or key not in other.parts or key not in self.kept:
            return False
        place, is_edited = self.base[key].inside, other.parts[key] != self.base[key]
        came_out = []
        for member in other.members.get(key, []):
            now = container_of(member, one.parts)
            is_copied = now is not None and linked_to(other.parts.get(now)) == key
            if member in self.kept and self.kept[member].inside != key and (is_copied or (is_edited and now == place)):
                came_out.append(member)
        moved = [self._put_back(member, key, other) for member in came_out]
        return any(moved)

    def _was_empty(self, key: str) -> bool:
        return any(
            key in side.parts
            and key not in side.members
            and side.parts[key].type in CONTAINERS
            and linked_to(side.parts[key]) is None
            for side in self.sides
        )

    def _fill(self, key: str) -> bool:
        for side in self.sides:
            content = side.members.get(key, []) if key in side.parts else []
            moved = [self._put_back(member, key, side) for member in content]
            if any(moved):
                return True
        return False

    def _put_back(self, member: str, key: str, side: _Version) -> bool:
        """Restore a component of a container, or undo its move out of it."""
        if member not in self.kept:
            self._restore(member, side)
            return True
        places = {other: part.inside for other, part in self.kept.items()}
        around = places[member]
        if around is not None and sum(place == around for place in places.values()) == 1:
            return self._share(member, key, around, side)
        if not is_sound({**places, member: key}):
            return False
        self._move(member, key, side)
        return True

    def _share(self, member: str, key: str, around: str, side: _Version) -> bool:
        """Give a container the only content of another one: as its definition if it was that, else inside it."""
        places = {other: part.inside for other, part in self.kept.items()}
        there = side.parts.get(around)
        is_definition = there is not None and linked_to(there) == key and self.kept[around].type == there.type
        if there is not None and is_definition and is_sound({**places, member: key}):
            link = LINK_OF[there.type]
            self.kept[around] = replace(self.kept[around], props={**self.kept[around].props, link: key})
            self._overrule(around, f"props/{link}", side, lambda part: part.props.get(link))
        elif key not in self.base and around not in self.base and is_sound({**places, member: key, key: around}):
            self._move(key, around, side)
        else:
            # The repair looks for other ways.
            return False
        self._move(member, key, side)
        return True

    def _move(self, key: str, into: str, side: _Version) -> None:
        self.kept[key] = replace(self.kept[key], inside=into)
        self._overrule(key, "inside", side, lambda part: part.inside)

    def _overrule(self, key: str, field: str, kept: _Version, value_of: Callable[[Component], Any]) -> None:
        versions = (self.base, self.mine, self.theirs)
        base, mine, theirs = (value_of(version[key]) if key in version else None for version in versions)
        self.decisions.overrule(f"/components/{key}/{field}", base, mine, theirs, kept.name)

    def _restore(self, key: str, side: _Version) -> None:
        """Restore a component that the other side deleted, with its content."""
        for member in with_content(key, side.members):
            part = side.parts[member]
            if member not in self.kept and (part.inside is None or part.inside in self.kept):
                self.kept[member] = part
                mine, theirs = (part, None) if side.name == "mine" else (None, part)
                self.decisions.record(f"/components/{member}", self.base.get(member), mine, theirs, side.name)


def linked_to(component: Component | None) -> str | None:
    """The container whose content a container runs in place of its own; None without a link."""
    link = LINK_OF.get(component.type) if component is not None else None
    target = component.props.get(link) if component is not None and link is not None else None
    return target if isinstance(target, str) else None
