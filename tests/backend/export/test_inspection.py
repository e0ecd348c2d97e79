"""The inspection file: what it shows is what hooks in torch see, also with experts switched off, and it is refused otherwise."""

from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from support.designs import board_mixture_design, nested_design, picture_design, rotary_design, small_design, template
from support.routing_reference import watched
from support.server_thread import serving
from support.trained_runs import make_run
from torch import Tensor

from backend.errors import NoInspection
from backend.export import inspection, onnx_file
from backend.export.exporter import export_checkpoint
from backend.export.file_details import read_details
from backend.export.formats import INSPECTION
from backend.export.inspection import InspectedPlayer, calls_of_run, to_inspection, write_inspection
from backend.export.model_files import load_player
from backend.models import AfterstatePlayer
from backend.models.game_transformer import ILLEGAL
from backend.runs.run_folder import RunFolder
from shared_py.design import ModelArchitecture
from shared_py.training_config import TrainConfig

TD = TrainConfig(algorithm="afterstate_td", gamma=0.9, reward="points", play_views=2)
BOARDS = 1100
CASES: dict[str, tuple[ModelArchitecture, TrainConfig]] = {
    "ppo": (small_design(), TrainConfig()),
    "td": (small_design(), TD),
    "groups of heads": (rotary_design(), TrainConfig()),
    "boards ppo": (board_mixture_design(top_k=2), TrainConfig()),
    "boards td": (board_mixture_design(), TD),
    "containers td": (nested_design(), TD),
    "copies td": (template("repeat_and_copy"), TD),
}


class Inspected(NamedTuple):
    """An exported file with the player it was made from."""

    model: InspectedPlayer
    path: Path
    session: onnxruntime.InferenceSession


def opened(path: Path) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


@pytest.fixture(scope="module", params=CASES)
def inspected(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Inspected:
    design, config = CASES[request.param]
    folder = make_run(tmp_path_factory.mktemp("runs") / "r1", config=config, design=design)
    model = InspectedPlayer(load_player(folder.path, folder.checkpoint)[0], calls_of_run(folder.path)).eval()
    path = folder.path / "model.onnx"
    to_inspection(model).save(path, external_data=False)
    return Inspected(model, path, opened(path))


def switches_of(model: InspectedPlayer, kind: str) -> list[Tensor]:
    """One switch for each mixture: all experts, all but one, one alone, or none."""
    found = []
    for index, switch in enumerate(model.all_enabled()):
        chosen = torch.arange(len(switch)) == index % len(switch)
        found.append({"all": switch, "all but one": ~chosen, "one": chosen, "none": ~switch}[kind])
    return found


def run(inspected: Inspected, boards: np.ndarray, switches: list[Tensor]) -> dict[str, np.ndarray]:
    feed = {name: switch.numpy() for name, switch in zip(inspected.model.inputs[1:], switches, strict=True)}
    names = inspected.model.outputs
    return dict(zip(names, inspected.session.run(names, {"board": boards, **feed}), strict=True))


def seen_by_hooks(model: InspectedPlayer, boards: np.ndarray, switches: list[Tensor]) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Every output by name, and which boards can be compared, by hooks in torch."""
    player = model.player
    network = player.network if isinstance(player, AfterstatePlayer) else player
    with torch.inference_mode(), watched(network, switches) as seen:
        logits, value = player(torch.from_numpy(boards))
    waiting = {"attention": iter(seen.attention), "routing": iter(seen.gates)}
    found = {f"{call.kind}/{call.path}": next(waiting[call.kind]) for call in model.calls}
    decided = torch.ones(len(boards), dtype=torch.bool) if seen.decided is None else seen.decided
    if isinstance(player, AfterstatePlayer):
        views = len(player.views)
        found = {name: tensor.view(len(boards), 4, views, *tensor.shape[1:])[:, :, 0] for name, tensor in found.items()}
        decided = decided.view(-1, 4 * views).all(dim=1) if len(decided) != len(boards) else decided
    found |= {"logits": logits, "value": value}
    return {name: tensor.numpy() for name, tensor in found.items()}, decided.numpy()


@pytest.mark.parametrize("kind", ["all", "all but one", "one", "none"])
def test_all_outputs_are_those_of_hooks_in_torch(inspected: Inspected, kind: str) -> None:
    boards = onnx_file.played_boards(BOARDS)
    switches = switches_of(inspected.model, kind)
    expected, decided = seen_by_hooks(inspected.model, boards, switches)
    found = run(inspected, boards, switches)
    assert decided.sum() >= 1000
    assert set(found) == set(expected)
    for name, there in expected.items():
        assert found[name].shape == there.shape, name
        legal = there[decided][there[decided] > ILLEGAL / 2]
        tolerance = 1e-5 * max(10.0, float(np.abs(legal).max()))  # logits are differences of numbers that may be large
        np.testing.assert_allclose(found[name][decided], there[decided], atol=tolerance, rtol=0, err_msg=name)


def test_a_disabled_expert_gets_nothing_and_another_takes_its_place(inspected: Inspected) -> None:
    boards = onnx_file.played_boards(50)
    everything = run(inspected, boards, switches_of(inspected.model, "all"))
    fewer = run(inspected, boards, switches_of(inspected.model, "all but one"))
    for call, switch in zip(inspected.model.routings, switches_of(inspected.model, "all but one"), strict=True):
        gates, before = fewer[f"routing/{call.path}"], everything[f"routing/{call.path}"]
        assert (gates[..., ~switch.numpy()] == 0).all()
        assert ((gates > 0).sum(axis=-1) == (before > 0).sum(axis=-1)).all(), "as many experts as before"
    assert not np.array_equal(fewer["logits"], everything["logits"])


def test_attention_sums_to_one_and_gates_are_those_of_few_experts(inspected: Inspected) -> None:
    found = run(inspected, onnx_file.played_boards(20), switches_of(inspected.model, "all"))
    for call in inspected.model.calls:
        tensor = found[f"{call.kind}/{call.path}"]
        moves = (4,) if isinstance(inspected.model.player, AfterstatePlayer) else ()
        inner = (call.tokens, call.parts) if call.kind == "routing" else (call.parts, call.tokens, call.tokens)
        assert tensor.shape == (20, *moves, *inner)
        assert tensor.dtype == np.float32
        if call.kind == "attention":
            np.testing.assert_allclose(tensor.sum(axis=-1), 1, atol=1e-5)
        else:
            assert ((tensor > 0).sum(axis=-1) <= 2).all()


def test_the_file_has_the_documented_inputs_and_outputs(inspected: Inspected) -> None:
    model = onnx.load(inspected.path)
    onnx.checker.check_model(model)
    inputs = {entry.name: entry.type.tensor_type for entry in model.graph.input}
    assert inputs["board"].elem_type == onnx.TensorProto.INT64
    assert [dim.dim_param or dim.dim_value for dim in inputs["board"].shape.dim] == ["batch", 16]
    for call in inspected.model.routings:
        switch = inputs[f"experts_enabled/{call.path}"]
        assert switch.elem_type == onnx.TensorProto.BOOL
        assert [dim.dim_value for dim in switch.shape.dim] == [call.parts]
    assert len(inputs) == 1 + len(inspected.model.routings)
    assert [entry.name for entry in model.graph.output] == inspected.model.outputs
    assert model.ir_version == onnx_file.IR_VERSION


def test_an_export_is_checked_and_says_so(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "r1", config=TD)
    path = export_checkpoint(folder.path, INSPECTION.suffix, "last").path
    metadata = {entry.key: entry.value for entry in onnx.load(path).metadata_props}
    assert int(metadata["checked_boards"]) >= 1000
    assert float(metadata["largest_difference"]) <= 1e-4
    assert (metadata["run_id"], metadata["checkpoint"], metadata["steps"]) == ("r1", "last", "1")
    details = read_details(path)
    assert details is not None
    assert details.checked_boards == int(metadata["checked_boards"])
    assert {file.name for file in path.parent.iterdir() if file.suffix == ".onnx"} == {"d0.onnx", "d0.inspect.onnx"}
    assert path.read_bytes() != export_checkpoint(folder.path, "onnx", "last").path.read_bytes()


@pytest.mark.parametrize("batch", [0, 1, 5])
def test_any_batch_can_be_run(inspected: Inspected, batch: int) -> None:
    found = run(inspected, onnx_file.played_boards(10)[:batch], switches_of(inspected.model, "all"))
    assert {len(tensor) for tensor in found.values()} == {batch}


def test_a_cell_that_is_no_exponent_is_an_error(inspected: Inspected) -> None:
    boards = onnx_file.played_boards(2)
    boards[1, 3] = 18
    with pytest.raises(Exception, match=onnx_file.CHECK_NAME):
        run(inspected, boards, switches_of(inspected.model, "all"))


@pytest.mark.parametrize("design", [template("tiny_mlp"), picture_design()], ids=["no tokens", "nine tokens"])
def test_a_network_without_anything_to_show_has_no_such_file(tmp_path: Path, design: ModelArchitecture) -> None:
    folder = make_run(tmp_path / "data" / "runs" / "r1", design=design)
    with serving(tmp_path / "data") as client:
        answer = client.get(f"/api/designs/{design.id}/export?inspect=true")
        listed = client.get(f"/api/designs/{design.id}/exports").json()
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:model-studio:no_inspection")
    assert [run["inspectable"] for run in listed["runs"]] == [False]
    assert not any(file["inspect"] for file in listed["runs"][0]["checkpoints"][0]["files"])
    with pytest.raises(NoInspection):
        write_inspection(str(folder.path), str(folder.checkpoint), str(tmp_path / "x.onnx"), "last", "")


def refused(folder: RunFolder, plain: Path, target: Path) -> str:
    with pytest.raises(NoInspection) as error:
        write_inspection(str(folder.path), str(folder.checkpoint), str(target), "last", str(plain))
    assert not target.exists()
    assert list(target.parent.glob(f"{target.name}*")) == []
    return error.value.detail


def test_a_file_that_does_not_agree_with_the_plain_one_is_not_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, other = make_run(tmp_path / "r1"), make_run(tmp_path / "r2", seed=2)
    plain = export_checkpoint(other.path, "onnx").path
    assert "differ by" in refused(folder, plain, tmp_path / "x.onnx")
    few: Any = lambda *_: (0.0, 999)  # noqa: E731
    monkeypatch.setattr(inspection, "largest_difference", few)
    assert "only 999 boards are clear" in refused(folder, plain, tmp_path / "x.onnx")


def test_a_network_that_does_not_run_what_its_design_says_is_refused(tmp_path: Path) -> None:
    """A run whose module was written from another text than its design."""
    folder = make_run(tmp_path / "r1", design=small_design())
    text = folder.model.read_text()
    assert "self.block_c3(x_c2)" in text
    folder.model.write_text(text.replace("self.block_c3(x_c2)", "x_c2 + 0"))
    assert "as its design says" in refused(folder, tmp_path / "none.onnx", tmp_path / "x.onnx")


def test_a_design_that_can_no_longer_be_read_has_nothing_to_show(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "data" / "runs" / "r1")
    document = msgspec.json.decode(folder.design.read_bytes())
    folder.design.write_bytes(msgspec.json.encode(document | {"schema_version": 99}))
    with serving(tmp_path / "data") as client:
        (listed,) = client.get("/api/designs/d0/exports").json()["runs"]
        assert client.get("/api/designs/d0/export?inspect=true").status_code == 409
    assert (listed["parameters"], listed["inspectable"]) == (0, False)


def test_looking_inside_is_for_onnx_alone(tmp_path: Path) -> None:
    make_run(tmp_path / "data" / "runs" / "r1")
    with serving(tmp_path / "data") as client:
        answer = client.get("/api/designs/d0/export?fmt=pt&inspect=true")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/inspect"
