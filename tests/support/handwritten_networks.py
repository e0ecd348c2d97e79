"""Networks written by hand in the form of generated code; together they use every module of `backend.models`."""

SEQUENCE = '''"""Looks ahead, repeats attention and experts, reads a token of its own."""

from torch import Tensor, nn
from torch.nn import Dropout

from backend.models import (
    ActionHead,
    AuxiliaryHead,
    BoardEmbedding,
    BodyOutput,
    GameTransformer,
    MixtureOfExperts,
    ModelOutput,
    RMSNorm,
    Repeat,
    Router,
    SelfAttention,
    TransformerEncoderLayer,
    ValueHead,
    checkpoint,
    under,
)


class BodyC3(nn.Module):
    def __init__(self, d_model: int) -> None:
        super().__init__()
        self.block_c4 = RMSNorm(d_model)
        self.block_c5 = SelfAttention(d_model=d_model, nhead=2, dropout=0.1, bias=False)
        self.router_c8 = Router(
            d_model=d_model, n_experts=4, score_func="sigmoid", router_jitter_noise=0.1, bias=True
        )
        self.block_c8 = MixtureOfExperts(
            d_model=d_model,
            n_experts=4,
            dim_feedforward=24,
            activation="silu",
            num_shared_experts=1,
            residual=False,
        )
        self.block_c9 = AuxiliaryHead(d_model=d_model, target="legal_moves", pool="attention", cells=17)

    def forward(self, x: Tensor) -> BodyOutput:
        x_c5 = x + self.block_c5(self.block_c4(x))  # (B, 17, d)
        routing_c8 = self.router_c8(x_c5)
        x_c8 = checkpoint(self, self.block_c8, routing_c8)
        return BodyOutput(x_c5 + x_c8, {"c8": routing_c8}, {"c9": self.block_c9(x_c8)})


class GeneratedModel(GameTransformer):
    design_id = "sequence"
    design_hash = ""

    def __init__(self, d_model: int = 16) -> None:
        super().__init__()
        self.block_c2 = BoardEmbedding(
            num_embeddings=18, d_model=d_model, position="learned_2d", lookahead=True, cls_token=True
        )
        self.block_c3 = Repeat(lambda: BodyC3(d_model), times=2)
        self.block_c10 = TransformerEncoderLayer(
            d_model=d_model, nhead=2, dim_feedforward=24, activation="silu", bias=False
        )
        self.block_c11 = Dropout(0.1)
        self.block_c12 = ActionHead(
            d_model=d_model, pool="cls", cells=17, value=False, hidden_sizes=(12,), activation="tanh"
        )
        self.block_c13 = ValueHead(d_model=d_model, pool="attention", cells=17)
        self.reset_parameters()

    def compute(self, board: Tensor) -> ModelOutput:
        x_c2 = self.block_c2(board)  # (B, 17, d)
        given_c3 = self.block_c3(x_c2)
        x_c11 = self.block_c11(self.block_c10(given_c3.output))
        logits_c12, _ = self.block_c12(x_c11)
        return ModelOutput(
            logits=logits_c12,
            value=self.block_c13(x_c11),
            routings=under("c3", given_c3.routings),
            auxiliary=under("c3", given_c3.auxiliary),
        )
'''

PICTURE = '''"""Convolves, repeats one layer with the same weights, pools in every other way."""

import torch
from torch import Tensor, nn
from torch.nn import GELU, LayerNorm

from backend.models import (
    ActionHead,
    AuxiliaryHead,
    BoardEmbedding,
    BodyOutput,
    GameTransformer,
    GridConv2d,
    ModelOutput,
    Pool,
    Repeat,
    TransformerEncoderLayer,
    ValueHead,
    under,
)


class BodyC5(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.block_c6 = TransformerEncoderLayer(d_model=16, nhead=4, dim_feedforward=24, norm_first=False)
        self.block_c7 = AuxiliaryHead(d_model=16, target="merge_count", pool="max", cells=6, detach=True)

    def forward(self, x: Tensor) -> BodyOutput:
        x_c6 = self.block_c6(x)
        return BodyOutput(x_c6, auxiliary={"c7": self.block_c7(x_c6)})


class GeneratedModel(GameTransformer):
    design_id = "picture"
    design_hash = ""

    def __init__(self) -> None:
        super().__init__()
        self.block_c2 = BoardEmbedding(num_embeddings=18, d_model=16, position="sinusoidal_2d", lookahead=True)
        self.block_c3 = GridConv2d(in_channels=16, out_channels=32, kernel_size=(2, 2), groups=4)
        self.block_c4 = GridConv2d(in_channels=32, out_channels=16, kernel_size=(2, 3), padding="valid")
        self.block_c41 = GridConv2d(
            in_channels=16, out_channels=16, kernel_size=(2, 2), grid=(3, 2), padding="valid", stride=2
        )
        self.block_c42 = nn.Sequential(LayerNorm(16), GELU())
        self.block_c5 = Repeat(BodyC5, times=3, share_weights=True)
        self.pools_c8 = nn.ModuleList(
            Pool(d_model=16, pool=pool, cells=6) for pool in ("weighted", "attention", "mean", "max")
        )
        self.block_c9 = ActionHead(d_model=64, pool=None, hidden_sizes=(12, 8), activation="leaky_relu")
        self.block_c10 = ValueHead(d_model=16, pool="weighted", cells=1)
        self.reset_parameters()

    def compute(self, board: Tensor) -> ModelOutput:
        x_c4 = self.block_c4(self.block_c3(self.block_c2(board)))  # (B, 6, d)
        given_c5 = self.block_c5(self.block_c42(x_c4))
        x_c8 = torch.cat([pool(given_c5.output) for pool in self.pools_c8], dim=1)  # (B, 4 d)
        logits_c9, value_c9 = self.block_c9(x_c8)
        value_c10 = self.block_c10(self.block_c41(given_c5.output))
        return ModelOutput(
            logits=logits_c9,
            value=torch.stack([value_c9, value_c10]).mean(dim=0),
            routings=under("c5", given_c5.routings),
            auxiliary=under("c5", given_c5.auxiliary),
        )
'''

TABLES = '''"""Reads tables by patterns of cells, and only values boards."""

from torch import Tensor

from backend.models import (
    GameTransformer,
    ModelOutput,
    NTupleTables,
    Pool,
    ValueHead,
    no_policy,
)


class GeneratedModel(GameTransformer):
    design_id = "tables"
    design_hash = ""

    def __init__(self) -> None:
        super().__init__()
        self.block_c2 = NTupleTables(patterns=((0, 1, 2), (5, 6)), out_features=8)
        self.block_c3 = NTupleTables(patterns=((0, 5, 10),), symmetric=False, initial_value=2.0)
        self.block_c4 = Pool(d_model=8, pool="sum", cells=16)
        self.block_c5 = ValueHead(d_model=8, pool=None)
        self.block_c6 = ValueHead(d_model=1, pool="sum", cells=1, linear=False)
        self.reset_parameters()

    def compute(self, board: Tensor) -> ModelOutput:
        value_c5 = self.block_c5(self.block_c4(self.block_c2(board)))
        value = value_c5 + self.block_c6(self.block_c3(board))
        return ModelOutput(logits=no_policy(value), value=value, routings={}, auxiliary={})
'''

GATED = '''"""Gates the channels of a picture by their means, and takes the largest of each quarter; groups of heads."""

import torch
from torch import Tensor
from torch.nn import Linear, Sigmoid

from backend.models import (
    ActionHead,
    Broadcast,
    GameTransformer,
    GatedEncoderLayer,
    GridConv2d,
    GridMaxPool2d,
    GroupedQueryAttention,
    ModelOutput,
    OneHotBoard,
    Pool,
    ScaledBoard,
)


class GeneratedModel(GameTransformer):
    design_id = "gated"
    design_hash = ""

    def __init__(self) -> None:
        super().__init__()
        self.block_c1 = OneHotBoard(num_classes=16)
        self.block_c2 = ScaledBoard(divisor=11.0)
        self.block_c3 = GridConv2d(in_channels=17, out_channels=12, kernel_size=(2, 2))
        self.block_c4 = Pool(d_model=12, pool="mean")
        self.block_c5 = Linear(in_features=12, out_features=12)
        self.block_c6 = Sigmoid()
        self.block_c7 = Broadcast(cells=16)
        self.block_c9 = GridMaxPool2d(kernel_size=(2, 2), stride=(2, 2))
        self.block_c10 = GroupedQueryAttention(d_model=12, nhead=6, num_key_value_heads=2)
        self.block_c11 = GatedEncoderLayer(d_model=12, nhead=2, dim_feedforward=20, rope_theta=50.0, cells=4)
        self.block_c12 = ActionHead(d_model=12, cells=4)
        self.reset_parameters()

    def compute(self, board: Tensor) -> ModelOutput:
        x_c2 = torch.cat([self.block_c1(board), self.block_c2(board)], dim=-1)
        x_c3 = self.block_c3(x_c2)
        x_c7 = self.block_c7(self.block_c6(self.block_c5(self.block_c4(x_c3))))
        x_c8 = x_c3 * x_c7  # (B, 16, 12)
        x_c9 = self.block_c9(x_c8)  # (B, 4, 12)
        logits_c12, value_c12 = self.block_c12(self.block_c11(self.block_c10(x_c9)))
        return ModelOutput(logits=logits_c12, value=value_c12, routings={}, auxiliary={})
'''

TEXTS = {"sequence": SEQUENCE, "picture": PICTURE, "tables": TABLES, "gated": GATED}
