"""Describes properties (title, help, bounds, choices) as read from annotated struct fields."""

from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct

from shared_py.design import IDENTIFIER_PATTERN

StructT = TypeVar("StructT", bound=Struct)
PropertyType = Literal["integer", "number", "boolean", "string", "integers", "patterns", "component"]
JSON_TYPES: dict[type, PropertyType] = {int: "integer", float: "number", bool: "boolean", str: "string"}


class Property(Struct, frozen=True):
    """One property of a block, as a sheet shows it and as a problem speaks of it."""

    name: str
    title: str
    help: str
    type: PropertyType
    default: Any
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    choices: list[str] | None = None
    divides: str | None = None
    """the property that this one must divide"""
    max_items: int | None = None
    """of a list of integers or of patterns; each integer is within the bounds"""
    min_items: int | None = None
    max_cells: int | None = None
    """of one pattern"""
    default_text: str | None = None
    """what a default of null stands for"""
    nullable: bool = False
    from_meta: bool = False
    """whether a design-wide default stands in when it is left out"""
    only_for: tuple[str, ...] | None = None
    """of a run's settings: the algorithms that read it; null: all"""
    names_unit: bool = True
    """whether the name or the help names the unit, if there is one, so that it need not be shown beside them"""


def about(
    title: str,
    description: str,
    *,
    unit: str = "",
    divides: str | None = None,
    default_text: str | None = None,
    step: float | None = None,
    **bounds: float,
) -> Meta:
    """Annotate a property with its words and bounds; `bounds` are those of msgspec."""
    extra = {"unit": unit, "divides": divides, "default_text": default_text, "step": step}
    limits: dict[str, Any] = dict(bounds)
    return Meta(title=title, description=description, extra={key: value for key, value in extra.items() if value}, **limits)


def refers_to_component(title: str, description: str) -> Meta:
    """Annotate a property that holds the id of another component of the same block."""
    return Meta(title=title, description=description, pattern=IDENTIFIER_PATTERN, extra={"refers": True})


@cache
def properties_of(struct: type[Struct], meta_fields: tuple[str, ...] = ()) -> dict[str, Property]:
    """Read the properties of a block, or of the design's defaults, in the order they are declared."""
    hints = get_type_hints(struct, include_extras=True)
    defaults = {field.name: field.default for field in msgspec.structs.fields(struct)}
    return {name: _property(name, hints[name], defaults[name], name in meta_fields) for name in struct.__struct_fields__}


def is_allowed(value: Any, annotation: Any) -> bool:
    """Whether a value is of an annotated type and within its bounds."""
    try:
        msgspec.convert(value, annotation)
    except msgspec.ValidationError:
        return False
    return True


def with_value(struct: StructT, name: str, value: Any) -> StructT | None:
    """The same struct with another value of one field; None if the field may not have it."""
    annotation = annotation_of(type(struct), name)
    if not is_allowed(value, annotation):
        return None
    return msgspec.structs.replace(struct, **{name: msgspec.convert(value, annotation)})


def annotation_of(struct: type[Struct], name: str) -> Any:
    """The annotated type of one field, to check a value against."""
    return _annotations(struct)[name]


@cache
def _annotations(struct: type[Struct]) -> dict[str, Any]:
    return get_type_hints(struct, include_extras=True)


def _property(name: str, hint: Any, default: Any, from_meta: bool) -> Property:
    plain, meta = _unwrap(hint)
    nullable = get_origin(plain) in (Union, UnionType)
    if nullable:
        plain = next(part for part in get_args(plain) if part is not NoneType)
    extra = meta.extra or {}
    items, cells = Meta(), Meta()
    if get_origin(plain) is tuple:
        item, items = _unwrap(get_args(plain)[0])
        if get_origin(item) is tuple:
            _, cells = _unwrap(get_args(item)[0])
    kind = _type_of(plain, extra)
    bounds = {"integers": items, "patterns": cells}.get(kind, meta)
    choices = [str(choice) for choice in get_args(plain)] if get_origin(plain) is Literal else None
    return Property(
        name=name,
        title=meta.title or name,
        help=meta.description or "",
        type=kind,
        default=as_lists(default),
        unit=extra.get("unit", ""),
        minimum=bounds.ge if bounds.ge is not None else bounds.gt,
        maximum=bounds.le if bounds.le is not None else bounds.lt,
        max_items=meta.max_length,
        min_items=meta.min_length,
        max_cells=items.max_length,
        step=meta.multiple_of or extra.get("step") or (1 if plain is int or kind in ("integers", "patterns") else None),
        choices=choices,
        divides=extra.get("divides"),
        default_text=extra.get("default_text"),
        nullable=nullable,
        from_meta=from_meta,
        names_unit=extra.get("unit", "") in f"{name} {meta.description or ''}".lower(),
    )


def as_lists(value: Any) -> Any:
    """A default as JSON has it: lists in place of tuples."""
    return [as_lists(item) for item in value] if isinstance(value, tuple) else value


def _type_of(plain: Any, extra: dict[str, Any]) -> PropertyType:
    if get_origin(plain) is Literal:
        return "string"
    if get_origin(plain) is tuple:
        item, _ = _unwrap(get_args(plain)[0])
        return "patterns" if get_origin(item) is tuple else "integers"
    return "component" if extra.get("refers") else JSON_TYPES[plain]


def _unwrap(hint: Any) -> tuple[Any, Meta]:
    """Split `Annotated[T, Meta]`; for `Annotated[T, Meta] | None` the Meta of T stands for the whole."""
    if get_origin(hint) is Annotated:
        plain, *notes = get_args(hint)
        return plain, next((note for note in notes if isinstance(note, Meta)), Meta())
    if get_origin(hint) in (Union, UnionType):
        for part in get_args(hint):
            if get_origin(part) is Annotated:
                plain, meta = _unwrap(part)
                return plain | None, meta
    return hint, Meta()
