"""The handbook of the blocks as Markdown: properties and bounds, shapes, parameter counts, generated code and problems."""

import inspect
import json

from shared_py.blocks import BLOCKS
from shared_py.blocks.base import KINDS, Block
from shared_py.codegen import generate_source
from shared_py.design import MAX_COMPONENTS, MAX_DEPTH, MAX_EDGES, Defaults
from shared_py.limits import MAX_CALLS, MAX_PARAMETERS
from shared_py.properties import Property, properties_of
from shared_py.reference.examples import THIS, Example, examples, findings, fitting
from shared_py.reference.schema import allowed_values
from shared_py.resolution import META_ANNOTATIONS, meta_fields
from shared_py.shapes import Signal

PREFACE = f"""<!-- Generated from shared_py by `make generate`; edit the Python, not this. -->
# The blocks

The blocks that designs are made of. The file format of a design is [design.schema.json](design.schema.json);
[design.strict.schema.json](design.strict.schema.json) also checks the bounds of every value.

In shapes, `B` is the number of boards, 16 the number of cells, `d` the design's `d_model`, and `n` the width of an input that is
one vector per board. In the examples the component is called `this`, its input `before`, d is {Defaults().d_model}, and
properties have their defaults. Parameter counts are exact: tests compare them with PyTorch.

A design has at most {MAX_COMPONENTS:,} components and {MAX_EDGES:,} edges, containers are nested at most {MAX_DEPTH} deep, one
board runs through at most {MAX_CALLS:,} blocks, and a network has at most {MAX_PARAMETERS:,} parameters."""


def handbook() -> str:
    """The text of the whole handbook: one section per block, in the order of the palette."""
    parts = [PREFACE, _contents(), _meta()]
    for kind in KINDS:
        parts += [_section(block) for block in BLOCKS if block.kind == kind]
    return "\n\n".join(parts) + "\n"


def formula_of(block: type[Block]) -> str:
    """The parameter formula from the docstrings of the block; empty for a block without parameters."""
    answers = ((getattr(block, name), getattr(Block, name)) for name in ("parameters", "sizes"))
    return " ".join(_words(answer.__doc__) for answer, default in answers if answer is not default)


def _contents() -> str:
    rows = ["| block | type | what it does |", "|---|---|---|"]
    for kind in KINDS:
        for block in BLOCKS:
            if block.kind == kind:
                rows.append(f"| [{block.title}](#{block.title.lower().replace(' ', '-')}) | `{block.type}` | {block.summary} |")
    return "\n".join(rows)


def _meta() -> str:
    rules = {name: rule for block in BLOCKS for name, rule in properties_of(block).items() if name in META_ANNOTATIONS}
    rows = ["| name | title | default | allowed |", "|---|---|---|---|"]
    for name in META_ANNOTATIONS:
        rows.append(f"| `{name}` | {rules[name].title} | `{getattr(Defaults(), name)}` | {allowed_values(rules[name])} |")
    return f"## Values of the whole design\n\n{_words(Defaults.__doc__)} They are in `meta`.\n\n" + "\n".join(rows)


def _section(block: type[Block]) -> str:
    example = fitting(block)
    parts = [f"## {block.title}", f"`{block.type}` · {_kind(block)}", block.summary, _paragraphs(block.__doc__), _flow(block)]
    if block.keywords:
        parts.append(f"**Also found by:** {', '.join(block.keywords)}.")
    if block.__struct_fields__:
        parts.append(_properties(block))
    parts += [_parameters(block, example), _code(block, example)]
    return "\n\n".join([*parts, *_findings(block)])


def _kind(block: type[Block]) -> str:
    notes: list[str] = [block.kind]
    if block.container and block.kind != "container":
        notes.append("container")
    if block.training_only:
        notes.append("training only: not in the exported `.onnx`, kept in the `.py` for further training")
    return ", ".join(notes)


def _flow(block: type[Block]) -> str:
    """The number of inputs, and the output for each possible input."""
    if block.max_inputs == 0:
        return f"Takes no input; its output is {_shape(fitting(block), is_output=True)}."
    count = "one input" if block.max_inputs == 1 else f"{block.min_inputs} inputs"
    more = " or more" if block.max_inputs is None else f" to {block.max_inputs}" if block.max_inputs != block.min_inputs else ""
    content = "; in these examples it contains a layer norm" if block.container else ""
    rows = [f"Takes {count}{more}{content}.", "", "| input | input shape | output shape |", "|---|---|---|"]
    for example in examples(block):
        if example.fits:
            rows.append(f"| {example.arrives} | {_shape(example, is_output=False)} | {_shape(example, is_output=True)} |")
    return "\n".join(rows)


def _shape(example: Example, *, is_output: bool) -> str:
    """The shape of the input or output of an example's component, in letters."""
    node = example.analysis.nodes[THIS]
    if not is_output:
        return _dims(node.context.inputs[0], example)
    assert node.signal is not None
    dims = _dims(node.signal, example)
    return {"none": f"{dims}, not connected further", "routing": f"a routing of {dims}"}.get(node.signal.kind, dims)


def _dims(signal: Signal, example: Example) -> str:
    """A shape with its last number as a multiple of the input width (n, of one vector) or of the design's (d)."""
    d = example.analysis.design.meta.d_model
    arrives = [signal.dims for signal in example.analysis.nodes[THIS].context.inputs[:1]]
    units = {int(dims[-1]): "n" for dims in arrives if len(dims) == 2 and int(dims[-1]) > d} | {d: "d"}
    names = [str(dim) for dim in signal.dims]
    for width, letter in units.items():
        last = signal.dims[-1]
        if isinstance(last, int) and last % width == 0:
            names[-1] = letter if last == width else f"{last // width} {letter}"
            break
    return f"`({', '.join(names)}{',' if len(names) == 1 else ''})`"


def _properties(block: type[Block]) -> str:
    rows = ["| property | title | type | default | allowed | meaning |", "|---|---|---|---|---|---|"]
    for rule in properties_of(block, meta_fields(block)).values():
        cells = (f"`{rule.name}`", rule.title, _type(rule), _default(rule), allowed_values(rule), rule.help)
        rows.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join(rows)


def _type(rule: Property) -> str:
    kind = {"string": "choice", "integers": "list of integers", "patterns": "list of lists of cells"}.get(rule.type, rule.type)
    return f"{kind} or null" if rule.nullable else kind


def _default(rule: Property) -> str:
    if rule.from_meta:
        return "the design's"
    value = f"`{json.dumps(rule.default)}`".replace('"', "")
    return f"{value}: {rule.default_text}" if rule.default_text else value


def _parameters(block: type[Block], example: Example) -> str:
    sizes, formula = example.analysis.nodes[THIS].sizes, formula_of(block)
    if not formula:
        return "**Parameters:** none."
    active = f", {sizes.active_parameters:,} of them active for one token" if sizes.active_parameters != sizes.parameters else ""
    return f"**Parameters:** {formula} In the example {sizes.parameters:,}{active}."


def _code(block: type[Block], example: Example) -> str:
    """The code generated for the component of an example, and its imports."""
    generated = generate_source(example.analysis.design)
    lines = generated.source.splitlines()
    if THIS not in generated.lines:
        return "**In PyTorch:** no code of its own; it is the argument `board`."
    node = example.analysis.nodes[THIS]
    modules = node.block.code(node.context, ("x",) * len(node.context.inputs)).modules
    packages = sorted({module.package for module in modules if module.package})
    imports = [
        f"from {package} import {', '.join(sorted(module.type for module in modules if module.package == package))}"
        for package in packages
    ]
    spans = [lines[span.first - 1 : span.last] for span in generated.lines[THIS]]
    if block.container:  # the first span is the class of its content; it ends where the network's class begins
        start = generated.lines[THIS][0].first - 1
        spans[0] = lines[start : next(index for index in range(start, len(lines)) if "(GameTransformer)" in lines[index])]
    shown = ["\n".join(span).rstrip() for span in spans]
    blocks = [text if text.startswith("class ") else inspect.cleandoc(f"\n{text}") for text in shown]
    return "**In PyTorch:**\n\n```python\n" + "\n".join(imports) + ("\n\n" if imports else "") + "\n\n".join(blocks) + "\n```"


def _findings(block: type[Block]) -> list[str]:
    """The problems and warnings a component of this block may have, each with an example."""
    parts = []
    found = findings(block)
    for title, warns in (("Problems", False), ("Warnings", True)):
        rows = [
            f"| `{code}` | {finding.problem.message} | {finding.problem.fix.label if finding.problem.fix else ''} |"
            for code, finding in found.items()
            if finding.warns == warns
        ]
        if rows:
            parts.append("\n".join([f"**{title}**", "", "| code | example message | fix |", "|---|---|---|", *rows]))
    return parts


def _paragraphs(text: str | None) -> str:
    return "\n\n".join(_words(part) for part in inspect.cleandoc(text or "").split("\n\n"))


def _words(text: str | None) -> str:
    return " ".join((text or "").split())
