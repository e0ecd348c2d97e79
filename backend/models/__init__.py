"""The modules that generated networks are made of; everything here imports torch and nothing here knows a server."""

from backend.models.activation import ACTIVATIONS, hidden_layers
from backend.models.afterstate_player import AfterstatePlayer
from backend.models.attention import GatedEncoderLayer, SelfAttention, TransformerEncoderLayer
from backend.models.containers import Repeat, checkpoint, under
from backend.models.convolution import GridConv2d, GridMaxPool2d
from backend.models.embedding import BoardEmbedding
from backend.models.game_transformer import GameTransformer
from backend.models.grouped_query_attention import GroupedQueryAttention
from backend.models.heads import ActionHead, AuxiliaryHead, ValueHead, no_policy
from backend.models.moe import MixtureOfExperts, Router
from backend.models.n_tuple import NTupleTables
from backend.models.normalization import RMSNorm
from backend.models.outputs import BodyOutput, ModelOutput, Prediction, Routing
from backend.models.plain_boards import OneHotBoard, ScaledBoard
from backend.models.pooling import Broadcast, Pool
from backend.models.rules import legal_moves

__all__ = [
    "ACTIVATIONS",
    "ActionHead",
    "AfterstatePlayer",
    "AuxiliaryHead",
    "BoardEmbedding",
    "BodyOutput",
    "Broadcast",
    "GameTransformer",
    "GatedEncoderLayer",
    "GridConv2d",
    "GridMaxPool2d",
    "GroupedQueryAttention",
    "MixtureOfExperts",
    "ModelOutput",
    "NTupleTables",
    "OneHotBoard",
    "Pool",
    "Prediction",
    "RMSNorm",
    "Repeat",
    "Router",
    "Routing",
    "ScaledBoard",
    "SelfAttention",
    "TransformerEncoderLayer",
    "ValueHead",
    "checkpoint",
    "hidden_layers",
    "legal_moves",
    "no_policy",
    "under",
]
