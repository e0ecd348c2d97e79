"""The blocks that designs consist of: to add one, write its file and its row here."""

from shared_py.blocks.action_output import ActionOutput
from shared_py.blocks.activation import Activation
from shared_py.blocks.add import Add
from shared_py.blocks.attention import Attention
from shared_py.blocks.aux_loss_head import AuxLossHead
from shared_py.blocks.base import Block
from shared_py.blocks.board_input import BoardInput
from shared_py.blocks.broadcast import Broadcast
from shared_py.blocks.concat import Concat
from shared_py.blocks.conv2d import Conv2d
from shared_py.blocks.dropout import Dropout
from shared_py.blocks.embedding import Embedding
from shared_py.blocks.grad_checkpoint import GradCheckpoint
from shared_py.blocks.layer_norm import LayerNorm
from shared_py.blocks.linear import Linear
from shared_py.blocks.load_balance_router import LoadBalanceRouter
from shared_py.blocks.max_pool2d import MaxPool2d
from shared_py.blocks.moe_layer import MoELayer
from shared_py.blocks.multiply import Multiply
from shared_py.blocks.n_tuple import NTuple
from shared_py.blocks.pool import Pool
from shared_py.blocks.repeat import Repeat
from shared_py.blocks.rms_norm import RMSNorm
from shared_py.blocks.subnetwork import Subnetwork
from shared_py.blocks.transformer_layer import TransformerLayer
from shared_py.blocks.value_output import ValueOutput

BLOCKS: tuple[type[Block], ...] = (
    BoardInput,
    Embedding,
    NTuple,
    TransformerLayer,
    Attention,
    MoELayer,
    LoadBalanceRouter,
    Conv2d,
    MaxPool2d,
    Linear,
    LayerNorm,
    RMSNorm,
    Activation,
    Dropout,
    Pool,
    Add,
    Multiply,
    Concat,
    Broadcast,
    Repeat,
    Subnetwork,
    ActionOutput,
    ValueOutput,
    AuxLossHead,
    GradCheckpoint,
)

OFFERED_FOR: dict[str, type[Block]] = {name: block for block in BLOCKS for name in block.offered_for}
"""by the type of a block that is left out on purpose, the block that is offered in its place"""

BLOCK_BY_TYPE: dict[str, type[Block]] = {block.type: block for block in BLOCKS}
