"""From a valid drawing to the text of one PyTorch module, along its edges; the same bytes for the same design, everywhere."""

from collections.abc import Iterable

from msgspec import Struct

from shared_py.analysis import Analysis, analyse
from shared_py.blocks.base import Assign, BlockCode, Call, Module, variable
from shared_py.design import Defaults, ModelArchitecture, design_hash
from shared_py.estimation import is_recomputed
from shared_py.protocol import GeneratedSource, LineSpan
from shared_py.shapes import format_dims

LINE_WIDTH = 88
CONSTRUCTOR_INDENT = 8


class _Written(Struct):
    """One component's share of the text."""

    name: str
    code: BlockCode
    checkpointed: bool
    shape: str


def generate_source(design: ModelArchitecture) -> GeneratedSource:
    """Write the module of a valid design; raises `ValueError` when it is not valid.

    Only block classes, bounded property values and ids reach the text.
    """
    analysis = analyse(design)
    if analysis.problems:
        raise ValueError(f"only a valid design becomes code: {analysis.problems[0].message}")
    written = [_write(analysis, name) for name in analysis.graph.order]
    config = _used_defaults(design.meta, written)
    text = _Text()
    _write_header(text, design, written)
    _write_constructor(text, config, written)
    _write_compute(text, written)
    return GeneratedSource("\n".join(text.lines) + "\n", design_hash(design), text.spans, config)


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


def _write(analysis: Analysis, name: str) -> _Written:
    item = analysis.placed[name]
    assert item.signal is not None
    inputs = tuple(_variable(analysis, source) for source in item.site.sources)
    shape = format_dims(item.signal.dims, analysis.design.meta.d_model)
    if item.signal.kind == "routing":
        shape = f"routing of {shape}"
    return _Written(name, item.block.code(item.site, inputs), is_recomputed(analysis, name), shape)


def _variable(analysis: Analysis, name: str) -> str:
    """The variable that holds what leaves a component; a component without any code passes the board on."""
    item = analysis.placed[name]
    has_code = bool(item.block.code(item.site, ("x",) * len(item.site.inputs)).steps)
    return variable(name) if has_code else "board"


def _used_defaults(meta: Defaults, written: Iterable[_Written]) -> dict[str, int]:
    """The design-wide defaults that some module takes as an argument."""
    used = {text for item in written for module in item.code.modules for text in module.arguments.values()}
    return {name: getattr(meta, name) for name in meta.__struct_fields__ if name in used}


def _write_header(text: _Text, design: ModelArchitecture, written: list[_Written]) -> None:
    modules = {module.type for item in written for module in item.code.modules}
    names = sorted({"GameTransformer", "ModelOutput", *modules} | ({"checkpoint"} if _checkpoints(written) else set()))
    needs_stack = any(len(names) > 1 for names in (_given(written, "logits"), _given(written, "value")))
    text.add(
        '"""Written from a drawing: change the drawing, not this text.',
        "",
        f"design {design.id}",
        f"hash   {design_hash(design)}",
        "B boards, 16 cells, d numbers for each cell.",
        '"""',
        "",
    )
    if needs_stack:
        text.add("import torch")
    text.add("from torch import Tensor", "", *_hang("from backend.models import ", sorted(names, key=_isort_key), 0), "", "")
    text.add(
        "class GeneratedModel(GameTransformer):",
        f'    design_id = "{design.id}"',
        f'    design_hash = "{design_hash(design)}"',
        "",
    )


def _isort_key(name: str) -> tuple[bool, str]:
    """Classes before functions, as an import sorter has them."""
    return name[0].islower(), name


def _write_constructor(text: _Text, config: dict[str, int], written: list[_Written]) -> None:
    parameters = "".join(f", {name}: int = {value}" for name, value in config.items())
    text.add(f"    def __init__(self{parameters}) -> None:", "        super().__init__()")
    for item in written:
        for module in item.code.modules:
            text.add(*_construct(item.name, module), owner=item.name)
    text.add("        self.reset_parameters()", "")


def _construct(name: str, module: Module) -> list[str]:
    arguments = [f"{key}={value}" for key, value in module.arguments.items()]
    opening = f"self.{module.prefix}_{name} = {module.type}("
    return _wrap(opening, arguments, CONSTRUCTOR_INDENT)


def _write_compute(text: _Text, written: list[_Written]) -> None:
    text.add("    def compute(self, board: Tensor) -> ModelOutput:")
    for item in written:
        for step in item.code.steps:
            text.add(*_step(item, step), owner=item.name)
    outputs = [
        f"logits={_mean(_given(written, 'logits'))}",
        f"value={_mean(_given(written, 'value'))}",
        f"routings={_mapping(written, 'routings')}",
        f"auxiliary={_mapping(written, 'auxiliary')}",
    ]
    text.add(*_wrap("return ModelOutput(", outputs, CONSTRUCTOR_INDENT))


def _step(item: _Written, step: Call | Assign) -> list[str]:
    if isinstance(step, Assign):
        return [f"        {step.target} = {step.expression}  # {item.shape}"]
    module = f"self.{step.prefix}_{item.name}"
    arguments = ", ".join(step.arguments)
    call = f"checkpoint(self, {module}, {arguments})" if item.checkpointed else f"{module}({arguments})"
    return [f"        {step.target} = {call}  # {step.comment or item.shape}"]


def _given(written: list[_Written], field: str) -> list[str]:
    return [item.code.gives[field] for item in written if field in item.code.gives]


def _mean(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"torch.stack([{', '.join(names)}]).mean(dim=0)"


def _mapping(written: list[_Written], field: str) -> str:
    pairs = [f'"{item.name}": {item.code.gives[field]}' for item in written if field in item.code.gives]
    return "{" + ", ".join(pairs) + "}"


def _checkpoints(written: list[_Written]) -> bool:
    return any(item.checkpointed and any(isinstance(step, Call) for step in item.code.steps) for item in written)


def _wrap(opening: str, arguments: list[str], indent: int) -> list[str]:
    """Lay out one call as a formatter would: on one line, else its arguments on the next, else one a line."""
    pad, inner = " " * indent, " " * (indent + 4)
    flat = f"{pad}{opening}{', '.join(arguments)})"
    if len(flat) <= LINE_WIDTH:
        return [flat]
    hanging = f"{inner}{', '.join(arguments)}"
    if len(hanging) <= LINE_WIDTH:
        return [f"{pad}{opening}", hanging, f"{pad})"]
    return [f"{pad}{opening}", *(f"{inner}{argument}," for argument in arguments), f"{pad})"]


def _hang(opening: str, names: list[str], indent: int) -> list[str]:
    """Lay out one import as a formatter would."""
    flat = f"{' ' * indent}{opening}{', '.join(names)}"
    if len(flat) <= LINE_WIDTH:
        return [flat]
    return [f"{' ' * indent}{opening}(", *(f"{' ' * (indent + 4)}{name}," for name in names), f"{' ' * indent})"]
