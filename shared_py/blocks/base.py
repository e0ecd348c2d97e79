"""The questions every block answers; what no single block needs to know is not here."""

from collections.abc import Callable, Mapping
from typing import ClassVar, Literal, get_args

import msgspec
from msgspec import Struct

from shared_py.layout import Node
from shared_py.problems import Fix, Problem, SetProperty
from shared_py.shapes import NOTHING, Signal, describe, is_values, numbers_of, width_of

Kind = Literal["input", "tokens", "attention", "mixture", "routing", "layer", "combine", "container", "output", "training"]
KINDS: tuple[Kind, ...] = get_args(Kind)

Role = Literal["input", "policy", "value", "sink"]

BYTES_PER_VALUE = 4
"""float32"""

INDEX_BYTES = 8
"""int64"""

TOKENS = "one vector for each cell, (B, 16, d)"


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
    """made here and kept for the backward pass, what leaves aside"""
    output_bytes: int = 0
    """what leaves, if it is made here; it is kept if the backward pass needs it, here or in what follows"""
    saves_output: bool = False
    """whether the backward pass needs what leaves here"""
    saves_input: bool = False
    """whether the backward pass needs what arrives"""
    is_view: bool = False
    """whether what leaves is what arrived, in the same memory"""
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
    calls: int = 1
    """blocks computed for one board, those inside a container each time they run"""
    levels: int = 0
    """containers that run within each other"""

    def capped(self) -> "Sizes":
        """The same with no count above `MAX_COUNT`."""
        large = {name: MAX_COUNT for name in self.__struct_fields__ if getattr(self, name) > MAX_COUNT}
        return msgspec.structs.replace(self, **large) if large else self


class Body(Struct, frozen=True):
    """What lies inside a container: what leaves it, and what one pass through it costs."""

    output: Signal
    sizes: Sizes
    last: str = ""
    """the component inside from which it leaves"""
    defaults: tuple[str, ...] = ()
    """design-wide defaults that its modules take as arguments; known when code is written"""
    gives: frozenset[str] = frozenset()
    """the mappings of `ModelOutput` that something inside adds to; known when code is written"""


class Site(Struct, frozen=True):
    """Where a block stands: its component's id, what arrives there and from whom, and what the whole design holds."""

    component_id: str
    inputs: tuple[Signal, ...]
    sources: tuple[str, ...]
    d_model: int
    inherited: frozenset[str] = frozenset()
    """properties taken from the design's defaults"""
    roles: frozenset[Role] = frozenset()
    """the roles that some component of the design fills"""
    source_is_computed: bool = True
    """whether the first source has a module to call; only asked for a block that recomputes it"""
    body: Body | None = None
    """what lies inside, for a container"""
    body_id: str = ""
    """the component whose content that is"""
    name_of: Callable[[str], str] = str
    """from a component's id to its name in messages"""

    def source_name(self, index: int = 0) -> str:
        """The name of a source in messages."""
        return self.name_of(self.sources[index])


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

    An empty comment stands for the shape that leaves the component. `owner` is the component whose module is called, when it is
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
    """A kind of block: its fields are its properties, its methods say what it does to a drawing.

    A subclass sets the class variables and answers `output`; every other answer has a default that suits a block without
    parameters. All answers are for one board; sizes in bytes are of float32.
    """

    type: ClassVar[str]
    title: ClassVar[str]
    summary: ClassVar[str]
    kind: ClassVar[Kind]
    min_inputs: ClassVar[int] = 1
    max_inputs: ClassVar[int | None] = 1
    role: ClassVar[Role | None] = None
    training_only: ClassVar[bool] = False
    container: ClassVar[bool] = False
    """whether components can lie inside it"""
    makes_tokens: ClassVar[bool] = False
    """whether it turns a board into values"""
    recomputes_source: ClassVar[bool] = False
    """whether the component feeding this one is recomputed in the backward pass"""

    def check(self, site: Site) -> list[Problem]:
        """Say what is wrong with the properties among themselves and with what arrives."""
        return []

    def advise(self, site: Site) -> list[Problem]:
        """Say what is allowed but seldom wanted, given inputs that passed `check`."""
        return []

    def definition_of(self, component_id: str) -> str:
        """The component whose content a container runs: itself, unless it is linked to another."""
        return component_id

    def shares_with(self, component_id: str) -> str | None:
        """The component whose weights it uses in place of its own."""
        return None

    def output(self, site: Site) -> Signal:
        """Say what leaves, given inputs that passed `check`."""
        return NOTHING

    def parameters(self, site: Site) -> int:
        """Count the parameters, exactly as `sum(p.numel())` will."""
        return 0

    def active_parameters(self, site: Site) -> int:
        """Count the parameters that one token passes through."""
        return self.parameters(site)

    def largest_tensor(self, site: Site) -> int:
        """Count the parameters in the largest of its tensors."""
        return self.parameters(site)

    def flops(self, site: Site) -> int:
        """Count the multiply-adds of one board's forward pass: those of matrix products and convolutions alone.

        So does torch.utils.flop_counter; work on each number, sums and products with a single vector take memory's time.
        """
        return 0

    def saves_input(self, site: Site) -> bool:
        """Say whether the backward pass needs what arrives."""
        return False

    def saves_output(self, site: Site) -> bool:
        """Say whether the backward pass needs what leaves, whatever follows."""
        return False

    def is_view(self, site: Site) -> bool:
        """Say whether what leaves is what arrived, in the same memory."""
        return False

    def activation_bytes(self, site: Site) -> int:
        """Count the bytes that one board makes here and keeps for the backward pass, what leaves aside."""
        return 0

    def output_bytes(self, site: Site) -> int:
        """Count the bytes of what leaves, unless it is passed on; it is kept if the backward pass needs it here or later."""
        leaves = self.output(site)
        return 0 if self.is_view(site) or not is_values(leaves) else value_bytes(leaves)

    def loss_bytes(self, site: Site) -> int:
        """Count the bytes of one board that are kept by the losses it brings along."""
        return 0

    def varying_bytes(self, site: Site) -> int:
        """Count those of the bytes above that lie in tensors whose sizes change from pass to pass; they leave more holes."""
        return 0

    def forward_bytes(self, site: Site) -> int:
        """Count the bytes one board needs for a while going forward, beside the two above."""
        return 0

    def backward_bytes(self, site: Site) -> int:
        """Count the bytes one board needs for a while going back, beside what is kept: mostly gradients of activations."""
        return sum(map(value_bytes, site.inputs)) + value_bytes(self.output(site))

    def sizes(self, site: Site) -> Sizes:
        """All the counts together."""
        kept, leaves, forward = self.activation_bytes(site), self.output_bytes(site), self.forward_bytes(site)
        return Sizes(
            parameters=self.parameters(site),
            active_parameters=self.active_parameters(site),
            flops=self.flops(site),
            activation_bytes=kept,
            output_bytes=leaves,
            saves_output=self.saves_output(site),
            saves_input=self.saves_input(site),
            is_view=self.is_view(site),
            loss_bytes=self.loss_bytes(site),
            varying_bytes=self.varying_bytes(site),
            uncheckpointed_bytes=kept,
            forward_bytes=forward,
            backward_bytes=self.backward_bytes(site),
            inference_bytes=kept + leaves + forward,
            largest_tensor=self.largest_tensor(site),
        )

    def code(self, site: Site, inputs: tuple[str, ...]) -> BlockCode:
        """Write the PyTorch for one component; `inputs` are the variables that hold what arrives."""
        return BlockCode()

    def single(
        self, site: Site, type_name: str, arguments: Mapping[str, Node], inputs: tuple[str, ...], package: str = "backend.models"
    ) -> BlockCode:
        """The code of the common case: one module, called once on what arrives."""
        return BlockCode((Module(type_name, arguments, package=package),), (Call((variable(site.component_id),), inputs),))

    def text(self, site: Site, name: str) -> str:
        """Write one property as Python: the argument's name if the design's default decides it, else the value."""
        return name if name in site.inherited else literal(getattr(self, name))

    def texts(self, site: Site, *names: str) -> dict[str, str]:
        """Write several properties as keyword arguments."""
        return {name: self.text(site, name) for name in names}


def value_bytes(signal: Signal) -> int:
    """What one board's numbers of a signal take up; nothing where no numbers travel."""
    return numbers_of(signal) * BYTES_PER_VALUE if is_values(signal) else 0


def variable(component_id: str) -> str:
    """The variable of the generated forward pass that holds what leaves a component."""
    return f"x_{component_id}"


def literal(value: bool | int | float | str | tuple[int, ...]) -> str:
    """Write a bounded property value as Python; strings can only be the members of a Literal type."""
    return f'"{value}"' if isinstance(value, str) else repr(value)


def problem(
    site: Site,
    code: str,
    message: str,
    *,
    field: str | None = None,
    expected: str | None = None,
    received: str | None = None,
    fix: Fix | None = None,
) -> Problem:
    """Make a problem of the component that stands at `site`."""
    return Problem(code, message, site.component_id, field, expected, received, fix)


def no_effect(site: Site, block: Block, field: str, reason: str) -> list[Problem]:
    """Warn of a property that was given another value than its default where its value changes nothing."""
    default = next(item.default for item in msgspec.structs.fields(type(block)) if item.name == field)
    if getattr(block, field) == default or field in site.inherited:
        return []
    value = list(default) if isinstance(default, tuple) else default
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    fix = SetProperty(site.component_id, field, value, f"Set {field} to {shown}")
    return [problem(site, "no_effect", f"{field} has no effect {reason}", field=field, expected=shown, fix=fix)]


def single_numbers(site: Site, result: str) -> list[Problem]:
    """Warn of a norm over vectors of one number, which leaves nothing of what arrives to learn from."""
    if width_of(site.inputs[0]) > 1:
        return []
    return [problem(site, "norm_of_one", f"normalises single numbers: {result}", received="1")]


def shape_problem(site: Site, expected: str, index: int = 0) -> Problem:
    """Say that the signal on one input is not what the block takes."""
    received = describe(site.inputs[index], site.d_model)
    message = f"takes {expected}, got {received} from {site.source_name(index)}"
    return problem(site, "shape_mismatch", message, expected=expected, received=received)


def check_values(site: Site) -> list[Problem]:
    """Check that numbers arrive: tokens, or one vector a board."""
    return [] if is_values(site.inputs[0]) else [shape_problem(site, "tokens or a vector")]


def width_text(site: Site, index: int = 0) -> str:
    """Write the width that arrives as Python: the design's `d_model` where it is that."""
    width = width_of(site.inputs[index])
    return "d_model" if width == site.d_model else str(width)
