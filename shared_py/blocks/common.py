"""Properties that several blocks share, annotated once."""

from typing import Annotated, Literal

from shared_py.properties import about

ModelWidth = Annotated[
    int, about("Model width", "Numbers that stand for one cell; a multiple of 8.", ge=8, le=1024, multiple_of=8)
]
Heads = Annotated[int, about("Heads", "Attention heads; each sees d_model ÷ n_heads numbers.", ge=1, le=64, divides="d_model")]
Experts = Annotated[int, about("Experts", "Feed-forward networks to choose from.", ge=1, le=8)]
FeedForward = Annotated[
    int,
    about("Feed-forward width", "Hidden width of the feed-forward network.", ge=1, le=8192, default_text="4 × d_model"),
]
Dropout = Annotated[
    float, about("Dropout", "Share of values set to zero while training; PPO learns best with 0.", ge=0, le=0.9, step=0.05)
]
Activation = Annotated[Literal["gelu", "relu"], about("Activation", "The bend between the two linear maps.")]
Pool = Annotated[
    Literal["flatten", "weighted", "mean"],
    about("Pooling", "How 16 cells become one vector; a mean hides where the tiles are."),
]
