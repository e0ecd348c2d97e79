"""Tables of patterns of cells, compared with an implementation in NumPy that shares no code with them."""

import numpy as np
import pytest
import torch

from backend.models import GameTransformer, NTupleTables
from backend.models.rules import board_views
from shared_py.analysis import analyse
from shared_py.blocks.n_tuple import LINES_AND_SQUARES
from tests.support.designs import template
from tests.support.numpy_n_tuple import NumpyNTuple

MIXED = ((0, 1, 2, 3), (5, 9), (4, 5, 6, 8, 9, 10))


def boards(count: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 18, (count, 16)).astype(np.uint8)


@pytest.mark.parametrize("patterns", [LINES_AND_SQUARES, MIXED])
def test_rows_are_those_of_the_other_implementation(patterns: tuple[tuple[int, ...], ...]) -> None:
    tables, other = NTupleTables(patterns=patterns), NumpyNTuple(patterns)
    shown = boards(500)
    starts = np.cumsum([0, *(len(table) for table in other.tables[:-1])])
    expected = np.concatenate([rows + start for rows, start in zip(other.rows(shown), starts, strict=True)], axis=1)
    found = tables.rows(torch.from_numpy(shown).long()).numpy()
    for index in range(len(patterns)):
        ours, theirs = found[:, 8 * index : 8 * index + 8], expected[:, 8 * index : 8 * index + 8]
        np.testing.assert_array_equal(np.sort(ours, axis=1), np.sort(theirs, axis=1))
    assert found.max() < tables.tables.num_embeddings


def test_a_board_is_worth_the_same_in_every_view() -> None:
    tables = NTupleTables(patterns=MIXED)
    torch.nn.init.normal_(tables.tables.weight)
    board = torch.from_numpy(boards(1)).long()
    values = tables(board[0][board_views()]).sum(dim=1)
    torch.testing.assert_close(values, values[:1].expand_as(values))


def test_without_symmetries_each_table_is_read_once() -> None:
    tables = NTupleTables(patterns=MIXED, symmetric=False, out_features=8)
    assert tables(torch.from_numpy(boards(3)).long()).shape == (3, 3, 8)
    assert tables.tables.weight.std() > 0


def test_entries_begin_with_the_initial_value_as_their_sum() -> None:
    tables = NTupleTables(patterns=LINES_AND_SQUARES, initial_value=320.0)
    torch.testing.assert_close(tables(torch.from_numpy(boards(5)).long()).sum(dim=1), torch.full((5, 1), 320.0))


def test_the_classic_network_is_its_tables_alone() -> None:
    design = template("n_tuple")
    model = GameTransformer.from_architecture(design)
    assert sum(parameter.numel() for parameter in model.parameters()) == 5 * 16**4 == analyse(design).sizes.parameters
    shown = torch.from_numpy(boards(50)).long()
    tables = next(module for module in model.modules() if isinstance(module, NTupleTables))
    torch.nn.init.normal_(tables.tables.weight)
    output = model.evaluate(shown)
    torch.testing.assert_close(output.value, tables(shown).sum(dim=(1, 2)))
    assert set(output.logits.unique().tolist()) <= {0.0, -1e9}


def test_rows_are_exact_under_autocast() -> None:
    tables = NTupleTables(patterns=((0, 1, 2, 3, 4, 5),))
    shown = torch.from_numpy(boards(200)).long()
    with torch.autocast("cpu", torch.bfloat16):
        rows = tables.rows(shown)
    assert torch.equal(rows, tables.rows(shown))
