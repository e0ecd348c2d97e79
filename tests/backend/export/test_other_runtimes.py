"""Exports in other hands: older runtimes, quantization, float16, empty batches, boards that are none."""

import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process
from onnxruntime.transformers.float16 import convert_float_to_float16
from support.designs import small_design, template
from support.handwritten_networks import TEXTS

from backend.export import onnx_file
from backend.export.bundle import bundle_source
from backend.models import AfterstatePlayer, GameTransformer
from backend.models.loading import load_source
from backend.training.loop import Player
from shared_py.codegen import generate_source

BOARDS = onnx_file.played_boards(200)


def network(name: str) -> Player:
    torch.manual_seed(1)
    if name == "afterstates":
        return AfterstatePlayer(GameTransformer.from_architecture(small_design()), 0.99, "log_points", views=2).eval()
    if name in TEXTS:
        built: GameTransformer = load_source(TEXTS[name], name).GeneratedModel()
        for parameter in built.parameters():
            parameter.data += 0.2 * torch.randn_like(parameter)
        return built.eval()
    return GameTransformer.from_architecture(template(name)).eval()


@pytest.fixture(scope="module", params=["repeat_and_copy", "afterstates", *TEXTS])
def player(request: pytest.FixtureRequest) -> Player:
    return network(request.param)


@pytest.fixture(scope="module")
def exported(player: Player, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("onnx") / "model.onnx"
    onnx_file.to_onnx(player).save(path, external_data=False)
    return path


def run(path: Path, boards: NDArray[np.int64]) -> list[NDArray[np.float32]]:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    answers: list[NDArray[np.float32]] = session.run(["logits", "value"], {"board": boards})
    return answers


def test_it_gives_what_torch_gives(player: Player, exported: Path) -> None:
    boards = onnx_file.played_boards(sum(onnx_file.CHECKED_BATCHES))
    boards[::4] = (boards[::4] > 0) * (boards[::4] + 8).clip(max=17)
    difference, compared = onnx_file.largest_difference(player, exported, boards)
    assert compared >= onnx_file.MIN_BOARDS
    assert difference <= 1e-5
    assert exported.stat().st_size < 2_000_000


def test_the_file_has_the_lowest_ir_version_of_its_opset(exported: Path) -> None:
    """onnxruntime 1.17 and before refuse a file of IR version 10."""
    model = onnx.load(exported)
    onnx.checker.check_model(model, full_check=True)
    assert [(entry.domain, entry.version) for entry in model.opset_import] == [("", 18)]
    assert model.ir_version == onnx.helper.find_min_ir_version_for(model.opset_import) == 8
    assert model.ir_version == min(row[1] for row in onnx.helper.VERSION_TABLE if row[2] == 18)


def test_the_file_holds_nothing_that_came_with_a_later_ir_version(exported: Path) -> None:
    graph = onnx.load(exported).graph
    parts = [graph, *graph.node, *graph.input, *graph.output, *graph.value_info, *graph.initializer]
    assert not [part for part in parts if len(part.metadata_props)]
    later = {onnx.TensorProto.UINT4, onnx.TensorProto.INT4, onnx.TensorProto.FLOAT8E4M3FN, onnx.TensorProto.FLOAT8E5M2}
    assert not later & {tensor.data_type for tensor in graph.initializer}


def test_what_old_runtimes_crash_at_is_not_in_the_file(exported: Path) -> None:
    """A norm without a bias, a reduction whose axes are counted from the end, a maximum over axes: see decision 0055."""
    graph = onnx.load(exported).graph
    constants = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}
    assert not [node.name for node in graph.node if node.op_type == "LayerNormalization" and len(node.input) < 3]
    assert not [node.name for node in graph.node if node.op_type in ("ReduceMax", "ReduceMin")]
    sums = [node for node in graph.node if node.op_type == "ReduceSum"]
    assert sums
    assert not [node.name for node in sums if (constants[node.input[1]] < 0).any()]


def test_a_batch_without_boards_gives_no_answers(exported: Path) -> None:
    assert [answer.shape for answer in run(exported, BOARDS[:0])] == [(0, 4), (0,)]
    model = onnx.load(exported)
    made = {name: node for node in model.graph.node for name in node.output}
    for node in model.graph.node:
        if node.op_type == "TopK":  # of no rows it divides by zero in onnxruntime-web and before onnxruntime 1.18
            assert made[node.input[0]].op_type == "Concat"


@pytest.mark.parametrize("value", [-1, -18, 18, 1000])
def test_a_tile_that_is_none_is_refused_by_the_file(exported: Path, value: int) -> None:
    boards = BOARDS[:3].copy()
    boards[2, 5] = value
    with pytest.raises(Exception, match="every_cell_holds_an_exponent_from_0_to_17"):
        run(exported, boards)


def test_the_file_can_be_quantized(exported: Path, tmp_path: Path) -> None:
    expected = run(exported, BOARDS)
    quant_pre_process(exported, tmp_path / "prepared.onnx")
    quantize_dynamic(tmp_path / "prepared.onnx", tmp_path / "int8.onnx")
    found = run(tmp_path / "int8.onnx", BOARDS)
    assert ((found[0] <= -1e8) == (expected[0] <= -1e8)).all()
    assert (found[0].argmax(axis=1) == expected[0].argmax(axis=1)).mean() > 0.8


def test_the_file_can_be_made_float16(exported: Path, tmp_path: Path) -> None:
    """float16 holds no -1e9: its mask is the lowest number there is."""
    expected = run(exported, BOARDS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the converter warns of each number it cuts off
        onnx.save(convert_float_to_float16(onnx.load(exported), keep_io_types=True), tmp_path / "half.onnx")
    found = run(tmp_path / "half.onnx", BOARDS)
    assert ((found[0] == -65504) == (expected[0] <= -1e8)).all()
    assert (found[0].argmax(axis=1) == expected[0].argmax(axis=1)).mean() > 0.95


def test_the_one_text_refuses_and_converts_like_the_package() -> None:
    source = generate_source(small_design(checkpoint=True)).source
    model = load_source(bundle_source(source), "bundled").GeneratedModel().eval()
    bad = torch.from_numpy(BOARDS).clone()
    bad[4, 15] = -1
    with pytest.raises(ValueError, match=r"^board 4, cell 15 \(row 3, column 3\) holds -1"):
        model(bad)
    with torch.inference_mode():
        logits, value = model.half()(torch.from_numpy(BOARDS))
    assert (logits.shape, value.shape) == ((200, 4), (200,))
