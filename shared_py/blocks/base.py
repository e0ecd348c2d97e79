"""The interface of a block: everything the analysis, the code generator and the screens need to know of one."""

from collections.abc import Callable, Mapping
from typing import ClassVar, Literal, get_args

import msgspec
from msgspec import Struct

from shared_py.layout import Node
from shared_py.messages import part
from shared_py.problems import Problem
from shared_py.shapes import NOTHING, Signal, is_values, numbers_of, width_of

Kind = Literal["input", "tokens", "attention", "mixture", "routing", "layer", "combine", "container", "output", "training"]
KINDS: tuple[Kind, ...] = get_args(Kind)

Role = Literal["input", "policy", "value", "sink"]

PartOfASum = Literal["board", "entries", "sum", "value", "value of a sum"]

BYTES_PER_VALUE = 4
"""float32"""

INDEX_BYTES = 8
"""int64"""

TOKENS = part("takes_cells")

MAX_COUNT = 10**15
"""counts end here: nothing near it is allowed, and beyond it JSON and floats lose digits"""


class Sizes(Struct, frozen=True, cache_hash=True):
    """What one component costs; numbers for one board, bytes of float32."""

    parameters: int = 0
    active_parameters: int = 0
    flops: int = 0
    recomputed_flops: int = 0
    """done once more in the backward pass"""
    activation_bytes: int = 0
    """allocated and saved for the backward pass, the output aside"""
    output_bytes: int = 0
    """the output, unless it is a view; it is saved if the backward pass needs it, here or in a later component"""
    saves_output: bool = False
    """whether the backward pass needs the output"""
    saves_input: bool = False
    """whether the backward pass needs the inputs"""
    is_view: bool = False
    """whether the output is the input, in the same memory"""
    loss_bytes: int = 0
    """kept by the losses that it brings along, also when it is recomputed"""
    recomputed_bytes: int = 0
    """of what is not kept, the most that is there at one time while it is recomputed"""
    uncheckpointed_bytes: int = 0
    """what would be kept if nothing were recomputed"""
    forward_bytes: int = 0
    """needed for a while going forward, beside what is made here"""
    backward_bytes: int = 0
    """needed for a while going back, beside what is kept"""
    inference_bytes: int = 0
    """needed at one time to go forward alone"""
    varying_bytes: int = 0
    """of the bytes kept, those in tensors whose sizes change from pass to pass"""
    largest_tensor: int = 0
    """parameters in the largest tensor of them"""
    table_parameters: int = 0
    """of the parameters, those in tables of which a board reads a few rows; an optimizer leaves all other rows alone"""
    sums_tables: bool = False
    """of a whole network: whether the value is the sum of the table entries that a board reads, and nothing else is learned"""
    calls: int = 1
    """blocks computed for one board, those inside a container each time they run"""
    levels: int = 0
    """containers that run within each other"""

    def capped(self) -> "Sizes":
        """The same with no count above `MAX_COUNT`."""
        large = {name: MAX_COUNT for name in self.__struct_fields__ if getattr(self, name) > MAX_COUNT}
        return msgspec.structs.replace(self, **large) if large else self


class Body(Struct, frozen=True):
    """The content of a container: its output, and the cost of one pass through it."""

    output: Signal
    sizes: Sizes
    last: str = ""
    """the component inside whose output it is"""
    defaults: tuple[str, ...] = ()
    """design-wide defaults that its modules take as arguments; known when code is written"""
    gives: frozenset[str] = frozenset()
    """the mappings of `ModelOutput` that something inside adds to; known when code is written"""


class BlockContext(Struct, frozen=True):
    """What a block may depend on: the id of its component, its inputs and their sources, and facts about the whole design."""

    component_id: str
    inputs: tuple[Signal, ...]
    sources: tuple[str, ...]
    d_model: int
    inherited: frozenset[str] = frozenset()
    """properties taken from the design's defaults"""
    roles: frozenset[Role] = frozenset()
    """the roles that some component of the design fills"""
    source_is_computed: bool = True
    """whether the first source has a module to call; set for a block that recomputes it"""
    body: Body | None = None
    """the content of a container"""
    body_id: str = ""
    """the component whose content that is"""
    name_of: Callable[[str], str] = str
    """from a component's id to its name in messages"""

    def source_name(self, index: int = 0) -> str:
        """The name of a source in messages."""
        return self.name_of(self.sources[index])


class Inspected(Struct, frozen=True):
    """What an export for looking inside shows of a component: the experts of each token, or where each head looks."""

    kind: Literal["routing", "attention"]
    parts: int
    """experts or heads"""


class Module(Struct, frozen=True):
    """One `self.<prefix>_<id> = <type>(<arguments>)` of the generated constructor; the arguments are Python text.

    `package` is where the type is imported from; empty for a class that the generated module holds itself.
    """

    type: str
    arguments: Mapping[str, Node]
    prefix: str = "block"
    package: str = "backend.models"


class Call(Struct, frozen=True):
    """One call of `self.<prefix>_<id>` in the generated forward pass, kept apart from text so that it can be checkpointed.

    An empty comment stands for the shape of the output. `owner` is the component whose module is called, when it is
    another one; `take` names the field of what comes back that is meant.
    """

    targets: tuple[str, ...]
    arguments: tuple[str, ...]
    comment: str = ""
    prefix: str = "block"
    owner: str = ""
    take: str = ""


class Assign(Struct, frozen=True):
    """One plain assignment in the generated forward pass."""

    target: str
    expression: Node


class BlockCode(Struct, frozen=True):
    """What one component adds to the generated module.

    `gives` maps a field of `ModelOutput` to a variable, `spreads` to an expression of a mapping whose entries are added;
    `defaults` are the design-wide defaults it takes by name beside its arguments.
    """

    modules: tuple[Module, ...] = ()
    steps: tuple[Call | Assign, ...] = ()
    gives: dict[str, str] = {}
    spreads: dict[str, Node] = {}
    defaults: tuple[str, ...] = ()


class Block(Struct, frozen=True, forbid_unknown_fields=True, cache_hash=True):
    """A kind of block: its fields are its properties, its methods define what it checks, outputs, costs and generates.

    A subclass sets the class variables and implements `output`; every other method has a default for a block without
    parameters. All sizes are for one board, in bytes of float32.
    """

    type: ClassVar[str]
    title: ClassVar[str]
    summary: ClassVar[str]
    keywords: ClassVar[tuple[str, ...]] = ()
    """other words by which people look for it, in the spelling in which they are shown"""
    kind: ClassVar[Kind]
    offered_for: ClassVar[tuple[str, ...]] = ()
    """types of blocks that are left out on purpose, in place of which it is offered"""
    min_inputs: ClassVar[int] = 1
    max_inputs: ClassVar[int | None] = 1
    role: ClassVar[Role | None] = None
    training_only: ClassVar[bool] = False
    container: ClassVar[bool] = False
    """whether it can contain components"""
    makes_tokens: ClassVar[bool] = False
    """whether it turns a board into values"""
    returns_to_cells: ClassVar[bool] = False
    """whether it gives the one vector of a board to the cells again"""
    recomputes_source: ClassVar[bool] = False
    """whether the component feeding this one is recomputed in the backward pass"""

    def check(self, context: BlockContext) -> list[Problem]:
        """The problems of the properties, among themselves and with the inputs."""
        return []

    def advise(self, context: BlockContext) -> list[Problem]:
        """Warnings: what is allowed but seldom wanted, for inputs that passed `check`."""
        return []

    def definition_of(self, component_id: str) -> str:
        """The component whose content a container runs: itself, unless it is linked to another."""
        return component_id

    def shares_with(self, component_id: str) -> str | None:
        """The component whose weights it uses in place of its own."""
        return None

    def paths_inside(self, component_id: str) -> tuple[str, ...]:
        """The paths under which a container runs its content, in the order of the runs."""
        return (component_id,)

    def part_of_a_sum(self) -> PartOfASum | None:
        """Its part in a network whose value is a sum of table entries; None for a block that does something else."""
        return None

    def inspected(self) -> Inspected | None:
        """What an export for looking inside shows of it; None for most blocks."""
        return None

    def computes_moves(self) -> bool:
        """Whether it computes the boards after the four moves, by a table of all lines that an ONNX contains."""
        return False

    def output(self, context: BlockContext) -> Signal:
        """The output, for inputs that passed `check`."""
        return NOTHING

    def parameters(self, context: BlockContext) -> int:
        """Count the parameters, exactly as `sum(p.numel())` will."""
        return 0

    def active_parameters(self, context: BlockContext) -> int:
        """Count the parameters that one token passes through."""
        return self.parameters(context)

    def largest_tensor(self, context: BlockContext) -> int:
        """Count the parameters in the largest of its tensors."""
        return self.parameters(context)

    def table_parameters(self, context: BlockContext) -> int:
        """Count the parameters in tables of which a board reads a few rows."""
        return 0

    def flops(self, context: BlockContext) -> int:
        """Count the multiply-adds of one board's forward pass: those of matrix products and convolutions alone.

        So does torch.utils.flop_counter; work on each number, sums and products with a single vector take memory's time.
        """
        return 0

    def saves_input(self, context: BlockContext) -> bool:
        """Whether the backward pass needs the inputs."""
        return False

    def saves_output(self, context: BlockContext) -> bool:
        """Whether the backward pass needs the output, whatever follows."""
        return False

    def is_view(self, context: BlockContext) -> bool:
        """Whether the output is the input, in the same memory."""
        return False

    def activation_bytes(self, context: BlockContext) -> int:
        """Bytes allocated here for one board and saved for the backward pass, the output aside."""
        return 0

    def output_bytes(self, context: BlockContext) -> int:
        """Bytes of the output, unless it is a view; it is saved if the backward pass needs it here or later."""
        leaves = self.output(context)
        return 0 if self.is_view(context) or not is_values(leaves) else value_bytes(leaves)

    def loss_bytes(self, context: BlockContext) -> int:
        """Count the bytes of one board that are kept by the losses it brings along."""
        return 0

    def varying_bytes(self, context: BlockContext) -> int:
        """Those of the bytes above in tensors whose sizes change from pass to pass, which fragment memory more."""
        return 0

    def forward_bytes(self, context: BlockContext) -> int:
        """Count the bytes one board needs for a while going forward, beside the two above."""
        return 0

    def backward_bytes(self, context: BlockContext) -> int:
        """Count the bytes one board needs for a while going back, beside what is kept: mostly gradients of activations."""
        return sum(map(value_bytes, context.inputs)) + value_bytes(self.output(context))

    def sizes(self, context: BlockContext) -> Sizes:
        """All the counts together."""
        kept, leaves, forward = self.activation_bytes(context), self.output_bytes(context), self.forward_bytes(context)
        return Sizes(
            parameters=self.parameters(context),
            active_parameters=self.active_parameters(context),
            flops=self.flops(context),
            activation_bytes=kept,
            output_bytes=leaves,
            saves_output=self.saves_output(context),
            saves_input=self.saves_input(context),
            is_view=self.is_view(context),
            loss_bytes=self.loss_bytes(context),
            varying_bytes=self.varying_bytes(context),
            uncheckpointed_bytes=kept,
            forward_bytes=forward,
            backward_bytes=self.backward_bytes(context),
            inference_bytes=kept + leaves + forward,
            largest_tensor=self.largest_tensor(context),
            table_parameters=self.table_parameters(context),
        )

    def code(self, context: BlockContext, inputs: tuple[str, ...]) -> BlockCode:
        """Write the PyTorch for one component; `inputs` are the variables that hold its inputs."""
        return BlockCode()

    def single(
        self,
        context: BlockContext,
        type_name: str,
        arguments: Mapping[str, Node],
        inputs: tuple[str, ...],
        package: str = "backend.models",
    ) -> BlockCode:
        """The code of the common case: one module, called once on the inputs."""
        return BlockCode((Module(type_name, arguments, package=package),), (Call((variable(context.component_id),), inputs),))

    def text(self, context: BlockContext, name: str) -> str:
        """Write one property as Python: the argument's name if the design's default decides it, else the value."""
        return name if name in context.inherited else literal(getattr(self, name))

    def texts(self, context: BlockContext, *names: str) -> dict[str, str]:
        """Write several properties as keyword arguments."""
        return {name: self.text(context, name) for name in names}


def value_bytes(signal: Signal) -> int:
    """Bytes of a signal for one board; 0 where it is not numbers."""
    return numbers_of(signal) * BYTES_PER_VALUE if is_values(signal) else 0


def variable(component_id: str) -> str:
    """The variable of the generated forward pass that holds the output of a component."""
    return f"x_{component_id}"


def literal(value: bool | int | float | str | tuple[int, ...]) -> str:
    """Write a bounded property value as Python; strings can only be the members of a Literal type."""
    return f'"{value}"' if isinstance(value, str) else repr(value)


def width_text(context: BlockContext, index: int = 0) -> str:
    """Write the width of an input as Python: the design's `d_model` where it is that."""
    width = width_of(context.inputs[index])
    return "d_model" if width == context.d_model else str(width)
