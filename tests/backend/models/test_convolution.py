"""The convolution and the max pool over the grid of cells: torch's numbers, in the order of tokens."""

import pytest
import torch
from torch import nn

from backend.models import GridConv2d, GridMaxPool2d

CASES = [
    {"kernel_size": (3, 3)},
    {"kernel_size": (2, 2), "groups": 4, "bias": False},
    {"kernel_size": (1, 4), "dilation": 2},
    {"kernel_size": (4, 3), "dilation": 1},
    {"kernel_size": (2, 3), "padding": "valid"},
    {"kernel_size": (2, 2), "padding": "full"},
    {"kernel_size": (1, 3), "padding": "full", "dilation": 2, "stride": 2},
    {"kernel_size": (2, 1), "padding": "valid", "stride": 2, "grid": (4, 3)},
]


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")  # of the reference
@pytest.mark.parametrize("options", CASES, ids=str)
def test_equals_torch(options: dict[str, object]) -> None:
    ours = GridConv2d(in_channels=8, out_channels=12, **options)
    grid = options.pop("grid", (4, 4))
    if options.get("padding") == "full":
        options["padding"] = tuple(options.get("dilation", 1) * (size - 1) for size in options["kernel_size"])
    theirs = nn.Conv2d(8, 12, **{"padding": "same", **options})
    assert list(ours.state_dict()) == list(theirs.state_dict())
    theirs.load_state_dict(ours.state_dict())
    picture = torch.randn(3, 8, *grid)
    expected = theirs(picture)
    given = ours(picture.permute(0, 2, 3, 1).reshape(3, -1, 8))
    assert given.shape == (3, expected.shape[2] * expected.shape[3], 12)
    torch.testing.assert_close(given, expected.permute(0, 2, 3, 1).flatten(1, 2))


def test_a_stride_shrinks_the_grid() -> None:
    with pytest.raises(ValueError, match="stride"):
        GridConv2d(in_channels=8, out_channels=8, kernel_size=(2, 2), stride=2)


@pytest.mark.parametrize(
    ("kernel_size", "stride", "grid"), [((2, 2), (2, 2), (4, 4)), ((3, 1), (1, 1), (4, 3)), ((1, 3), (3, 3), (2, 4))], ids=str
)
def test_a_max_pool_equals_torch(kernel_size: tuple[int, int], stride: tuple[int, int], grid: tuple[int, int]) -> None:
    picture = torch.randn(3, 8, *grid)
    expected = nn.MaxPool2d(kernel_size, stride)(picture)
    given = GridMaxPool2d(kernel_size=kernel_size, stride=stride, grid=grid)(picture.permute(0, 2, 3, 1).reshape(3, -1, 8))
    torch.testing.assert_close(given, expected.permute(0, 2, 3, 1).flatten(1, 2))
