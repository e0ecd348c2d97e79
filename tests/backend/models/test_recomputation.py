"""A recomputed block has the gradients it has without recomputation, also where dropout and router jitter draw random numbers."""

import subprocess
import sys
from itertools import pairwise

import pytest
import torch
from torch import Tensor, nn

from backend.compile.checks import sample_boards
from backend.export.bundle import bundle_source
from backend.models import GameTransformer, checkpoint
from backend.models.loading import load_source
from shared_py.codegen import generate_source
from shared_py.design import Component, Defaults, ModelArchitecture

AGAIN = "grad_checkpoint"
Layer = tuple[str, dict[str, object]]


def layer(dropout: float) -> Layer:
    return ("transformer_layer", {"dropout": dropout, "n_heads": 2, "dim_feedforward": 32})


ROUTER: Layer = ("load_balance_router", {"n_experts": 4, "top_k": 2, "router_jitter_noise": 0.3})
MIXTURE: Layer = ("moe_layer", {"n_experts": 4, "dim_feedforward": 24})
REPEAT: Layer = ("repeat", {"times": 3})
DESIGNS: dict[str, tuple[list[Layer], list[Layer]]] = {
    "one layer, half dropped": ([layer(0.5), (AGAIN, {})], []),
    "two layers": ([layer(0.1), (AGAIN, {}), layer(0.1), (AGAIN, {})], []),
    "dropout alone": ([("dropout", {"p": 0.5}), (AGAIN, {}), ("linear", {})], []),
    "attention": ([("attention", {"dropout": 0.5, "n_heads": 2}), (AGAIN, {})], []),
    "a router with jitter": ([layer(0.1), ROUTER, (AGAIN, {}), MIXTURE], []),
    "a mixture": ([ROUTER, MIXTURE, (AGAIN, {})], []),
    "a mixture and its router in a container": ([REPEAT, (AGAIN, {})], [layer(0.5), ROUTER, MIXTURE]),
    "layers in a container": ([REPEAT, (AGAIN, {})], [layer(0.1), layer(0.1)]),
    "recomputed in a recomputed container": ([REPEAT, (AGAIN, {})], [layer(0.5), (AGAIN, {}), ROUTER, MIXTURE, (AGAIN, {})]),
    "recomputed in a container": ([("repeat", {"times": 2, "share_weights": True})], [layer(0.1), (AGAIN, {})]),
}


def drawn(name: str, *, recomputed: bool = True) -> ModelArchitecture:
    """A design of that name, with its gradient checkpoints or with none; components keep their ids."""
    outer, inner = DESIGNS[name]
    rows: list[Layer] = [("board_input", {}), ("embedding", {"dropout": 0.1}), *outer, ("action_output", {})]
    components = [Component(f"c{n}", kind, props) for n, (kind, props) in enumerate(rows)]
    held = [Component(f"i{n}", kind, props, inside="c2") for n, (kind, props) in enumerate(inner)]
    kept = [[part for part in place if recomputed or part.type != AGAIN] for place in (components, held)]
    edges = [edge for place in kept for edge in pairwise(part.id for part in place)]
    return ModelArchitecture("d0", meta=Defaults(d_model=16), components=[*kept[0], *kept[1]], edges=edges)


def source_of(name: str, *, recomputed: bool) -> str:
    return generate_source(drawn(name, recomputed=recomputed)).source


def gradients(source: str, dtype: torch.dtype | None) -> dict[str, Tensor]:
    """Of one pass over the same boards with the same random state, in training mode."""
    torch.manual_seed(1)
    model: GameTransformer = load_source(source, "recomputed").GeneratedModel()
    boards = sample_boards(48)
    torch.manual_seed(2)
    with torch.autocast("cpu", dtype, enabled=dtype is not None):
        output = model.train().evaluate(boards)
        loss = output.logits.float().softmax(dim=1)[:, 0].mean() + output.value.float().square().mean()
    (loss + model.auxiliary_loss(output, boards)).backward()  # type: ignore[no-untyped-call]
    return {name: parameter.grad for name, parameter in model.named_parameters() if parameter.grad is not None}


def assert_same_gradients(given: dict[str, Tensor], wanted: dict[str, Tensor]) -> None:
    assert list(given) == list(wanted)
    for name in wanted:
        torch.testing.assert_close(given[name], wanted[name], rtol=1e-5, atol=1e-7, msg=lambda text, name=name: f"{name}: {text}")


@pytest.mark.parametrize("dtype", [None, torch.bfloat16])
@pytest.mark.parametrize("name", DESIGNS)
def test_gradients_are_those_without_a_checkpoint_while_dropout_and_jitter_are_on(name: str, dtype: torch.dtype | None) -> None:
    source = source_of(name, recomputed=True)
    assert "checkpoint(" in source
    assert_same_gradients(gradients(source, dtype), gradients(source_of(name, recomputed=False), dtype))


@pytest.mark.parametrize("name", ["two layers", "a mixture and its router in a container"])
def test_gradients_of_an_exported_text_are_those_without_a_checkpoint(name: str) -> None:
    text = bundle_source(source_of(name, recomputed=True))
    assert "def recompute_in_backward(" in text
    assert "backend" not in {
        line.split()[1].partition(".")[0] for line in text.splitlines() if line.startswith(("import ", "from "))
    }
    assert_same_gradients(gradients(text, None), gradients(source_of(name, recomputed=False), None))


def test_random_numbers_after_a_recomputed_pass_are_those_without_it() -> None:
    """A run goes on with the same random state, whether something was recomputed or not."""
    drop, x = nn.Dropout(0.5).train(), torch.ones(4, requires_grad=True)
    following = []
    for call in (lambda: checkpoint(drop, drop, x), lambda: drop(x)):
        torch.manual_seed(3)
        call().sum().backward()
        following.append(torch.rand(3))
    assert torch.equal(*following)


CODE = """
import importlib, sys
from backend.process.process import PRELOADED
for name in PRELOADED:
    importlib.import_module(name)
loaded = set(sys.modules)
import torch
from torch import nn
from backend.models import checkpoint
from backend.training.optimizer import Adam
layer = nn.Sequential(nn.Linear(3, 5), nn.Tanh()).train()
optimizer = Adam(layer.parameters(), 0.1, 1e-5, 0.9)
optimizer.clear_gradients()
x = torch.ones(2, 3, requires_grad=True)
y = checkpoint(layer, layer, x).sum()
(first,) = torch.autograd.grad(y, x, retain_graph=True)
(second,) = torch.autograd.grad(y, x)
assert torch.equal(first, second)
optimizer.step()
print(*sorted(name for name in set(sys.modules) - loaded if name.startswith("torch.")))
"""


def test_a_first_step_and_a_first_checkpoint_import_nothing_that_the_fork_server_has_not_loaded() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], check=True, capture_output=True, text=True)
    assert done.stdout.split() in ([], ["torch.profiler._cupti_monitor"])
