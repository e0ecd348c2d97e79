"""A design with every default resolved: the few numbers that say how big its network is, and how to build it."""

from typing import Self

from msgspec import Struct

from backend.models.game_transformer import GameTransformer
from shared_py.codegen import generate_source
from shared_py.design import ModelArchitecture
from shared_py.validation import validate_design


class DynamicModelConfig(Struct, frozen=True):
    """The numbers of a network; `config` is what its generated constructor takes."""

    design: ModelArchitecture
    design_hash: str
    d_model: int
    n_heads: int
    n_experts: int
    parameters: int
    config: dict[str, int]

    @classmethod
    def from_architecture(cls, design: ModelArchitecture) -> Self:
        """Resolve a valid design; ValueError with its problems otherwise."""
        verdict = validate_design(design)
        if not verdict.valid:
            raise ValueError("; ".join(verdict.errors))
        generated = generate_source(design)
        resolved = {"d_model": design.meta.d_model, "n_heads": design.meta.n_heads, "n_experts": design.meta.n_experts}
        return cls(
            design=design,
            design_hash=generated.design_hash,
            **(resolved | {name: value for name, value in generated.config.items() if name in resolved}),
            parameters=verdict.parameters,
            config=generated.config,
        )

    def build(self) -> GameTransformer:
        """Build the network with fresh weights."""
        return GameTransformer.from_architecture(self.design)
