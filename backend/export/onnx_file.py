"""Writes a network as one ONNX file, after onnxruntime and torch agreed on real boards."""

import logging
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx_ir
import onnxruntime  # type: ignore[import-untyped]  # it ships no types
import torch
from numpy.typing import NDArray
from torch import nn

from backend.environment.game_2048 import Games
from backend.errors import ExportCheckFailed
from backend.export.file_details import Checked
from backend.export.model_files import about_checkpoint, load_player
from backend.runs.run_folder import RunRequest
from backend.training.loop import Player

OPSET = 18
IR_VERSION = onnx.helper.find_min_ir_version_for([onnx.helper.make_opsetid("", OPSET)])
"""of the file: the lowest that the opset permits, since a runtime refuses files of a newer version than it knows"""
CHECK_NAME = "every_cell_holds_an_exponent_from_0_to_17"
"""name of the node that fails for any other value, so that it is in the error message of the runtime"""
EXAMPLE_BOARDS = 3
"""at least 2: from an example batch of 1 the exporter concludes that it is always 1"""
CHECKED_BATCHES = (1, 2, 7, 64, 256, 770)
"""batch sizes with which onnxruntime is compared, 1,100 boards in all"""
MIN_BOARDS = 1000
"""that must be compared; boards where the choice of an expert is too close are not"""
TOLERANCE = 1e-4
SEED = 2048
TABLE_TYPE = onnx_ir.DataType.UINT8
"""of the table of moves in `backend.models.moves`"""


def write_onnx(run_folder: str, checkpoint: str, target: str, name: str) -> Checked:
    """Export, compare, and write: input `board` int64 [batch, 16], outputs `logits` [batch, 4] (masked) and `value` [batch].

    The largest difference, the design's hash, the run's id and which checkpoint it is are in the file's metadata.
    ExportCheckFailed if any logit or value differs by more than 1e-4, with nothing written.
    """
    torch.set_num_threads(1)
    model, request = load_player(Path(run_folder), Path(checkpoint))
    boards = played_boards(sum(CHECKED_BATCHES))
    about = about_file(request, checkpoint, name)
    program = to_onnx(model)
    try:
        return save_checked(program, Path(target), lambda file: largest_difference(model, file, boards), about)
    except ArithmeticError as error:
        raise ExportCheckFailed(f"The ONNX file did not pass its check: {error}") from error


def about_file(request: RunRequest, checkpoint: str, name: str) -> dict[str, str]:
    """Metadata of a file: the design, the run, the checkpoint."""
    about = {"design_id": request.design_id, "design_hash": request.design_hash, "run_id": request.id}
    return about | about_checkpoint(checkpoint, name)


def save_checked(
    program: torch.onnx.ONNXProgram, target: Path, compare: Callable[[Path], tuple[float, int]], about: dict[str, str]
) -> Checked:
    """Write a file with its metadata, if it passes the check.

    `compare` returns the largest difference and the number of boards compared. ArithmeticError, with nothing written, if fewer
    than 1,000 boards could be compared or the difference is above 1e-4.
    """
    unchecked = target.with_name(f"{target.name}.unchecked")
    program.save(unchecked, external_data=False)
    try:
        difference, compared = compare(unchecked)
    finally:
        unchecked.unlink()
    if compared < MIN_BOARDS:
        raise ArithmeticError(f"the routers decide too closely to compare: only {compared} boards are clear")
    if not difference <= TOLERANCE:
        raise ArithmeticError(f"the outputs differ by {difference:.1e}, more than {TOLERANCE:.0e}")
    checks = {"checked_boards": str(compared), "largest_difference": f"{difference:.3e}"}
    program.model.metadata_props.update(about | checks)
    program.save(target, external_data=False)
    return Checked(difference, compared)


def to_onnx(model: Player) -> torch.onnx.ONNXProgram:
    """Trace a player in evaluation mode, for batches of any size."""
    return trace(model, (example_boards(),), ["board"], ["logits", "value"], {"board": {0: torch.export.Dim("batch")}})


def example_boards() -> torch.Tensor:
    """A few boards to trace a network with."""
    return torch.from_numpy(played_boards(EXAMPLE_BOARDS))


def trace(
    model: nn.Module,
    arguments: tuple[Any, ...],
    inputs: Sequence[str],
    outputs: Sequence[str],
    dynamic_shapes: dict[str, Any],
) -> torch.onnx.ONNXProgram:
    """Trace a module whose first input is boards, and prepare the graph for old runtimes.

    `inputs` and `outputs` are the names in the file, `dynamic_shapes` those of `torch.onnx.export`.
    """
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    warnings.simplefilter("ignore", FutureWarning)
    program = torch.onnx.export(
        model,
        arguments,
        dynamo=True,
        verbose=False,
        opset_version=OPSET,
        input_names=inputs,
        output_names=outputs,
        dynamic_shapes=dynamic_shapes,
    )
    assert program is not None
    _lower_ir_version(program.model)
    _give_biases(program.model.graph)
    _separate_transposes(program.model.graph)
    _share_tables(program.model.graph)
    next(node for node in program.model.graph if node.op_type == "Gather").name = CHECK_NAME
    return program


def _give_biases(graph: onnx_ir.Graph) -> None:
    """Give each LayerNormalization that has no bias one of zeros: a fusion of onnxruntime up to 1.17 crashes without."""
    for node in [node for node in graph.all_nodes() if node.op_type == "LayerNormalization" and len(node.inputs) == 2]:
        assert node.inputs[1] is not None
        scale = onnx_ir.convenience.get_const_tensor(node.inputs[1])
        assert scale is not None
        bias = onnx_ir.Value(name=f"{node.name}_bias", const_value=onnx_ir.tensor(np.zeros_like(scale.numpy())))
        graph.register_initializer(bias)
        node.resize_inputs(3)
        node.replace_input_with(2, bias)


def _separate_transposes(graph: onnx_ir.Graph) -> None:
    """Put a Reshape that changes nothing between each Transpose and the products that read it.

    onnxruntime 1.15 fuses the two otherwise, and the fused node refuses a batch of no boards.
    """
    for node in [node for node in graph if node.op_type == "Transpose"]:
        products = [user for user, index in node.outputs[0].uses() if user.op_type == "MatMul" and index == 0]
        if not products or list(node.attributes["perm"].as_ints()) != [0, 2, 1]:
            continue
        shape = onnx_ir.Value(name=f"{node.name}_shape", const_value=onnx_ir.tensor(np.zeros(3, np.int64)))
        graph.register_initializer(shape)
        same = onnx_ir.node("Reshape", [node.outputs[0], shape], name=f"{node.name}_same")
        same.outputs[0].name = f"{node.name}_same"
        graph.insert_after(node, same)
        for product in products:
            product.replace_input_with(0, same.outputs[0])


def _share_tables(graph: onnx_ir.Graph) -> None:
    """Store the table of moves once: a network with lookahead and the player around it each bring their own."""
    first: dict[tuple[str, bytes], onnx_ir.Value] = {}
    for value in tuple(graph.initializers.values()):
        tensor = value.const_value
        if tensor is None or tensor.dtype != TABLE_TYPE:
            continue
        kept = first.setdefault((str(tensor.shape), tensor.tobytes()), value)
        if kept is not value:
            value.replace_all_uses_with(kept)
            del graph.initializers[str(value.name)]


def _lower_ir_version(model: onnx_ir.Model) -> None:
    """Set the lowest IR version, and remove what later ones added: metadata of graphs, values and nodes.

    Metadata of nodes also contains paths of source files on this machine.
    """
    model.ir_version = IR_VERSION
    model.graph.metadata_props.clear()
    for value in (*model.graph.inputs, *model.graph.outputs, *model.graph.initializers.values()):
        value.metadata_props.clear()
    for node in model.graph.all_nodes():
        node.metadata_props.clear()
        for value in node.outputs:
            value.metadata_props.clear()


def largest_difference(model: Player, file: Path, boards: NDArray[np.int64]) -> tuple[float, int]:
    """Run the boards through both, in batches of several sizes: the largest difference of an output, and the number of boards."""
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    largest, compared = 0.0, 0
    for batch in np.split(boards, np.cumsum(CHECKED_BATCHES)[:-1]):
        outputs = session.run(["logits", "value"], {"board": batch})
        with torch.inference_mode():
            expected = model(torch.from_numpy(batch))
            decided = model.is_decided(torch.from_numpy(batch)).numpy()
        compared += int(decided.sum())
        for there, here in zip(outputs, expected, strict=True):
            if there.shape != here.shape:
                raise ArithmeticError(f"onnxruntime gives the shape {there.shape} where torch gives {tuple(here.shape)}")
            largest = max(largest, float(np.abs(there - here.numpy())[decided].max(initial=0.0)))
    return largest, compared


def played_boards(count: int) -> NDArray[np.int64]:
    """(count, 16) boards met in games played at random, from the first move to the last."""
    random = np.random.default_rng(SEED)
    games = Games(64, random)
    played: list[NDArray[np.uint8]] = []
    while len(played) * 64 < count * 4:
        played.append(games.boards.copy())
        games.step((random.random(games.legal.shape) * games.legal).argmax(axis=1))
    boards = np.concatenate(played)
    return boards[random.choice(len(boards), count, replace=False)].astype(np.int64)
