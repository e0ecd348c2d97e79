"""The modules that generated networks are made of; everything here imports torch and nothing here knows a server."""

from backend.models.game_transformer import GameTransformer, legal_moves
from backend.models.heads import ActionHead, AuxiliaryHead, ValueHead
from backend.models.layers import BoardEmbedding, TransformerEncoderLayer, checkpoint
from backend.models.moe import MixtureOfExperts, Router
from backend.models.outputs import ModelOutput, Routing

__all__ = [
    "ActionHead",
    "AuxiliaryHead",
    "BoardEmbedding",
    "GameTransformer",
    "MixtureOfExperts",
    "ModelOutput",
    "Router",
    "Routing",
    "TransformerEncoderLayer",
    "ValueHead",
    "checkpoint",
    "legal_moves",
]
