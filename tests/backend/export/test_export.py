"""Exports: each file read back by what will read it, and equal to torch on real boards."""

import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from safetensors import safe_open
from support.designs import small_design
from support.trained_runs import make_run, write_checkpoint

from backend.environment.game_2048 import legal_moves
from backend.errors import DamagedCheckpoint, ExportCheckFailed, NothingTrained, ProcessFailed
from backend.export import formats, onnx_file
from backend.export.bundle import bundle_source
from backend.export.exporter import export_run
from backend.export.model_files import load_player, load_trained
from backend.models import GameTransformer
from backend.models.loading import load_file
from backend.runs.run_folder import RunFolder
from shared_py.codegen import generate_source
from shared_py.decoding import decode_design
from shared_py.design import Component, Defaults, ModelArchitecture
from shared_py.training_config import TrainConfig

AFTERSTATES = TrainConfig(algorithm="afterstate_td", gamma=0.9, reward="points", play_views=2)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunFolder, Path]]:
    folder = make_run(tmp_path_factory.mktemp("runs") / "r1")
    return folder, export_run(folder.path, "onnx")


def trained(folder: RunFolder) -> GameTransformer:
    return load_trained(folder.path, folder.checkpoint)[0]


def test_onnx_is_what_the_contract_says(exported: tuple[RunFolder, Path]) -> None:
    folder, path = exported
    model = onnx.load(path)
    onnx.checker.check_model(model)
    assert path.name == "d0.onnx"
    assert next(entry.version for entry in model.opset_import if entry.domain == "") >= 18
    shapes = {
        value.name: (
            value.type.tensor_type.elem_type,
            [dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim],
        )
        for value in [*model.graph.input, *model.graph.output]
    }
    assert shapes == {
        "board": (onnx.TensorProto.INT64, ["batch", 16]),
        "logits": (onnx.TensorProto.FLOAT, ["batch", 4]),
        "value": (onnx.TensorProto.FLOAT, ["batch"]),
    }
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    assert metadata["design_hash"] == folder.request.design_hash
    assert metadata["run_id"] == "r1"
    assert int(metadata["checked_boards"]) >= 1000
    assert float(metadata["largest_difference"]) <= 1e-4
    assert not [name for name in (tensor.name for tensor in model.graph.initializer) if "block_c7" in name], "auxiliary head"
    assert (metadata["checkpoint"], metadata["steps"]) == ("last", "1")
    assert {entry.name for entry in path.parent.iterdir()} == {"d0.onnx", "d0.onnx.json", "checkpoint.json"}
    assert b".py" not in path.read_bytes(), "no path of the machine that wrote it"


@pytest.mark.parametrize("batch", [1, 2, 5, 333])
def test_onnx_equals_torch_at_any_batch(exported: tuple[RunFolder, Path], batch: int) -> None:
    folder, path = exported
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    random = np.random.default_rng(batch)
    boards = random.integers(0, random.integers(2, 18, size=(batch, 1)), size=(batch, 16))
    logits, value = session.run(["logits", "value"], {"board": boards})
    with torch.inference_mode():
        expected = trained(folder)(torch.from_numpy(boards))
    np.testing.assert_allclose(logits, expected[0].numpy(), atol=1e-4)
    np.testing.assert_allclose(value, expected[1].numpy(), atol=1e-4)
    assert ((logits <= -1e8) == ~legal_moves(boards.astype(np.uint8))).all()


def test_an_export_is_written_once_a_checkpoint(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "r2")
    first = export_run(folder.path, "pt")
    written = first.stat().st_mtime_ns
    assert export_run(folder.path, "pt") == first
    assert first.stat().st_mtime_ns == written
    write_checkpoint(folder, folder.best, seed=5)
    second = export_run(folder.path, "pt")
    assert second != first
    assert first.exists(), "it is still that of the last checkpoint"
    best = torch.load(folder.best, weights_only=True)["model"]
    given = torch.load(second, weights_only=True)
    assert all(torch.equal(given[name], tensor) for name, tensor in best.items())


def test_pt_is_a_state_dict_with_the_design_beside_it(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "r3")
    path = export_run(folder.path, "pt")
    weights = torch.load(path, weights_only=True)
    assert {type(tensor) for tensor in weights.values()} == {torch.Tensor}
    fresh = GameTransformer.from_architecture(small_design(checkpoint=True))
    fresh.load_state_dict(weights)
    boards = torch.from_numpy(onnx_file.played_boards(50))
    assert torch.equal(fresh.eval()(boards)[0], trained(folder)(boards)[0])
    with zipfile.ZipFile(path) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("/design.json")]
        assert decode_design(archive.read(name)) == small_design(checkpoint=True)
        assert archive.testzip() is None


def test_safetensors_carries_weights_and_design(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "r4")
    with safe_open(export_run(folder.path, "safetensors"), "pt") as file:
        metadata = file.metadata()
        weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # it is no mapping
    assert decode_design(metadata["design"]) == small_design(checkpoint=True)
    assert (metadata["run_id"], metadata["design_hash"]) == ("r4", folder.request.design_hash)
    expected = trained(folder).state_dict()
    assert all(torch.equal(weights[name], tensor) for name, tensor in expected.items())


def test_source_is_the_text_that_was_trained_made_whole(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "r5")
    path = export_run(folder.path, "py")
    assert path.name == "d0.py"
    assert path.read_text() == bundle_source(generate_source(small_design(checkpoint=True)).source)
    assert "backend" not in path.read_text().split('"""')[2]


def test_a_network_that_values_boards_is_exported_as_what_plays(tmp_path: Path) -> None:
    """The same boards give the same moves in torch, in onnxruntime, and in the one text without this house."""
    folder = make_run(tmp_path / "r7", config=AFTERSTATES)
    boards = onnx_file.played_boards(200)
    with torch.inference_mode():
        logits, values = (tensor.numpy() for tensor in load_player(folder.path, folder.checkpoint)[0](torch.from_numpy(boards)))
    session = onnxruntime.InferenceSession(export_run(folder.path, "onnx"), providers=["CPUExecutionProvider"])
    for found, expected in zip(session.run(["logits", "value"], {"board": boards}), (logits, values), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-4)
    assert ((logits <= -1e8) == ~legal_moves(boards.astype(np.uint8))).all()
    module = load_file(export_run(folder.path, "py"), "whole")
    network = module.GeneratedModel(**folder.request.model_config)
    network.load_state_dict(torch.load(export_run(folder.path, "pt"), weights_only=True))
    with torch.inference_mode():
        found = module.player_of(network).eval()(torch.from_numpy(boards))[0].numpy()
    np.testing.assert_array_equal(found, logits)
    with zipfile.ZipFile(export_run(folder.path, "pt")) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("/train_config.json")]
        assert msgspec.json.decode(archive.read(name), type=TrainConfig) == AFTERSTATES


def test_a_damaged_checkpoint_gives_way_to_one_that_is_whole(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "r6")
    whole = folder.checkpoint.read_bytes()
    folder.best.write_bytes(whole[: len(whole) // 2])
    exported = torch.load(export_run(folder.path, "pt"), weights_only=True)
    assert exported.keys() == torch.load(folder.checkpoint, weights_only=True)["model"].keys()
    folder.checkpoint.write_bytes(b"not a checkpoint")
    with pytest.raises(DamagedCheckpoint, match="every checkpoint of this run is damaged"):
        export_run(folder.path, "safetensors")
    assert export_run(folder.path, "pt").exists(), "which was written before"
    shutil.rmtree(folder.exports)
    folder.best.unlink()
    folder.checkpoint.unlink()
    with pytest.raises(NothingTrained):
        export_run(folder.path, "onnx")


def test_a_sum_of_convolutions_pooled_by_attention_agrees(tmp_path: Path) -> None:
    """A fusion of onnxruntime 1.31 once took the transposed sum for something else."""
    components = [Component("c1", "board_input"), Component("c2", "embedding")]
    components += [Component(name, "conv2d", {"out_channels": 12}) for name in ("c3", "c4")]
    components += [Component("c5", "add"), Component("c6", "action_output", {"pool": "attention", "init_gain": 1})]
    edges = [("c1", "c2"), ("c2", "c3"), ("c2", "c4"), ("c3", "c5"), ("c4", "c5"), ("c5", "c6")]
    design = ModelArchitecture("d0", meta=Defaults(d_model=16), components=components, edges=edges)
    torch.manual_seed(1)
    model = GameTransformer.from_architecture(design).eval()
    onnx_file.to_onnx(model).save(tmp_path / "model.onnx", external_data=False)
    boards = onnx_file.played_boards(sum(onnx_file.CHECKED_BATCHES))
    assert onnx_file.largest_difference(model, tmp_path / "model.onnx", boards)[0] < 1e-5


def test_what_another_trainer_taught_plays_by_itself(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "r8", config=AFTERSTATES)
    request = msgspec.structs.replace(folder.request, trainer="imitation")
    (folder.path / "run.json").write_bytes(msgspec.json.encode(request))
    assert isinstance(load_player(folder.path, folder.checkpoint)[0], GameTransformer)
    assert "player_of" not in export_run(folder.path, "py").read_text()


def test_a_difference_is_seen(tmp_path: Path, exported: tuple[RunFolder, Path]) -> None:
    folder, path = exported
    other = trained(folder)
    other.block_c6.value.bias.data += 1
    difference, compared = onnx_file.largest_difference(other, path, onnx_file.played_boards(sum(onnx_file.CHECKED_BATCHES)))
    assert difference == pytest.approx(1, abs=1e-3)
    assert compared >= onnx_file.MIN_BOARDS


def test_a_file_that_differs_is_refused(
    exported: tuple[RunFolder, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = exported
    monkeypatch.setattr(onnx_file, "largest_difference", lambda *_: (0.5, 1000))
    with pytest.raises(ExportCheckFailed, match=r"the outputs differ by 5\.0e-01"):
        onnx_file.write_onnx(str(folder.path), str(folder.checkpoint), str(tmp_path / "made.onnx"), "last")
    assert not list(tmp_path.iterdir())


def test_checked_boards_are_real_and_many() -> None:
    boards = onnx_file.played_boards(1030)
    assert boards.shape == (1030, 16)
    assert len(np.unique(boards, axis=0)) > 900


def test_a_killed_writer_is_told_as_killed_not_as_short_of_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_run(tmp_path / "rkilled")
    killed = msgspec.structs.replace(formats.format_of("pt"), writer="support.process_functions:killed_while_checking")
    monkeypatch.setattr(formats, "FORMATS", (killed,))
    with pytest.raises(ProcessFailed, match="killed by SIGKILL, by a person or another program; try again") as failed:
        export_run(folder.path, "pt")
    assert failed.value.cause == "killed"
    monkeypatch.undo()
    assert export_run(folder.path, "pt").exists()
