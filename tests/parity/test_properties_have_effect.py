"""A property that changes nothing where it stands says so: the network is built and trained a step with and without it."""

from typing import Any

import msgspec
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.design_edits import mended, with_more, with_props
from support.designs import template
from support.strategies import valid_designs

from backend.compile.checks import sample_boards
from backend.models import GameTransformer
from shared_py.analysis import analyse
from shared_py.blocks import BLOCK_BY_TYPE
from shared_py.design import Component, ModelArchitecture
from shared_py.properties import Property, annotation_of, is_allowed, properties_of
from shared_py.resolution import meta_fields, resolve
from shared_py.validation import validate_design

BOARDS = sample_boards(6)


def behaviour(design: ModelArchitecture) -> list[torch.Tensor]:
    """All that a network is and does: its first weights, what it gives, and the gradients of all that it gives.

    In float64, since an effect may be small: a norm after `rms_norm` removes all but a hundred-thousandth of what `eps` changes.
    """
    torch.manual_seed(0)
    model = GameTransformer.from_architecture(design).double().train()
    weights = [parameter.detach().clone() for parameter in model.parameters()]
    torch.manual_seed(2)
    with torch.no_grad():  # weights that begin at 0 would hide what stands before them
        for parameter in model.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    torch.manual_seed(1)
    output = model.evaluate(BOARDS)
    loss = model.auxiliary_loss(output, BOARDS) + (output.logits.softmax(-1) ** 2).sum() + output.value.square().sum()
    loss.backward()
    gradients = [parameter.grad if parameter.grad is not None else torch.zeros(0) for parameter in model.parameters()]
    with torch.inference_mode():
        played = model.eval()(BOARDS)
    return [*weights, *gradients, output.logits.detach(), output.value.detach(), *played]


def same(one: list[torch.Tensor], other: list[torch.Tensor]) -> bool:
    """Whether two networks are and do the same, rounding aside."""
    return len(one) == len(other) and all(
        a.shape == b.shape and torch.allclose(a, b, rtol=1e-9, atol=1e-9 * largest(a)) for a, b in zip(one, other, strict=True)
    )


def largest(tensor: torch.Tensor) -> float:
    return float(tensor.abs().max()) if tensor.numel() else 0.0


def other_values(rule: Property) -> list[Any]:
    """Values of a property beside its default."""
    if rule.choices:
        return [choice for choice in rule.choices if choice != rule.default]
    if rule.type == "boolean":
        return [not rule.default]
    if rule.type == "integers":
        return [[8], [4, 4]]
    if rule.type == "patterns":
        return [[[0, 1]], [[0, 1], [5, 6, 7]]]
    if rule.type == "integer":
        return [value for value in (1, 2, 3, 5, 8, 19, 24) if value != rule.default]
    return [value for value in (0.0, 0.02, 0.05, 0.3) if value != rule.default] if rule.type == "number" else []


def without_property(design: ModelArchitecture, name: str, field: str) -> ModelArchitecture:
    return msgspec.structs.replace(
        design,
        components=[
            msgspec.structs.replace(item, props={k: v for k, v in item.props.items() if k != field}) if item.id == name else item
            for item in design.components
        ],
    )


def warned(design: ModelArchitecture) -> set[tuple[str | None, str | None]]:
    return {(warning.component_id, warning.field) for warning in validate_design(design).warnings}


def assert_it_has_an_effect_or_a_warning(plain: ModelArchitecture, changed: ModelArchitecture, name: str, field: str) -> None:
    """Compare a design in which a property is left out with one that has another value of it."""
    if analyse(plain).sizes == analyse(changed).sizes and same(behaviour(plain), behaviour(changed)):
        assert (name, field) in warned(changed) | warned(plain), f"{field} of {name} changes nothing and nobody says so"


@settings(max_examples=80)
@given(valid_designs(max_steps=4), st.data())
def test_every_property_changes_something_or_says_that_it_does_not(design: ModelArchitecture, data: st.DataObject) -> None:
    component = data.draw(st.sampled_from([item for item in design.components if properties_of(BLOCK_BY_TYPE[item.type])]))
    block = BLOCK_BY_TYPE[component.type]
    rules = properties_of(block, meta_fields(block))
    rule = rules[data.draw(st.sampled_from(list(rules)))]
    values = [value for value in other_values(rule) if is_allowed(value, annotation_of(block, rule.name))]
    assume(values and not rule.from_meta)
    plain = without_property(design, component.id, rule.name)
    value = data.draw(st.sampled_from(values))
    changed = with_props(plain, component.id, **{rule.name: value})
    assume(not analyse(plain).problems and not analyse(changed).problems)
    assume("norm_of_one" not in {warning.code for warning in analyse(plain).warnings})  # hides all that stands before it
    before, after = (
        resolve(item, design.meta).block for d in (plain, changed) for item in d.components if item.id == component.id
    )
    assume(getattr(before, "hidden", 0) != getattr(after, "hidden", 0) or rule.name != "dim_feedforward")
    assume(not (rule.default_text == "d_model" and value == design.meta.d_model))
    assert_it_has_an_effect_or_a_warning(plain, changed, component.id, rule.name)


ROUTED = template("cell_experts")
MLP = template("tiny_mlp")
CONV = template("conv_stem")
NORMED = template("repeat_and_copy")
SIDE = template("side_tasks")


def with_content(design: ModelArchitecture, container: str, content: str) -> ModelArchitecture:
    """The design with one block in a container, in place of its content."""
    inside = {item.id for item in design.components if item.inside == container}
    kept = [item for item in design.components if item.id not in inside]
    edges = [edge for edge in design.edges if not set(edge) & inside]
    return msgspec.structs.replace(design, components=[*kept, Component("inner", content, inside=container)], edges=edges)


def test_a_small_effect_counts() -> None:
    normed = [Component(c.id, "rms_norm", {"eps": 1e-5}) if c.id == "c7" else c for c in MLP.components]
    edges = [*MLP.edges[:-1], ("c7", "again"), ("again", "c8")]
    design = msgspec.structs.replace(MLP, components=[*normed, Component("again", "layer_norm")], edges=edges)
    assert not same(behaviour(design), behaviour(with_props(design, "c7", eps=0.05)))


@pytest.mark.parametrize(
    ("design", "name", "field", "value", "reason"),
    [
        (with_props(ROUTED, "c5", top_k=1), "c5", "norm_topk_prob", False, "at top_k 1"),
        (with_props(ROUTED, "c5", top_k=4), "c5", "norm_topk_prob", False, "where every expert is active"),
        (with_props(ROUTED, "c5", top_k=4), "c5", "reward_coef", 0.05, "where every expert is active"),
        (MLP, "c8", "pool", "attention", "where one vector arrives"),
        (MLP, "c8", "activation", "relu", "without hidden_sizes"),
        (SIDE, "c4", "activation", "relu", "without hidden_sizes"),
        (with_props(NORMED, "c6", elementwise_affine=False), "c6", "bias", False, "without elementwise_affine"),
        (with_props(NORMED, "c3", times=1, share_weights=False), "c3", "share_weights", True, "when it runs once"),
        (with_content(NORMED, "c3", "activation"), "c3", "share_weights", True, "when the blocks inside have no weights"),
        (with_content(NORMED, "c5", "activation"), "c8", "share_weights", True, "when the blocks inside have no weights"),
        (with_props(CONV, "c3", kernel_size="1x1"), "c3", "dilation", 3, "with kernel_size 1x1"),
        (with_props(CONV, "c3", kernel_size="1x1"), "c3", "padding", "valid", "with kernel_size 1x1 and stride 1"),
    ],
)
def test_a_property_without_effect_says_so_with_a_fix(
    design: ModelArchitecture, name: str, field: str, value: object, reason: str
) -> None:
    changed = with_props(design, name, **{field: value})
    assert same(behaviour(without_property(design, name, field)), behaviour(changed))
    (warning,) = [item for item in validate_design(changed).warnings if (item.component_id, item.field) == (name, field)]
    assert warning.code == "no_effect"
    assert warning.message.startswith(f"{field} has no effect {reason}")
    assert (name, field) not in warned(mended(changed, warning.fix))


def test_a_kernel_that_fits_once_has_no_stride_and_an_auxiliary_loss_that_counts_nothing_says_so() -> None:
    once = with_props(template("small_transformer"), "c2", cls_token=False)
    whole = Component("k", "conv2d", {"kernel_size": "4x4", "padding": "valid", "stride": 3})
    once = with_more(once, whole, Component("v", "value_output"), edges=(("c2", "k"), ("k", "v")))
    assert ("k", "stride") in warned(once)
    assert same(behaviour(once), behaviour(without_property(once, "k", "stride")))
    assert ("c4", "coef") in warned(with_props(SIDE, "c4", coef=0))


def test_a_norm_of_single_numbers_says_what_is_left_of_them() -> None:
    narrow = with_props(MLP, "c6", out_features=1)
    for kind in ("layer_norm", "rms_norm"):
        normed = msgspec.structs.replace(
            narrow, components=[msgspec.structs.replace(c, type=kind, props={}) if c.id == "c7" else c for c in narrow.components]
        )
        (warning,) = validate_design(normed).warnings
        assert (warning.code, warning.component_id) == ("norm_of_one", "c7")


def test_no_template_has_a_property_without_effect() -> None:
    for design in map(template, ("tiny_mlp", "small_transformer", "cell_experts", "two_branches", "conv_stem", "side_tasks")):
        assert [warning.message for warning in validate_design(design).warnings if warning.code == "no_effect"] == []
