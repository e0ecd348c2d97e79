"""Properties that several blocks share, annotated once."""

from typing import Annotated, Literal

from shared_py.properties import about

ModelWidth = Annotated[int, about("Model width", "Embedding width per cell; a multiple of 8.", ge=8, le=1024, multiple_of=8)]
Heads = Annotated[int, about("Heads", "Attention heads; each sees d_model ÷ n_heads numbers.", ge=1, le=64, divides="d_model")]
Experts = Annotated[int, about("Experts", "Feed-forward networks to choose from.", ge=1, le=8)]
FeedForward = Annotated[
    int,
    about("Feed-forward width", "Hidden width of the feed-forward network.", ge=1, le=8192, default_text="4 × d_model"),
]
Dropout = Annotated[
    float, about("Dropout", "Share of values set to zero while training; no effect under PPO.", ge=0, le=0.9, step=0.05)
]
ActivationName = Literal["gelu", "relu", "silu", "tanh", "leaky_relu", "elu"]
TORCH_NAMES: dict[ActivationName, str] = {
    "gelu": "GELU",
    "relu": "ReLU",
    "silu": "SiLU",
    "tanh": "Tanh",
    "leaky_relu": "LeakyReLU",
    "elu": "ELU",
}
"""the classes of `torch.nn`"""
LayerActivationName = Literal["gelu", "relu", "silu"]
"""those that a transformer layer offers"""
BACKWARD_USES_OUTPUT: frozenset[ActivationName] = frozenset({"relu", "tanh"})
"""activations whose backward pass uses the output; that of the others uses the input"""
Activation = Annotated[ActivationName, about("Activation", "Activation function between two linear maps.")]
GatedActivation = Annotated[
    Literal["gelu", "relu", "silu", "tanh", "leaky_relu", "elu", "swiglu"],
    about("Activation", "Activation function between two linear maps; swiglu multiplies by a third one."),
]
NormEpsilon = Annotated[float, about("Norm epsilon", "Added to the variance before its root.", ge=1e-12, le=0.1)]
Bias = Annotated[bool, about("Bias", "Linear maps and norms have an additive bias.")]
PoolName = Literal["flatten", "weighted", "attention", "cls", "mean", "max", "sum"]
Pool = Annotated[PoolName, about("Pooling", "How the cells become one vector; a mean hides where the tiles are.")]
HiddenSizes = Annotated[
    tuple[Annotated[int, about("Width", "Numbers of one hidden layer.", ge=1, le=4096)], ...],
    about("Hidden layers", "Widths of the layers between pooling and output, each with an activation.", max_length=4),
]
InitGain = Annotated[
    float,
    about("Initial gain", "Scale of the last layer's first weights, times 1 ÷ √inputs.", ge=0, le=10, step=0.01),
]
Times = Annotated[int, about("Times", "How often it runs, each time on the last output.", ge=1, le=64)]
ShareWeights = Annotated[bool, about("Share weights", "One set of weights serves every time, instead of one each.")]
