"""The designs that tests work with: templates by their names, and small ones that train and export quickly."""

from shared_py.design import Component, Defaults, ModelArchitecture
from shared_py.templates import load_templates


def template(name: str) -> ModelArchitecture:
    """The template of that id."""
    (found,) = (design for design in load_templates() if design.id == name)
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


def plain_design(design_id: str = "d1") -> ModelArchitecture:
    """The least that can be trained: an embedding and an output."""
    components = [Component("c1", "board_input"), Component("c2", "embedding"), Component("c3", "action_output")]
    return ModelArchitecture(
        design_id, "Plain", meta=Defaults(d_model=8), components=components, edges=[("c1", "c2"), ("c2", "c3")]
    )
