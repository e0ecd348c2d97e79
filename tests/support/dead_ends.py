"""Dead ends of a merged design that a side has under another name."""

from collections.abc import Iterable

from shared_py.analysis import analyse
from shared_py.design import ModelArchitecture


def known_dead_ends(merged: ModelArchitecture, sides: Iterable[ModelArchitecture]) -> set[tuple[str, str | None]]:
    """The containers around a dead end of a side that lacks them, where no wire leaves their content on that side.

    Where one side cut the wire behind a component and the other grouped that component, nothing follows the group.
    """
    content: dict[str, set[str]] = {}
    places = {part.id: part.inside for part in merged.components}
    for key, place in places.items():
        while place is not None:
            content.setdefault(place, set()).add(key)
            place = places[place]
    found = set[tuple[str, str | None]]()
    for side in sides:
        ends = {problem.component_id for problem in analyse(side).problems if problem.code == "dead_end"}
        for container in content.keys() - {part.id for part in side.components}:
            inner = content[container]
            if inner & ends and not any(source in inner and target not in inner for source, target in side.edges):
                found.add(("dead_end", container))
    return found
