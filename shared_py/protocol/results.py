"""What validating, compiling and placing a block return."""

from msgspec import Struct

from shared_py.design import Edge
from shared_py.problems import Join, Problem


class BlockEstimate(Struct, frozen=True):
    """What one placed block costs, a container with all that lies inside it; a block inside counts as one copy of it."""

    parameters: int
    active_parameters: int
    flops: int
    """multiply-adds of one board, forward"""
    activation_bytes: int
    """what one board keeps for the backward pass"""
    training_bytes: int
    """weights, gradients, optimizer and the activations of the boards computed at once"""
    shape: str
    """what leaves it, `(B, 16, d)`"""


class MemoryEstimate(Struct, frozen=True):
    """Where the memory of a run goes, in bytes.

    In a validation result that of the first of `algorithms` with its default settings.
    """

    weights: int
    gradients: int
    optimizer: int
    """Adam's two moments, and the average of the weights"""
    activations: int
    """kept for the backward pass by the boards computed at once"""
    activations_without_checkpoints: int
    """what they would be if nothing were recomputed"""
    rollout: int
    """the moves of one rollout, kept until they are learnt from"""
    workspace: int
    """what single operators need while they work, what the heap holds without using it, and the libraries' own buffers"""
    training: int
    """all of the above at the peak"""
    running: int
    """to play one board"""


class ValidationResult(Struct, frozen=True):
    """The result of validating a design: every problem, and the exact sizes where they are known."""

    valid: bool
    paramCount: float
    """millions, two decimals"""
    estimatedMemory: int
    """megabytes to train, whole"""
    errors: list[str]
    problems: list[Problem]
    parameters: int
    active_parameters: int
    flops: int
    """multiply-adds of one board, forward"""
    blocks: dict[str, BlockEstimate]
    warnings: list[Problem]
    """what is allowed but seldom wanted; a design with warnings alone is valid"""
    memory: MemoryEstimate
    algorithms: list[str] = []
    """names of the algorithms that can train the design; empty while this is not known"""


class LineSpan(Struct, frozen=True):
    """The first and last line of the generated text, counted from 1, that a component wrote."""

    first: int
    last: int


class GeneratedSource(Struct, frozen=True):
    """The text of one PyTorch module, the hash of the design it was written from, and which lines are whose."""

    source: str
    design_hash: str
    lines: dict[str, list[LineSpan]]
    config: dict[str, int]


class Check(Struct, frozen=True):
    """One proof of a compile: what was checked, whether it held, and what was seen."""

    name: str
    passed: bool
    detail: str


class CompileResult(Struct, frozen=True):
    """What a compile gives: where the module can be imported, its exact size, its text and the checks."""

    import_path: str
    paramCount: float
    config: dict[str, int]
    parameters: int
    source: str
    design_hash: str
    checks: list[Check]


class ConnectionCheck(Struct, frozen=True):
    """Whether an edge may be drawn, and why not: a sentence, and the problem it is about."""

    ok: bool
    reason: str | None = None
    problem: Problem | None = None


class Placement(Struct, frozen=True):
    """The best wiring for a component: the edges to cut and then to join, its first neighbours, and what is wrong afterwards."""

    cut: list[Edge]
    join: list[Join]
    source: str | None
    target: str | None
    valid: bool
    """whether the whole design is valid then"""
    problems: int
    """of the whole design"""
    validation: ValidationResult | None = None
    """validation of the whole design with these edges; null where the caller did not request it"""
