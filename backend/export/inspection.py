"""Writes a network as ONNX with a look inside: experts of each cell or board, where attention looks, a switch for each expert."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime  # type: ignore[import-untyped]  # it ships no types
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from backend.errors import NoInspection
from backend.export.file_details import Checked
from backend.export.model_files import load_player
from backend.export.onnx_file import CHECKED_BATCHES, about_file, example_boards, played_boards, save_checked, trace
from backend.models import AfterstatePlayer, GroupedQueryAttention, MixtureOfExperts, Router, SelfAttention
from backend.models.outputs import Routing
from backend.runs.run_folder import RunFolder
from backend.training.loop import Player
from shared_py.analysis import analyse
from shared_py.decoding import decode_design
from shared_py.inspection import InspectedCall, inspected_calls

NOTHING_TO_SHOW = "This network has neither attention nor experts that work on the cells of the board or on the board as a whole"
BLOCK = "block_"
"""before the component id in the names of modules"""
SWITCHES = "experts_enabled/"
MOVES = 4
LOWEST = torch.finfo(torch.float32).min
"""score of a disabled expert; finite, so that a router with no expert left gives numbers"""


class InspectedPlayer(nn.Module):
    """A player that also returns what its attention and its routers did, and whose experts can be disabled."""

    def __init__(self, player: Player, calls: Sequence[InspectedCall]) -> None:
        super().__init__()
        self.player = player
        self.calls = tuple(calls)
        self.routings = tuple(call for call in calls if call.kind == "routing")

    def forward(self, board: Tensor, enabled: Sequence[Tensor] = ()) -> tuple[Tensor, ...]:
        """(B, 16) boards and a bool tensor (E,) for each mixture to logits (B, 4), values (B,), then one tensor for each call.

        Those are (B, T, E) gates of the experts, T = 1 where whole boards are routed, or (B, heads, T, T) attention weights. A
        player that values the boards after each move has an axis of the four moves after the first, of the boards as they are,
        neither turned nor mirrored.
        """
        switches = {call.path: switch for call, switch in zip(self.routings, enabled, strict=True)}
        player: nn.Module = self.player
        recorder = _Recorder(self.calls, switches)
        with recorder.attached(player.network if isinstance(player, AfterstatePlayer) else player):
            logits, value = player(board)
        found = [recorder.found[call.path].float() for call in self.calls]
        if isinstance(player, AfterstatePlayer):
            views = len(player.views)
            found = [tensor.view(board.shape[0], MOVES, views, *tensor.shape[1:])[:, :, 0] for tensor in found]
        return logits, value, *found

    @property
    def inputs(self) -> list[str]:
        """Names of the inputs in the file."""
        return ["board", *(f"{SWITCHES}{call.path}" for call in self.routings)]

    @property
    def outputs(self) -> list[str]:
        """Names of the outputs in the file."""
        return ["logits", "value", *(f"{call.kind}/{call.path}" for call in self.calls)]

    def all_enabled(self) -> list[Tensor]:
        """Switches with which every expert may be used."""
        return [torch.ones(call.parts, dtype=torch.bool) for call in self.routings]


class _Recorder:
    """Watches one forward pass; a module that is called several times gets its paths in the order of the calls."""

    def __init__(self, calls: Sequence[InspectedCall], switches: dict[str, Tensor]) -> None:
        self._switches = switches
        self._expected: dict[str, deque[InspectedCall]] = {}
        for call in calls:
            self._expected.setdefault(call.component_id, deque()).append(call)
        self._routings: list[tuple[Routing, Router]] = []
        self.found: dict[str, Tensor] = {}

    @contextmanager
    def attached(self, network: nn.Module) -> Iterator[None]:
        """Watch what runs in the block; NoInspection if it is not what the design says."""
        handles, patched = [], []
        try:
            for name, module in network.named_modules():
                component_id = _component_of(name)
                if isinstance(module, Router):
                    handles.append(module.register_forward_hook(self._note_routing))
                elif component_id not in self._expected:
                    continue
                elif isinstance(module, MixtureOfExperts):
                    handles.append(module.register_forward_pre_hook(self._switching(component_id)))
                elif isinstance(module, SelfAttention | GroupedQueryAttention):
                    module.attention_weights = self._recording(component_id, module)  # type: ignore[assignment,method-assign]  # replaced during the trace only
                    patched.append(module)
            yield
        finally:
            for handle in handles:
                handle.remove()
            for module in patched:
                del module.attention_weights  # the instance's: the method of its class is there again
        missing = [call.path for calls in self._expected.values() for call in calls]
        if missing:
            raise NoInspection(f"The network of this run does not run {', '.join(missing)} as its design says")

    def _note_routing(self, router: nn.Module, _: tuple[Tensor], routing: Routing) -> None:
        assert isinstance(router, Router)
        self._routings.append((routing, router))

    def _switching(self, component_id: str) -> Callable[[nn.Module, tuple[Routing]], tuple[Routing]]:
        """A hook that chooses the experts of a mixture again, among those that are enabled."""

        def switch(_: nn.Module, arguments: tuple[Routing]) -> tuple[Routing]:
            (routing,) = arguments
            call = self._next(component_id)
            router = next(router for made, router in self._routings if made is routing)
            chosen = route_enabled(router, routing, self._switches[call.path])
            gates = gates_of_experts(chosen)
            self._note(call, gates[:, None] if routing.tokens.dim() == 2 else gates)
            return (chosen,)

        return switch

    def _recording(self, component_id: str, module: SelfAttention | GroupedQueryAttention) -> Callable[[Tensor, Tensor], Tensor]:
        """The method that computes attention weights, with a note of what it returned."""
        weigh = module.attention_weights

        def weigh_and_record(query: Tensor, key: Tensor) -> Tensor:
            weights = weigh(query, key)
            self._note(self._next(component_id), weights)
            return weights

        return weigh_and_record

    def _next(self, component_id: str) -> InspectedCall:
        calls = self._expected[component_id]
        if not calls:
            raise NoInspection(f"The network of this run runs {component_id} more often than its design says")
        return calls.popleft()

    def _note(self, call: InspectedCall, shown: Tensor) -> None:
        is_routing = call.kind == "routing"
        expected = (call.tokens, call.parts) if is_routing else (call.parts, call.tokens, call.tokens)
        if tuple(shown.shape[1:]) != expected:
            raise NoInspection(f"The network of this run gives {tuple(shown.shape[1:])} for {call.path}, not {expected}")
        self.found[call.path] = shown


def _component_of(module_name: str) -> str:
    """The innermost component that a module belongs to; empty if there is none."""
    blocks = [part for part in module_name.split(".") if part.startswith(BLOCK)]
    return blocks[-1].removeprefix(BLOCK) if blocks else ""


def route_enabled(router: Router, routing: Routing, enabled: Tensor) -> Routing:
    """Choose experts again as if the router had the enabled ones alone; `enabled` is a bool tensor (E,).

    Where fewer than `top_k` are enabled, the surplus choices have a gate of 0; with none enabled all gates are 0.
    """
    chosen = router.route(routing.tokens, routing.logits.masked_fill(~enabled, LOWEST))
    return chosen._replace(gates=chosen.gates.masked_fill(~enabled[chosen.experts], 0.0))


def gates_of_experts(routing: Routing) -> Tensor:
    """(B, S, E), or (B, E) of whole boards: the weight of each expert for each token, 0 for those not chosen."""
    experts = torch.arange(routing.logits.shape[-1], device=routing.gates.device)
    return (routing.gates[..., None] * (routing.experts[..., None] == experts)).sum(dim=routing.gates.dim() - 1)


def calls_of_run(run_folder: Path) -> list[InspectedCall]:
    """What can be shown of a run's network; NoInspection if nothing can."""
    calls = inspected_calls(analyse(decode_design(RunFolder(run_folder).design.read_bytes())))
    if not calls:
        raise NoInspection(NOTHING_TO_SHOW)
    return calls


def to_inspection(model: InspectedPlayer) -> torch.onnx.ONNXProgram:
    """Trace a player with its additional inputs and outputs, for batches of any size."""
    switches = model.all_enabled()
    arguments: tuple[Any, ...] = (example_boards(), switches) if switches else (example_boards(),)
    shapes: dict[str, Any] = {"board": {0: torch.export.Dim("batch")}}
    if switches:
        shapes["enabled"] = [{}] * len(switches)
    return trace(model, arguments, model.inputs, model.outputs, shapes)


def write_inspection(run_folder: str, checkpoint: str, target: str, name: str, plain: str) -> Checked:
    """Export, compare with the plain file and with torch, and write; metadata as in the plain one.

    NoInspection if there is nothing to show, or the file does not agree, with nothing written.
    """
    torch.set_num_threads(1)
    calls = calls_of_run(Path(run_folder))
    player, request = load_player(Path(run_folder), Path(checkpoint))
    model = InspectedPlayer(player, calls).eval()
    boards = played_boards(sum(CHECKED_BATCHES))
    about = about_file(request, checkpoint, name)
    with torch.inference_mode():
        model(example_boards(), model.all_enabled())  # NoInspection here, not wrapped in an error of the exporter
    program = to_inspection(model)
    try:
        return save_checked(program, Path(target), lambda file: largest_difference(model, file, Path(plain), boards), about)
    except ArithmeticError as error:
        raise NoInspection(f"The file for looking inside did not pass its check: {error}") from error


def largest_difference(model: InspectedPlayer, file: Path, plain: Path, boards: NDArray[np.int64]) -> tuple[float, int]:
    """Run the boards through both files and through torch, with all experts enabled.

    Returns the largest difference of an output and the number of boards compared: logits and values with the plain file, all
    outputs with torch. Boards where the choice of an expert is close are left out. ArithmeticError if a shape differs.
    """
    inspected, other = (onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]) for path in (file, plain))
    switches = model.all_enabled()
    feed = {name: switch.numpy() for name, switch in zip(model.inputs[1:], switches, strict=True)}
    largest, compared = 0.0, 0
    for batch in np.split(boards, np.cumsum(CHECKED_BATCHES)[:-1]):
        found = inspected.run(model.outputs, {"board": batch, **feed})
        with torch.inference_mode():
            expected = [tensor.numpy() for tensor in model(torch.from_numpy(batch), switches)]
            decided = model.player.is_decided(torch.from_numpy(batch)).numpy()
        compared += int(decided.sum())
        pairs = [*zip(found, other.run(["logits", "value"], {"board": batch}), strict=False), *zip(found, expected, strict=True)]
        for one, another in pairs:
            if one.shape != another.shape:
                raise ArithmeticError(f"an output has the shape {one.shape} in one and {another.shape} in the other")
            largest = max(largest, float(np.abs(one - another)[decided].max(initial=0.0)))
    return largest, compared
