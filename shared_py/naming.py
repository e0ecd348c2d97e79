"""Names of components where a person reads them: their own, or the title of the block, numbered where several share it."""

from collections import Counter
from collections.abc import Callable

from msgspec import UNSET

from shared_py.blocks import BLOCK_BY_TYPE
from shared_py.design import ModelArchitecture
from shared_py.graph import natural_key

NameOf = Callable[[str], str]
"""from a component's id to its name"""


def component_names(design: ModelArchitecture) -> dict[str, str]:
    """Name every component, by id; those with the same block are numbered in the natural order of their ids.

    Components with a name of their own are counted too, so that naming one changes no other's number. A component whose block
    is unknown is called by its id, the only thing known of it.
    """
    own = {component.id: component.name for component in design.components if component.name is not UNSET}
    titles = {component.id: _title(component.type) for component in design.components}
    counts = Counter(titles.values())
    used: Counter[str] = Counter()
    names = {}
    for name in sorted(titles, key=natural_key):
        title = titles[name]
        used[title] += 1
        if name in own:
            names[name] = own[name]
        elif not title:
            names[name] = f"Component {name}"
        else:
            names[name] = f"{title} {used[title]}" if counts[title] > 1 else title
    return names


def names_of(design: ModelArchitecture | None) -> NameOf:
    """A function from ids to names, which are computed at its first call; an unknown id is returned unchanged."""
    known: dict[str, str] = {}

    def name_of(component_id: str) -> str:
        if not known and design is not None:
            known.update(component_names(design))
        return known.get(component_id, component_id)

    return name_of


def _title(block_type: str) -> str:
    block = BLOCK_BY_TYPE.get(block_type)
    return block.title if block else ""
