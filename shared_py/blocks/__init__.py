"""The blocks a network is drawn from: to add one, write its file and its row here."""

from shared_py.blocks.action_output import ActionOutput
from shared_py.blocks.add import Add
from shared_py.blocks.aux_loss_head import AuxLossHead
from shared_py.blocks.base import Block
from shared_py.blocks.board_input import BoardInput
from shared_py.blocks.embedding import Embedding
from shared_py.blocks.grad_checkpoint import GradCheckpoint
from shared_py.blocks.load_balance_router import LoadBalanceRouter
from shared_py.blocks.moe_layer import MoELayer
from shared_py.blocks.transformer_layer import TransformerLayer
from shared_py.blocks.value_output import ValueOutput

BLOCKS: tuple[type[Block], ...] = (
    BoardInput,
    Embedding,
    TransformerLayer,
    MoELayer,
    LoadBalanceRouter,
    Add,
    ActionOutput,
    ValueOutput,
    AuxLossHead,
    GradCheckpoint,
)

BLOCK_BY_TYPE: dict[str, type[Block]] = {block.type: block for block in BLOCKS}
