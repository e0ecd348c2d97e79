"""Writes the pages of results in docs/: one section per benchmark, with the tables of its last run."""

from collections.abc import Mapping, Sequence

WORST = 3
"""rows that are listed besides a summary"""

Row = Mapping[str, object]


def page(head: str, sections: Mapping[str, str], names: Sequence[str], before: str) -> str:
    """The page in the order of `names`: new sections, and those of the page before for benchmarks that did not run."""
    kept = {name: text.strip() for name, _, text in (part.partition("\n") for part in before.split("\n## ")[1:])}
    texts = kept | dict(sections)
    return "\n".join([head, *(f"## {name}\n{texts[name]}\n" for name in names if name in texts)])


def section(docstring: str, machine: str, rows: Sequence[Row]) -> str:
    """The first paragraph of a benchmark's docstring, the machine, and the tables."""
    description = " ".join(docstring.partition("\n\n")[0].split())
    return f"{description} *{machine}*\n{tables(rows)}"


def tables(rows: Sequence[Row]) -> str:
    """Markdown tables; a new one begins where the columns change."""
    lines: list[str] = []
    columns: list[str] = []
    for row in rows:
        if list(row) != columns:
            columns = list(row)
            lines += ["", f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
        lines.append(f"| {' | '.join(str(value) for value in row.values())} |")
    return "\n".join(lines)


def worst(rows: Sequence[Row], *errors: str, count: int = WORST) -> list[Row]:
    """The rows with the largest error in any of the named columns ("+12%"), the largest first."""

    def largest(row: Row) -> float:
        return max(abs(float(str(row[name]).rstrip("%"))) for name in errors)

    return sorted(rows, key=largest, reverse=True)[:count]
