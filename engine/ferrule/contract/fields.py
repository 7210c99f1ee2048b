"""What the fields of a contract model hold, in the few words a compiler of specs needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType, NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo as PydanticField

from ferrule.attribute_docs import attribute_docs
from ferrule.contract import base
from ferrule.secret import Secret

Kind = Literal["text", "secret", "integer", "number", "boolean", "datetime", "enum", "map", "model", "union", "list", "any"]

_SCALARS: dict[Any, Kind] = {str: "text", bool: "boolean", int: "integer", float: "number", Secret: "secret", Any: "any"}
_TIMES = tuple(type(get_args(alias)[1]) for alias in (base.Time, base.Moment))


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """One field: what it is called, whether it must be there, what it holds."""

    name: str
    """The name in JSON."""
    kind: Kind
    """`datetime` is ISO 8601 text; `any` is any JSON value; `union` is one of several models."""
    required: bool = False
    """It must be present. Members of a list or a map have no name, and this says nothing of them."""
    nullable: bool = False
    """It may be null."""
    values: tuple[str, ...] = ()
    """For `enum`: the words it may be."""
    item: "FieldInfo | None" = None
    """For `list` and `map`: what each member holds."""
    fields: Mapping[str, "FieldInfo"] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    """For `model`: its fields."""
    options: tuple["FieldInfo", ...] = ()
    """For `union`: each model it may be, told apart by the one word their `kind` may be."""
    of: tuple[type, str] | None = None
    """The model it belongs to, and its name there."""

    @property
    def doc(self) -> str:
        """One sentence about it."""
        return attribute_docs(self.of[0]).get(self.of[1], "") if self.of is not None else ""

    def __str__(self) -> str:
        """The kind as a person writes it: `text`, `list of model`, `ACTIVE or PENDING`."""
        if self.item is not None:
            return f"{self.kind} of {self.item}"
        return " or ".join(self.values) if self.values else self.kind


@cache
def fields_of(model: Any) -> Mapping[str, FieldInfo]:
    """The fields of `model` by their names in JSON; empty for what is not a model, such as `str`."""
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return MappingProxyType({})
    found = (_field(model, name, held) for name, held in model.model_fields.items())
    return MappingProxyType({info.name: info for info in found})


def is_open(model: Any) -> bool:
    """Whether `model` keeps fields beyond those it names."""
    return isinstance(model, type) and issubclass(model, BaseModel) and model.model_config.get("extra") == "allow"


def unique_fields(model: Any) -> tuple[str, ...]:
    """The fields that together tell one record of `model` from another; empty where the contract names none."""
    extra: Any = model.model_config.get("json_schema_extra") if isinstance(model, type) and issubclass(model, BaseModel) else None
    return tuple(extra.get("x-unique-hash", ())) if isinstance(extra, dict) else ()


def _field(model: type[BaseModel], name: str, held: PydanticField) -> FieldInfo:
    annotation = Annotated[held.annotation, *held.metadata] if held.metadata else held.annotation
    return _describe(annotation, name=held.alias or name, required=held.is_required(), of=(model, name))


def _describe(annotation: Any, **known: Any) -> FieldInfo:
    known.setdefault("name", "")
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        is_time = any(isinstance(mark, _TIMES) for mark in arguments[1:])
        return FieldInfo(kind="datetime", **known) if is_time else _describe(arguments[0], **known)
    if origin in (Union, UnionType):
        return _union(arguments, known)
    if origin is Literal:
        return FieldInfo(kind="enum", values=arguments, **known)
    if origin is list:
        return FieldInfo(kind="list", item=_describe(arguments[0]), **known)
    if origin is dict:
        return FieldInfo(kind="map", item=_describe(arguments[1]), **known)
    if annotation in _SCALARS:
        return FieldInfo(kind=_SCALARS[annotation], **({**known, "nullable": True} if annotation is Any else known))
    return FieldInfo(kind="model", fields=fields_of(annotation), **known)


def _union(arguments: tuple[Any, ...], known: dict[str, Any]) -> FieldInfo:
    rest = [argument for argument in arguments if argument is not NoneType]
    if len(rest) < len(arguments):
        known = {**known, "nullable": True}
    if len(rest) == 1:
        return _describe(rest[0], **known)
    return FieldInfo(kind="union", options=tuple(_describe(option) for option in rest), **known)
