"""Code generation: the text of one PyTorch module for a valid design, the same bytes for the same design everywhere."""

from collections.abc import Iterable

import msgspec
from msgspec import Struct

from shared_py.analysis import Analysis, analyse
from shared_py.blocks.base import Assign, BlockCode, Call, Module, variable
from shared_py.blocks.containers import EXTRAS, body_class
from shared_py.design import Defaults, ModelArchitecture, design_hash
from shared_py.layout import LINE_WIDTH, STEP, Brackets, Keyed, Node, assignment, expression, flat
from shared_py.protocol import GeneratedSource, LineSpan
from shared_py.shapes import format_dims

METHOD, LINE = STEP, 2 * STEP
"""indents"""
ENTRY = "x"
"""the argument that holds the input of a container"""
BOARD = "board"
"""the argument that holds the boards"""


class _Written(Struct):
    """One component's share of the text, and the component that has it recomputed."""

    name: str
    code: BlockCode
    checkpoint: str | None
    shape: str


class _Class(Struct):
    """One class of the text: the top level of the design or the content of one container."""

    place: str | None
    written: list[_Written]
    output_variable: str
    """the variable that holds the output, for the content of a container"""
    shape: str
    """of the output"""
    defaults: tuple[str, ...]
    gives: frozenset[str]


def generate_source(design: ModelArchitecture) -> GeneratedSource:
    """Write the module of a valid design; raises `ValueError` when it is not valid."""
    return source_of(analyse(design))


def source_of(analysis: Analysis) -> GeneratedSource:
    """Write the module of an analysed design; raises `ValueError` when it is not valid.

    Only block classes, bounded property values and ids reach the text.
    """
    if analysis.problems:
        raise ValueError(f"only a valid design becomes code: {analysis.problems[0].message}")
    design = analysis.design
    classes = _Writer(analysis).classes()
    text = _Text()
    _write_header(text, design, classes)
    for item in classes[:-1]:
        _write_body(text, item)
    config = {name: getattr(design.meta, name) for name in classes[-1].defaults}
    _write_model(text, design, classes[-1], config)
    return GeneratedSource("\n".join(text.lines) + "\n", design_hash(design), text.spans, config)


class _Writer:
    """Collects the code of every component, those inside a container before the container itself."""

    def __init__(self, analysis: Analysis) -> None:
        self._analysis = analysis
        self._bodies: dict[str, _Class] = {}

    def classes(self) -> list[_Class]:
        """The classes of the text, each after those it uses; the network itself comes last."""
        network = self._class_of(None, BOARD)
        return [*self._bodies.values(), network]

    def _class_of(self, place: str | None, entry: str, last: str = "") -> _Class:
        graph = self._analysis.graphs[place]
        values: dict[str, str] = {}
        written = []
        for name in graph.order:
            sources = graph.inputs_of[name]
            inputs = tuple(values[source] for source in sources) if sources else (entry,)
            item = self._write(name, inputs)
            values[name] = variable(name) if item.code.steps else inputs[0]
            written.append(item)
        gives = frozenset(field for item in written for field in (*item.code.gives, *item.code.spreads) if field in EXTRAS)
        output_variable, shape = (values[last], self._shape(last)) if last else ("", "")
        return _Class(place, written, output_variable, shape, _used_defaults(written), gives)

    def _shape(self, name: str) -> str:
        item = self._analysis.nodes[name]
        assert item.signal is not None
        shape = format_dims(item.signal.dims, item.context.d_model)
        return f"routing of {shape}" if item.signal.kind == "routing" else shape

    def _write(self, name: str, inputs: tuple[str, ...]) -> _Written:
        item = self._analysis.nodes[name]
        context = item.context
        if context.body is not None:
            inside = self._body(context.body_id, context.body.last)
            context = msgspec.structs.replace(
                context, body=msgspec.structs.replace(context.body, defaults=inside.defaults, gives=inside.gives)
            )
        return _Written(name, item.block.code(context, inputs), self._checkpoint(name), self._shape(name))

    def _body(self, owner: str, last: str) -> _Class:
        if owner not in self._bodies:
            self._bodies[owner] = self._class_of(owner, ENTRY, last)
        return self._bodies[owner]

    def _checkpoint(self, name: str) -> str | None:
        """The component behind this one that has it recomputed in the backward pass."""
        analysis = self._analysis
        if name not in analysis.recomputed:
            return None
        place = analysis.graphs[analysis.nodes[name].item.component.inside]
        return next(target for target in place.outputs_of[name] if analysis.nodes[target].block.recomputes_source)


def _used_defaults(written: Iterable[_Written]) -> tuple[str, ...]:
    """The design-wide defaults that some module takes as an argument."""
    used = {
        text for item in written for module in item.code.modules for text in module.arguments.values() if isinstance(text, str)
    }
    used |= {name for item in written for name in item.code.defaults}
    # In the order of `Defaults`, not of use: moving a block must not change the signature.
    return tuple(name for name in Defaults.__struct_fields__ if name in used)


class _Text:
    """Lines as they are written, and which component wrote which."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.spans: dict[str, list[LineSpan]] = {}

    def add(self, *lines: str, owner: str | None = None) -> None:
        """Append lines; those of an owner are remembered as its span."""
        first = len(self.lines) + 1
        self.lines.extend(lines)
        if owner is not None and lines:
            self.spans.setdefault(owner, []).append(LineSpan(first, len(self.lines)))


def _write_header(text: _Text, design: ModelArchitecture, classes: list[_Class]) -> None:
    text.add(
        '"""Written from a drawing: change the drawing, not this text.',
        "",
        f"design {design.id}",
        f"hash   {design_hash(design)}",
        "B boards, 16 cells, d numbers for each cell.",
        '"""',
        "",
    )
    # The generated module passes the linter of this repository, so it imports nothing that it does not use.
    if any("torch." in line for item in classes for line in _expressions(item)):
        text.add("import torch")
    text.add("from torch import Tensor")
    names = _imported(classes)
    for package in ("torch.nn", "backend.models"):
        if package == "backend.models":
            text.add("")
        if names[package]:
            text.add(*_import(package, sorted(names[package], key=_isort_key)))
    text.add("", "")


def _imported(classes: list[_Class]) -> dict[str, set[str]]:
    """What the text imports, by package."""
    names: dict[str, set[str]] = {"torch.nn": set(), "backend.models": {"GameTransformer", "ModelOutput"}}
    for item in classes:
        # Content of containers has no heads of its own, so it is a plain Module rather than a GameTransformer.
        if item.place is not None:
            names["torch.nn"].add("Module")
            names["backend.models"].add("BodyOutput")
        elif not _given(item, "logits"):
            names["backend.models"].add("no_policy")
        for part in item.written:
            for module in part.code.modules:
                if module.package:
                    names[module.package].add(module.type)
            if part.checkpoint and any(isinstance(step, Call) for step in part.code.steps):
                names["backend.models"].add("checkpoint")
            if part.code.spreads:
                names["backend.models"].add("under")
    return names


def _isort_key(name: str) -> tuple[bool, bool, str]:
    """Constants, then classes, then functions, as an import sorter has them; GELU is a constant to it."""
    return not name.isupper(), name[0].islower(), name.lower()


def _import(package: str, names: list[str]) -> list[str]:
    line = f"from {package} import {', '.join(names)}"
    if len(line) <= LINE_WIDTH:
        return [line]
    return [f"from {package} import (", *(f"    {name}," for name in names), ")"]


def _expressions(item: _Class) -> list[str]:
    """The assigned expressions of a class, and the means over its heads."""
    found = [flat(step.expression) for part in item.written for step in part.code.steps if isinstance(step, Assign)]
    return found if item.place else [*found, flat(_logits(item)), flat(_mean(_given(item, "value")))]


def _write_body(text: _Text, item: _Class) -> None:
    """Write the class for the content of a container."""
    assert item.place is not None
    title = f'    """What {item.place} runs: {item.shape} leaves it."""'
    text.add(f"class {body_class(item.place)}(Module):", title, "", owner=item.place)
    arguments = tuple(f"{name}: int" for name in item.defaults)
    _write_constructor(text, item, ("self", "*", *arguments) if arguments else ("self",))
    text.add("", f"    def forward(self, {ENTRY}: Tensor) -> BodyOutput:")
    _write_steps(text, item)
    results: list[Node] = [item.output_variable]
    results += [Keyed(f"{field}=", _mapping(item, field)) for field in EXTRAS if field in item.gives]
    text.add(*expression(Brackets("BodyOutput(", tuple(results), ")"), LINE, "return "), "", "")


def _write_model(text: _Text, design: ModelArchitecture, item: _Class, config: dict[str, int]) -> None:
    """Write the class of the network itself."""
    text.add(
        "class GeneratedModel(GameTransformer):",
        f'    design_id = "{design.id}"',
        f'    design_hash = "{design_hash(design)}"',
        "",
    )
    _write_constructor(text, item, ("self", *(f"{name}: int = {value}" for name, value in config.items())))
    text.add("        self.reset_parameters()", "")
    text.add(f"    def compute(self, {BOARD}: Tensor) -> ModelOutput:")
    _write_steps(text, item)
    outputs = (
        Keyed("logits=", _logits(item)),
        Keyed("value=", _mean(_given(item, "value"))),
        *(Keyed(f"{field}=", _mapping(item, field)) for field in EXTRAS),
    )
    text.add(*expression(Brackets("ModelOutput(", outputs, ")"), LINE, "return "))


def _write_constructor(text: _Text, item: _Class, arguments: tuple[str, ...]) -> None:
    text.add(*expression(Brackets("def __init__(", arguments, ")"), METHOD, after=" -> None:"))
    text.add("        super().__init__()")
    for part in item.written:
        for module in part.code.modules:
            text.add(*_construct(part.name, module), owner=part.name)


def _construct(name: str, module: Module) -> list[str]:
    arguments = tuple(Keyed(f"{key}=", value) for key, value in module.arguments.items())
    return assignment((f"self.{module.prefix}_{name}",), Brackets(f"{module.type}(", arguments, ")"), LINE)


def _write_steps(text: _Text, item: _Class) -> None:
    for part in item.written:
        for step in part.code.steps:
            first = len(text.lines) + 1
            text.add(*_step(part, step), owner=part.name)
            # The checkpoint wraps the call of another component: the line belongs to both, and either leads to it.
            if part.checkpoint and isinstance(step, Call):
                text.spans.setdefault(part.checkpoint, []).append(LineSpan(first, len(text.lines)))


def _step(part: _Written, step: Call | Assign) -> list[str]:
    if isinstance(step, Assign):
        return assignment((step.target,), step.expression, LINE, part.shape)
    module = f"self.{step.prefix}_{step.owner or part.name}"
    tail = f").{step.take}" if step.take else ")"
    call = Brackets(f"{module}(", step.arguments, tail)
    if part.checkpoint:
        # `checkpoint` recomputes only while its first argument is in training mode, so exports run a plain call.
        call = Brackets("checkpoint(", ("self", module, *step.arguments), tail)
    return assignment(step.targets, call, LINE, step.comment or part.shape)


def _given(item: _Class, field: str) -> list[str]:
    return [part.code.gives[field] for part in item.written if field in part.code.gives]


def _logits(item: _Class) -> Node:
    """The mean over the action outputs; without one, all moves alike."""
    given = _given(item, "logits")
    return _mean(given) if given else Brackets("no_policy(", (_given(item, "value")[0],), ")")


def _mean(names: list[str]) -> Node:
    # A single head is returned as it is: a mean of one would be an operation in every exported file.
    if len(names) == 1:
        return names[0]
    stacked = Brackets("torch.stack(", (Brackets("[", tuple(names), "]"),), ")")
    return Brackets("torch.mean(", (stacked, "dim=0"), ")")


def _mapping(item: _Class, field: str) -> Brackets:
    pairs: list[Node] = []
    for part in item.written:
        if field in part.code.gives:
            pairs.append(Keyed(f'"{part.name}": ', part.code.gives[field]))
        if field in part.code.spreads:
            pairs.append(Keyed("**", part.code.spreads[field]))
    return Brackets("{", tuple(pairs), "}")
