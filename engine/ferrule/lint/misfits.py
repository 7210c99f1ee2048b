"""What the contract's fields take, held against what an expression can give."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ferrule.contract.fields import FieldInfo
from ferrule.functions import Type, type_of
from ferrule.lint.known import Known, is_empty

_TAKES = {
    "text": Type.STRING | Type.NUMBER,
    "secret": Type.STRING,
    "integer": Type.NUMBER,
    "number": Type.NUMBER,
    "boolean": Type.BOOLEAN,
    "datetime": Type.STRING,
    "enum": Type.STRING,
    "map": Type.OBJECT,
    "model": Type.OBJECT,
    "union": Type.OBJECT,
    "list": Type.ARRAY,
    "any": Type.ANY,
}
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def misfit(known: Known, info: FieldInfo, *, in_map: bool = False) -> str | None:
    """Why what is known of a value does not fit a field, in words that follow its name; None where it may fit.

    In a map of texts, numbers and booleans are written out.
    """
    takes = _TAKES[info.kind] | (Type.BOOLEAN if in_map else Type(0))
    if known.types == Type.NULL:
        return "is always null"
    if not known.types & takes:
        return f"is {info}, and this gives {known}"
    for value in known.among if known.values is None else known.values:
        if not is_empty(value) and not _fits(value, info, takes):
            return f"is {info}, and this may give {Known(takes, (value,))}"
    return next(_within(known, info), None)


def _fits(value: Any, info: FieldInfo, takes: Type) -> bool:
    if not (type_of(value) or Type(0)) & takes:
        return False
    if info.kind == "text":
        return not isinstance(value, float) or bool(takes & Type.BOOLEAN)
    if info.kind == "enum":
        return value in info.values
    return info.kind != "datetime" or _DATE.match(str(value)) is not None


def _within(known: Known, info: FieldInfo) -> Iterator[str]:
    """What does not fit inside an array or an object."""
    if info.kind == "list" and info.item is not None and known.types & Type.ARRAY:
        item = known.items()
        slip = misfit(item.but(Type.NULL), info.item) if item.but(Type.NULL).types else None
        if slip is not None:
            yield f"has an item that {slip}"
    if info.kind == "model" and known.types & Type.OBJECT and known.closed:
        object_ = known.but(~Type.OBJECT & Type.ANY)
        for name in known.members or ():
            if name not in info.fields:
                yield f"has no `{name}` in the contract"
            elif (slip := misfit(object_.member(name), info.fields[name])) is not None and slip != "is always null":
                yield f"has a `{name}` that {slip}"
        yield from (f"lacks `{name}`" for name, field in info.fields.items() if field.required and name not in (known.members or {}))
    if info.kind == "map" and info.item is not None and info.item.kind != "text" and known.members:
        for name in known.members:
            slip = misfit(known.members[name], info.item)
            if slip is not None:
                yield f"has a `{name}` that {slip}"
