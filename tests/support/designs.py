"""The designs that tests work with: templates by their names, and small ones that train and export quickly."""

from pathlib import Path

from shared_py.decoding import decode_design
from shared_py.design import Component, Defaults, ModelArchitecture
from shared_py.templates import load_templates

DRAWINGS = Path(__file__).parents[1] / "fixtures" / "drawings"
"""templates of earlier versions, which tests and benchmarks go on with"""


def earlier_templates() -> list[ModelArchitecture]:
    """The drawings that were templates once."""
    return [decode_design(path.read_bytes()) for path in sorted(DRAWINGS.glob("*.json"))]


def template(name: str) -> ModelArchitecture:
    """The template of that id, of today or of an earlier version."""
    (found,) = (design for design in [*load_templates(), *earlier_templates()] if design.id == name)
    return found


def small_design(design_id: str = "d0", *, d_model: int = 16, checkpoint: bool = False) -> ModelArchitecture:
    """One transformer layer, a router, a mixture of experts, an auxiliary head; optionally a gradient checkpoint."""
    components = [
        Component("c1", "board_input"),
        Component("c2", "embedding"),
        Component("c3", "transformer_layer", {"n_heads": 2, "dim_feedforward": 32}),
        Component("c4", "load_balance_router", {"n_experts": 3, "top_k": 2}),
        Component("c5", "moe_layer", {"n_experts": 3, "dim_feedforward": 24}),
        Component("c6", "action_output"),
        Component("c7", "aux_loss_head", {"target": "merge_count"}),
    ]
    edges = [("c1", "c2"), ("c2", "c3"), ("c4", "c5"), ("c5", "c6"), ("c3", "c7")]
    if checkpoint:
        components.append(Component("c8", "grad_checkpoint"))
        edges += [("c3", "c8"), ("c8", "c4")]
    else:
        edges.append(("c3", "c4"))
    return ModelArchitecture(design_id, "Small", meta=Defaults(d_model=d_model), components=components, edges=edges)


def board_mixture_design(design_id: str = "d3", *, top_k: int = 1) -> ModelArchitecture:
    """A mixture that chooses experts for the whole board, without a norm and with gated experts."""
    components = [
        Component("c1", "board_input"),
        Component("c2", "embedding"),
        Component("c3", "pool", {"pool": "weighted"}),
        Component("c4", "load_balance_router", {"n_experts": 3, "top_k": top_k}),
        Component("c5", "moe_layer", {"n_experts": 3, "dim_feedforward": 24, "activation": "swiglu", "norm": False}),
        Component("c6", "action_output"),
    ]
    edges = [("c1", "c2"), ("c2", "c3"), ("c3", "c4"), ("c4", "c5"), ("c5", "c6")]
    return ModelArchitecture(design_id, "Boards", meta=Defaults(d_model=16), components=components, edges=edges)


def plain_design(design_id: str = "d1") -> ModelArchitecture:
    """The least that can be trained: an embedding and an output."""
    components = [Component("c1", "board_input"), Component("c2", "embedding"), Component("c3", "action_output")]
    return ModelArchitecture(
        design_id, "Plain", meta=Defaults(d_model=8), components=components, edges=[("c1", "c2"), ("c2", "c3")]
    )


def nested_design(design_id: str = "d2") -> ModelArchitecture:
    """A class token, two rounds of attention and two mixtures behind one router, and a transformer layer used twice."""
    components = [
        Component("c1", "board_input"),
        Component("c2", "embedding", {"cls_token": True}),
        Component("c3", "repeat", {"times": 2}),
        Component("c4", "attention", {"n_heads": 4}, inside="c3"),
        Component("c5", "load_balance_router", {"n_experts": 4, "top_k": 1, "score_func": "sigmoid"}, inside="c3"),
        Component("c6", "moe_layer", {"n_experts": 4, "dim_feedforward": 16}, inside="c3"),
        Component("c7", "moe_layer", {"n_experts": 4, "dim_feedforward": 16, "residual": False}, inside="c3"),
        Component("c8", "add", inside="c3"),
        Component("c9", "subnetwork"),
        Component("c10", "transformer_layer", {"n_heads": 2, "dim_feedforward": 32}, inside="c9"),
        Component("c11", "subnetwork", {"definition": "c9", "share_weights": True}),
        Component("c12", "action_output", {"pool": "cls"}),
    ]
    edges = [("c1", "c2"), ("c2", "c3"), ("c4", "c5"), ("c5", "c6"), ("c5", "c7"), ("c6", "c8"), ("c7", "c8")]
    edges += [("c3", "c9"), ("c9", "c11"), ("c11", "c12")]
    return ModelArchitecture(design_id, "Nested", meta=Defaults(d_model=16), components=components, edges=edges)


def picture_design(design_id: str = "d3") -> ModelArchitecture:
    """Attention over the nine tokens that a convolution leaves, which are not the cells of the board."""
    components = [
        Component("c1", "board_input"),
        Component("c2", "embedding"),
        Component("c3", "conv2d", {"out_channels": 16, "kernel_size": "2x2", "padding": "valid"}),
        Component("c4", "attention", {"n_heads": 2}),
        Component("c5", "action_output"),
    ]
    edges = [("c1", "c2"), ("c2", "c3"), ("c3", "c4"), ("c4", "c5")]
    return ModelArchitecture(design_id, "Picture", meta=Defaults(d_model=16), components=components, edges=edges)


def rotary_design(design_id: str = "d4") -> ModelArchitecture:
    """A class token, grouped queries with rotary positions, a gated layer with one head of keys, and a mixture."""
    rotary = {"n_heads": 4, "rotary": True, "rope_theta": 100}
    components = [
        Component("c1", "board_input"),
        Component("c2", "embedding", {"cls_token": True}),
        Component("c3", "attention", {**rotary, "num_key_value_heads": 2}),
        Component("c4", "add"),
        Component("c5", "transformer_layer", {**rotary, "num_key_value_heads": 1, "activation": "swiglu"}),
        Component("c6", "moe_layer", {"n_experts": 3, "dim_feedforward": 8}),
        Component("c7", "action_output", {"pool": "cls"}),
    ]
    edges = [("c1", "c2"), ("c2", "c3"), ("c3", "c4"), ("c2", "c4"), ("c4", "c5"), ("c5", "c6"), ("c6", "c7")]
    return ModelArchitecture(design_id, "Rotary", meta=Defaults(d_model=16), components=components, edges=edges)
