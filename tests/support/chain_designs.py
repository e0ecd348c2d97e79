"""Small designs whose blocks form one chain from the board to the output; together they use every block."""

from itertools import pairwise

from shared_py.blocks import BLOCK_BY_TYPE
from shared_py.design import Component, Defaults, ModelArchitecture
from shared_py.properties import properties_of


def chain(*blocks: Component, width: int = 24) -> ModelArchitecture:
    """A board, an embedding, the blocks one after the other, an output."""
    components = [Component("c1", "board_input"), Component("c2", "embedding"), *blocks]
    if blocks and blocks[0].type == "embedding":
        del components[1]
    components.append(Component("last", "action_output"))
    names = [component.id for component in components]
    edges = list(pairwise(names))
    return ModelArchitecture("d0", meta=Defaults(d_model=width), components=components, edges=edges)


def chain_named(name: str) -> ModelArchitecture:
    """One of those below."""
    return chain(*(Component(f"x{n}", kind, props) for n, (kind, props) in enumerate(CHAINS[name])))


CHAINS: dict[str, list[tuple[str, dict[str, object]]]] = {
    "nothing": [],
    "looking ahead": [("embedding", {"lookahead": True})],
    "class token": [("embedding", {"cls_token": True}), ("pool", {"pool": "cls"})],
    "ones and zeros": [("embedding", {"encoding": "one_hot", "num_classes": 16}), ("conv2d", {"kernel_size": "2x2"})],
    "one number a cell": [("embedding", {"encoding": "scaled"}), ("linear", {}), ("activation", {})],
    "numbers alone": [("embedding", {"encoding": "one_hot"}), ("pool", {})],
    "places in two dimensions": [("embedding", {"position": "learned_2d"})],
    "waves": [("embedding", {"position": "sinusoidal"})],
    "no places": [("embedding", {"position": "none"})],
    "gelu": [("linear", {}), ("activation", {})],
    "relu": [("linear", {"out_features": 40}), ("activation", {"activation": "relu"})],
    "relu before a norm": [("linear", {}), ("activation", {"activation": "relu"}), ("layer_norm", {})],
    "tanh twice": [("activation", {"activation": "tanh"}), ("activation", {"activation": "tanh"})],
    "silu after elu": [("activation", {"activation": "elu"}), ("activation", {"activation": "silu"})],
    "sigmoid": [("linear", {}), ("activation", {"activation": "sigmoid"})],
    "leaky relu": [("activation", {"activation": "leaky_relu"}), ("linear", {"bias": False})],
    "norms": [("layer_norm", {}), ("layer_norm", {"elementwise_affine": False}), ("layer_norm", {"bias": False})],
    "root mean square": [("rms_norm", {}), ("rms_norm", {"elementwise_affine": False})],
    "norm of a vector": [("pool", {}), ("rms_norm", {}), ("layer_norm", {}), ("linear", {})],
    "dropout is off": [("dropout", {"p": 0.5}), ("linear", {}), ("dropout", {})],
    "attention": [("attention", {"n_heads": 4})],
    "one head": [("attention", {"n_heads": 1})],
    "as many heads as numbers": [("attention", {"n_heads": 24, "bias": False})],
    "attention twice": [("attention", {"n_heads": 2}), ("attention", {"n_heads": 1})],
    "grouped queries": [("attention", {"n_heads": 4, "num_key_value_heads": 2})],
    "one head of keys": [("attention", {"n_heads": 6, "num_key_value_heads": 1, "bias": False})],
    "rotary": [("attention", {"rotary": True}), ("attention", {"n_heads": 1, "rotary": True, "rope_theta": 100})],
    "layer with a gate": [("transformer_layer", {"n_heads": 4, "activation": "swiglu"})],
    "layer of today": [
        ("transformer_layer", {"n_heads": 4, "num_key_value_heads": 1, "rotary": True, "activation": "swiglu", "bias": False}),
    ],
    "layer, sigmoid": [("transformer_layer", {"activation": "sigmoid"})],
    "layer": [("transformer_layer", {"n_heads": 4})],
    "layer, norm after": [("transformer_layer", {"n_heads": 1, "norm_first": False, "activation": "silu"})],
    "layer, relu": [("transformer_layer", {"n_heads": 2, "activation": "relu", "bias": False, "dropout": 0.1})],
    "layers": [("transformer_layer", {}), ("transformer_layer", {"dim_feedforward": 7})],
    "one cell": [("conv2d", {"kernel_size": "4x4", "padding": "valid"}), ("transformer_layer", {"n_heads": 2})],
    "picture": [("conv2d", {}), ("activation", {}), ("conv2d", {"out_channels": 40})],
    "picture, relu": [("conv2d", {"kernel_size": "1x3"}), ("activation", {"activation": "relu"}), ("conv2d", {"groups": 4})],
    "even kernels": [("conv2d", {"kernel_size": "2x2"}), ("conv2d", {"kernel_size": "4x1"}), ("conv2d", {"kernel_size": "1x1"})],
    "smaller picture": [("conv2d", {"kernel_size": "2x2", "padding": "valid"}), ("attention", {})],
    "stride": [("conv2d", {"kernel_size": "2x2", "padding": "valid", "stride": 2}), ("linear", {})],
    "largest neighbours": [("max_pool2d", {}), ("linear", {})],
    "largest neighbours, overlapping": [("max_pool2d", {"kernel_size": "3x3", "stride": 1}), ("conv2d", {}), ("max_pool2d", {})],
    "one vector for all cells": [("pool", {"pool": "mean"}), ("broadcast", {}), ("linear", {})],
    "one vector for one cell": [("pool", {"pool": "max"}), ("broadcast", {"grid": "1x1"}), ("linear", {})],
    "picture with a margin": [("conv2d", {"kernel_size": "2x2", "padding": "full"}), ("conv2d", {"padding": "full"})],
    "dilation": [("conv2d", {"dilation": 2}), ("layer_norm", {})],
    "mixture": [("moe_layer", {})],
    "mixture of one": [("moe_layer", {"n_experts": 1})],
    "mixture, relu": [("moe_layer", {"activation": "relu", "bias": False, "residual": False})],
    "shared experts": [("moe_layer", {"num_shared_experts": 2, "dim_feedforward": 9})],
    "router": [("load_balance_router", {"top_k": 1}), ("moe_layer", {})],
    "router, sigmoid": [("load_balance_router", {"top_k": 3, "score_func": "sigmoid"}), ("moe_layer", {"activation": "tanh"})],
    "router, gates as they are": [("load_balance_router", {"norm_topk_prob": False, "bias": True}), ("moe_layer", {})],
    "mixture of boards": [("pool", {"pool": "mean"}), ("moe_layer", {})],
    "router of boards": [
        ("pool", {"pool": "mean"}),
        ("load_balance_router", {"top_k": 1}),
        ("moe_layer", {"activation": "relu"}),
    ],
    "boards, sigmoid": [("pool", {"pool": "sum"}), ("load_balance_router", {"score_func": "sigmoid"}), ("moe_layer", {})],
    "mixture without a norm": [("moe_layer", {"norm": False, "bias": False})],
    "routed without a norm": [("load_balance_router", {}), ("moe_layer", {"norm": False, "activation": "tanh"})],
    "shared experts without a norm": [("load_balance_router", {}), ("moe_layer", {"norm": False, "num_shared_experts": 2})],
    "swiglu experts": [("moe_layer", {"activation": "swiglu", "num_shared_experts": 1, "dim_feedforward": 9})],
    "swiglu experts of boards": [("pool", {"pool": "mean"}), ("moe_layer", {"activation": "swiglu", "norm": False})],
    "recomputed layer": [("transformer_layer", {}), ("grad_checkpoint", {}), ("transformer_layer", {}), ("grad_checkpoint", {})],
    "recomputed bend": [("linear", {}), ("activation", {"activation": "relu"}), ("grad_checkpoint", {}), ("linear", {})],
    "recomputed mixture": [("moe_layer", {}), ("grad_checkpoint", {})],
}
POOLS = [pool for pool in properties_of(BLOCK_BY_TYPE["pool"])["pool"].choices or [] if pool != "cls"]
"""ways of pooling that need no class token"""
CHAINS |= {f"pool {pool}": [("pool", {"pool": pool}), ("linear", {})] for pool in POOLS}
