"""What a function of the expression language takes and gives, and the check of its arguments."""

from __future__ import annotations

import enum
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from types import NoneType
from typing import Any

from jmespath.exceptions import JMESPathTypeError


class Type(enum.Flag):
    """The types of JMESPath values. Several in one flag mean: any of them."""

    STRING = enum.auto()
    NUMBER = enum.auto()
    BOOLEAN = enum.auto()
    ARRAY = enum.auto()
    OBJECT = enum.auto()
    NULL = enum.auto()
    EXPREF = enum.auto()
    """An expression handed to a function: `&name`."""
    ANY = STRING | NUMBER | BOOLEAN | ARRAY | OBJECT | NULL

    @cached_property
    def classes(self) -> frozenset[type]:
        """The Python classes of these types."""
        return frozenset(cls for cls, type_ in _CLASSES if type_ in self)

    # `Flag` makes a member anew for each of these, which lint does by the ten thousand; there are 128 members in all

    def __and__(self, other: Type) -> Type:
        return _MEMBERS[self._value_ & other._value_]

    def __or__(self, other: Type) -> Type:
        return _MEMBERS[self._value_ | other._value_]

    def __invert__(self) -> Type:
        return _MEMBERS[~self._value_]

    def __str__(self) -> str:
        return "any value" if self is Type.ANY else " or ".join(str(member.name).lower() for member in self)


_MEMBERS: tuple[Type, ...] = tuple(Type(bits) for bits in range((Type.ANY.value | Type.EXPREF.value) + 1))
"""Every combination of types, by its bits; counted from the end, each is at the place of its complement's bits."""

_CLASSES: tuple[tuple[type, Type], ...] = (
    (bool, Type.BOOLEAN),  # before int, which bool is a subclass of
    (str, Type.STRING),
    (int, Type.NUMBER),
    (float, Type.NUMBER),
    (list, Type.ARRAY),
    (dict, Type.OBJECT),
    (NoneType, Type.NULL),
)


def type_of(value: Any) -> Type | None:
    """The type of a value; None for what JSON cannot hold."""
    exactly = _EXACTLY.get(type(value))
    return exactly if exactly is not None else next((type_ for cls, type_ in _CLASSES if isinstance(value, cls)), None)


_EXACTLY: dict[type, Type] = dict(_CLASSES)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of a function."""

    name: str
    type: Type
    required: bool = True
    items: Type | None = None
    """Of an array: the types its items may have, one of them for all items."""
    many: bool = False
    """Stands for one argument or more."""
    prepare: Callable[[str], Any] | None = None
    """The argument is a literal, and this makes of it what the function gets, once. Raises `ValueError` for a bad one."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the expression language.

    `call` trusts that its arguments have the types of the signature; `strict` takes any, and raises `JMESPathTypeError`
    for one that does not fit. `doc` is the manual: a description, then examples.
    """

    name: str
    call: Callable[..., Any]
    signature: tuple[Parameter, ...]
    returns: Type
    doc: str
    strict: Callable[..., Any]

    @property
    def least(self) -> int:
        """The smallest number of arguments."""
        return sum(parameter.required for parameter in self.signature)

    @property
    def most(self) -> int | None:
        """The largest number of arguments, or None where there is no limit."""
        return None if self.signature[-1].many else len(self.signature)

    def __str__(self) -> str:
        words = (f"{p.name}, …" if p.many else p.name if p.required else f"{p.name}?" for p in self.signature)
        return f"{self.name}({', '.join(words)})"


def function(name: str, call: Callable[..., Any], *signature: Parameter, returns: Type) -> Function:
    """A function of our own, documented by the docstring of `call`."""
    return Function(name, call, signature, returns, inspect.getdoc(call) or "", partial(_checked, name, call, signature))


def _checked(name: str, call: Callable[..., Any], signature: Sequence[Parameter], *arguments: Any) -> Any:
    for parameter, value in zip(signature, arguments, strict=False):
        if parameter.prepare is None:
            found = type_of(value)
            if found is None or found not in parameter.type:
                raise JMESPathTypeError(name, value, str(found) if found else "another kind of value", str(parameter.type).split(" or "))
    return call(*arguments)
