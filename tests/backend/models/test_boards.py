"""What people give to a network and make of it: boards in every format, wrong ones, and weights in other number formats."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
import torch
from support.designs import small_design, template
from support.handwritten_networks import TEXTS
from torch import Tensor

from backend.export.onnx_file import played_boards
from backend.models import AfterstatePlayer, GameTransformer
from backend.models.loading import load_source
from backend.training.loop import Player

BOARDS = torch.from_numpy(played_boards(40))
NO_MOVE = torch.tensor([[1, 2, 1, 2, 2, 1, 2, 1, 1, 2, 1, 2, 2, 1, 2, 1]])


def afterstate_player() -> AfterstatePlayer:
    return AfterstatePlayer(GameTransformer.from_architecture(small_design()), 0.99, "log_points", views=2)


NETWORKS: dict[str, Callable[[], Player]] = {
    "small": lambda: GameTransformer.from_architecture(small_design(checkpoint=True)),
    "tiny_mlp": lambda: GameTransformer.from_architecture(template("tiny_mlp")),
    "deep_checkpointed": lambda: GameTransformer.from_architecture(template("deep_checkpointed")),
    "afterstates": afterstate_player,
    **{name: lambda text=text: load_source(text, "hand_made").GeneratedModel() for name, text in TEXTS.items()},  # type: ignore[misc]
}


@pytest.fixture(params=list(NETWORKS))
def network(request: pytest.FixtureRequest) -> Player:
    torch.manual_seed(1)
    return NETWORKS[request.param]().eval()


def answer(network: Player, boards: Any) -> tuple[Tensor, Tensor]:
    with torch.inference_mode():
        logits, value = network(boards)
    return logits, value


def with_cell(value: int) -> Tensor:
    boards = BOARDS.clone()
    boards[7, 6] = value
    return boards


@pytest.mark.parametrize("value", [-1, 18, 255, -(2**40)])
def test_a_tile_that_is_none_is_refused_with_its_board_cell_and_value(network: Player, value: int) -> None:
    with pytest.raises(ValueError, match=rf"^board 7, cell 6 \(row 1, column 2\) holds {value}: .* from 0 \(empty\) to 17$"):
        network(with_cell(value))


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int8, torch.int16, torch.int32])
def test_boards_of_any_integers_play_alike(network: Player, dtype: torch.dtype) -> None:
    assert torch.equal(answer(network, BOARDS.to(dtype))[0], answer(network, BOARDS)[0])


@pytest.mark.parametrize(
    ("boards", "error", "words"),
    [
        (BOARDS.float(), TypeError, "integers, such as torch.int64, not torch.float32"),
        (BOARDS > 0, TypeError, "not torch.bool"),
        (BOARDS.numpy(), TypeError, "a torch.Tensor, not ndarray; torch.as_tensor makes one"),
        (BOARDS[0], ValueError, r"\(B, 16\), not \(16,\); board\[None\] is a batch of one"),
        (BOARDS.view(-1, 4, 4), ValueError, r"not \(40, 4, 4\); board.reshape\(-1, 16\)"),
        (BOARDS[:, :8], ValueError, r"not \(40, 8\)$"),
    ],
    ids=["float", "bool", "numpy", "one_board", "grids", "half_boards"],
)
def test_what_is_no_batch_of_boards_is_refused(network: Player, boards: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        network(boards)


def test_no_board_and_one_board_play(network: Player) -> None:
    logits, values = answer(network, BOARDS)
    assert [tuple(tensor.shape) for tensor in answer(network, BOARDS[:0])] == [(0, 4), (0,)]
    one = answer(network, BOARDS[:1])
    torch.testing.assert_close(one, (logits[:1], values[:1]))


def test_boards_that_lie_elsewhere_in_memory_play_alike(network: Player) -> None:
    expected = answer(network, BOARDS)
    for boards in (BOARDS.T.contiguous().T, torch.cat([BOARDS, BOARDS], dim=1)[:, ::2].contiguous()[:0], BOARDS.flip(0).flip(0)):
        torch.testing.assert_close(answer(network, boards), tuple(tensor[: len(boards)] for tensor in expected))


def test_a_board_without_a_move_gets_every_logit_at_the_mask(network: Player) -> None:
    logits, value = answer(network, NO_MOVE)
    assert logits.tolist() == [[-1e9] * 4]
    assert value.isfinite().all()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_a_network_in_another_number_format_plays(network: Player, dtype: torch.dtype) -> None:
    """Also: logits and values are float32 at least, since float16 cannot hold the mask of illegal moves."""
    converted = copy.deepcopy(network).to(dtype)
    expected, found = answer(network, BOARDS), answer(converted, BOARDS)
    assert {tensor.dtype for tensor in found} == {torch.promote_types(dtype, torch.float32)}
    assert torch.equal(found[0] == -1e9, expected[0] == -1e9)
    bits = torch.finfo(dtype if dtype != torch.float64 else torch.float32).eps
    for there, here in zip(found, expected, strict=True):
        scale = here[here > -1e8].abs().max().clamp(min=1)
        assert ((there - here).abs() / scale).median() < 8 * bits


def test_half_is_what_torch_calls_it(network: Player) -> None:
    half = copy.deepcopy(network).half()
    assert {parameter.dtype for parameter in half.parameters()} == {torch.float16}
    assert answer(half, BOARDS[:3])[0].shape == (3, 4)


@pytest.mark.filterwarnings("ignore:.*torch.jit.trace:DeprecationWarning", "ignore::torch.jit.TracerWarning")
def test_a_traced_network_plays_also_at_another_size(network: Player) -> None:
    traced = torch.jit.trace(network, (BOARDS,), check_trace=False)
    torch.testing.assert_close(traced(BOARDS[:7]), answer(network, BOARDS[:7]))


def test_training_does_not_look_at_values() -> None:
    """`evaluate` is what trainers call for every move: it may not wait for a GPU to tell what a board holds."""
    model = GameTransformer.from_architecture(small_design())
    seen: list[str] = []

    class Watch(torch.utils._python_dispatch.TorchDispatchMode):
        def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            seen.append(str(function))
            return function(*args, **(kwargs or {}))

    with Watch():
        model.compute(BOARDS)
        assert not [name for name in seen if "aminmax" in name]
        model(BOARDS)
    assert [name for name in seen if "aminmax" in name]
