"""Tables of patterns of cells: n-tuple networks (Szubert and Jaskowski 2014)."""

from collections.abc import Iterable
from typing import Annotated

from shared_py.blocks.base import BYTES_PER_VALUE, INDEX_BYTES, Block, BlockCode, BlockContext, PartOfASum, literal, value_bytes
from shared_py.blocks.block_problems import problem, set_property, shape_problem
from shared_py.game_2048 import CELLS
from shared_py.layout import Brackets, Node
from shared_py.messages import part
from shared_py.problems import Problem
from shared_py.properties import about
from shared_py.shapes import Signal, tokens

TILE_VALUES = 16
"""of a cell in a table; exponents above 15 count as 15, since 18 values would make tables of six cells twice as large"""
MAX_PATTERN_CELLS = 6
MAX_PATTERNS = 16
VIEWS = 8
"""of a board: four turns of it and of its mirror image"""
LARGE_FOR_A_PHONE = 8_000_000
"""parameters; a file of 32 MB"""

Pattern = tuple[Annotated[int, about("Cell", "A cell, row by row from the top left.", ge=0, le=CELLS - 1)], ...]
LINES_AND_SQUARES: tuple[Pattern, ...] = ((0, 1, 2, 3), (4, 5, 6, 7), (0, 1, 4, 5), (1, 2, 5, 6), (5, 6, 9, 10))


class NTuple(Block, frozen=True):
    """Tables that are looked up by the tiles of a few cells each, an n-tuple network: a pattern of k cells has 16^k rows."""

    type = "n_tuple"
    title = "N-tuple"
    summary = "Looks up patterns of cells in tables."
    keywords = ("n-tuple network", "lookup table", "pattern", "feature", "TD learning", "tabular")
    kind = "tokens"
    makes_tokens = True

    patterns: Annotated[
        tuple[Annotated[Pattern, about("Pattern", "Cells of one table.", min_length=1, max_length=MAX_PATTERN_CELLS)], ...],
        about("Patterns", "The cells that each table looks at.", min_length=1, max_length=MAX_PATTERNS),
    ] = LINES_AND_SQUARES
    symmetric: Annotated[
        bool, about("Shared over symmetries", "Each table is read in all eight turned and mirrored views of the board.")
    ] = True
    out_features: Annotated[
        int, about("Width out", "Numbers in an entry: 1 for a table of values, more to go on with.", ge=1, le=256)
    ] = 1
    initial_value: Annotated[
        float,
        about("Initial value", "Sum of all entries of a board at first; high values make it try more.", ge=0, le=1_000_000),
    ] = 0.0

    @property
    def views(self) -> int:
        """How often each table is read for one board."""
        return VIEWS if self.symmetric else 1

    @property
    def lookups(self) -> int:
        """The number of tokens of one board."""
        return len(self.patterns) * self.views

    @property
    def rows(self) -> int:
        """Rows of all tables together."""
        return sum(TILE_VALUES ** len(pattern) for pattern in self.patterns)

    def part_of_a_sum(self) -> PartOfASum | None:
        return "entries" if self.out_features == 1 else None

    def check(self, context: BlockContext) -> list[Problem]:
        if context.inputs[0].kind != "board":
            return [shape_problem(context, part("takes_board"))]
        distinct = [list(dict.fromkeys(pattern)) for pattern in self.patterns]
        if all(len(cells) == len(pattern) for cells, pattern in zip(distinct, self.patterns, strict=True)):
            return []
        return [problem(context, "repeated_cell", field="patterns", fix=set_property(context, "patterns", distinct))]

    def advise(self, context: BlockContext) -> list[Problem]:
        parameters = self.parameters(context)
        if parameters <= LARGE_FOR_A_PHONE:
            return []
        params = {"megabytes": round(parameters * BYTES_PER_VALUE / 1e6)}
        return [problem(context, "large_tables", params, field="patterns")]

    def output(self, context: BlockContext) -> Signal:
        return tokens(self.out_features, None, cells=self.lookups)

    def parameters(self, context: BlockContext) -> int:
        """out_features × the sum of 16^k over the patterns of k cells."""
        return self.out_features * self.rows

    def table_parameters(self, context: BlockContext) -> int:
        return self.parameters(context)

    def active_parameters(self, context: BlockContext) -> int:
        """A board reads one row in each view of each table."""
        return self.out_features * self.lookups

    def flops(self, context: BlockContext) -> int:
        """The product of the exponents of the cells with what each counts for in each row number."""
        return CELLS * self.lookups

    def activation_bytes(self, context: BlockContext) -> int:
        """The rows that were looked up, which the backward pass needs."""
        return self.lookups * INDEX_BYTES

    def forward_bytes(self, context: BlockContext) -> int:
        """Exponents and row numbers as float64."""
        return (CELLS + self.lookups) * 8

    def backward_bytes(self, context: BlockContext) -> int:
        """The gradient of the output and of the rows."""
        return 2 * value_bytes(self.output(context))

    def code(self, context: BlockContext, inputs: tuple[str, ...]) -> BlockCode:
        arguments: dict[str, Node] = {
            "patterns": tuple_of(tuple_of(map(str, pattern)) for pattern in self.patterns),
            **self.texts(context, "symmetric", "out_features"),
        }
        if self.initial_value:
            arguments["initial_value"] = literal(self.initial_value)
        return self.single(context, "NTupleTables", arguments, inputs)


def tuple_of(items: Iterable[Node]) -> Node:
    """A tuple as Python writes it: one of a single item has a comma."""
    nodes = tuple(items)
    return Brackets("(", nodes, ",)" if len(nodes) == 1 else ")")
