"""What written code calls. Each does what the tree interpreter does, for values that are no plain dict or list, too."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Number
from typing import Any


def field(value: Any, name: str) -> Any:
    """The member of an object, or of anything that has `get`."""
    if value is None:
        return None
    try:
        return value.get(name)
    except AttributeError:
        return None


def members(value: Any) -> Any:
    """The values of an object; None where it is none."""
    try:
        return value.values()
    except AttributeError:
        return None


def flatten(value: Any) -> list[Any] | None:
    """The items of a list, and those of the lists in it; None where it is none."""
    if not isinstance(value, list):
        return None
    flat: list[Any] = []
    for item in value:
        if isinstance(item, list):
            flat += item
        else:
            flat.append(item)
    return flat


def is_false(value: Any) -> bool:
    """Whether JMESPath takes a value for false: 0 is not."""
    return value is None or value is False or value == "" or value == [] or value == {}


def comparable(value: Any) -> bool:
    """Whether a value has an order: numbers and texts do."""
    return isinstance(value, (str, Number)) and not isinstance(value, bool)


class _Expression:
    """An expression as an argument. The `jmespath` package tells it by the name of its class."""

    __slots__ = ("expression", "scope")

    def __init__(self, expression: Any, scope: Mapping[str, Any] | None) -> None:
        self.expression, self.scope = expression, scope

    def visit(self, expression: Any, value: Any) -> Any:
        return expression(value, self.scope)


BUILTINS: dict[str, Any] = {
    "__builtins__": {},
    "Number": Number,
    "bool": bool,
    "comparable": comparable,
    "dict": dict,
    "expref": _Expression,
    "field": field,
    "flatten": flatten,
    "is_false": is_false,
    "isinstance": isinstance,
    "len": len,
    "list": list,
    "members": members,
    "str": str,
    "type": type,
}
"""The only names that written code finds, beside its own and its constants."""
