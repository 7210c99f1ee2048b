"""What can be known of a value before there is one: its types, and where the spec says so its very values.

Nothing here is a guess. What is known of a value holds for every value that there can be, so a rule may report what no
value could ever do; a value of which nothing is known may be anything.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from ferrule.contract.fields import FieldInfo
from ferrule.functions import Type, type_of

MOST_VALUES = 64
"""A value that may be more things than these is known by its types alone."""

NO_TYPE = Type(0)
_WITH_PARTS = Type.ARRAY | Type.OBJECT

_EMPTY: tuple[Any, ...] = (None, False, "", [], {})


class Known(NamedTuple):  # made by the thousand
    """What a value may be. Without any type there is no value: what would give it always fails."""

    types: Type
    values: tuple[Any, ...] | None = None
    """One of exactly these; None where they are not known."""
    item: Known | None = None
    """What each item of an array is, and each member of an object that `members` does not name. None for anything."""
    members: Mapping[str, Known] | None = None
    """What members of an object are."""
    closed: bool = False
    """An object has no other members."""
    holds: bool = False
    """JMESPath takes it for true: it is not null, not false and not empty."""
    among: tuple[Any, ...] = ()
    """Values that it may be for certain, where it may also be others."""

    @property
    def is_open(self) -> bool:
        """Nothing is known but what it may be for certain."""
        return self.types is Type.ANY and self.values is None and not (self.item or self.members or self.closed or self.holds)

    @property
    def truths(self) -> frozenset[bool]:
        """Whether JMESPath may take the value for true, and for false."""
        if self.values is not None:
            return frozenset([not is_empty(value) for value in self.values])
        can_hold, can_not = self.types & ~Type.NULL, self.types & ~Type.NUMBER and not self.holds
        return _TRUTHS[bool(can_hold), bool(can_not)]

    @property
    def full(self) -> Known:
        """What it is where it is true."""
        if self.values is not None:
            return one_of([value for value in self.values if not is_empty(value)])
        return self._with(self.types & ~Type.NULL, holds=True)

    @property
    def empty(self) -> Known:
        """What it is where it is false: then it is one of five values."""
        if self.holds:
            return NOTHING
        found = _EMPTY if self.values is None else self.values
        return one_of([value for value in found if is_empty(value) and _type(value) & self.types])

    def but(self, types: Type) -> Known:
        """The value where it is none of these types."""
        if self.values is not None:
            return one_of([value for value in self.values if not _type(value) & types])
        return self._with(self.types & ~types, self.holds)

    def _with(self, types: Type, holds: bool) -> Known:
        among = tuple([value for value in self.among if _type(value) & types]) if self.among else ()
        return Known(types, None, self.item, self.members, self.closed, holds, among)

    def but_value(self, value: Any) -> Known:
        """The value where it is not this one."""
        if value is None:
            return self.but(Type.NULL)
        return one_of([other for other in self.values if other != value]) if self.values is not None else self

    def member(self, name: str) -> Known:
        """The member of an object; null of anything else."""
        if self.values is not None:
            return one_of([value.get(name) if isinstance(value, dict) else None for value in self.values])
        if self.is_open:
            return _ANYTHING_OR_NULL
        if not self.types & Type.OBJECT:
            return NULL if self.types else NOTHING
        named = (self.members or {}).get(name)
        found = named if named is not None else NULL if self.closed else either(self.item or ANYTHING, NULL)
        return found if self.types is Type.OBJECT else either(found, NULL)

    def items(self) -> Known:
        """Whatever an array holds; nothing where it is none, or is empty."""
        if self.values is not None:
            return one_of([item for value in self.values if isinstance(value, list) for item in value])
        return self.item or ANYTHING if self.types & Type.ARRAY else NOTHING

    def at(self, place: int) -> Known:
        """The item at a place of an array; null of anything else."""
        if self.values is not None:
            return one_of([_at(value, place) for value in self.values])
        return _ANYTHING_OR_NULL if self.is_open else either(self.items(), NULL)

    def __str__(self) -> str:
        if self.values is not None and len(self.values) <= 4:
            return " or ".join(json.dumps(value, ensure_ascii=False) for value in self.values) or "no value"
        return str(self.types) if self.types else "no value"


def is_empty(value: Any) -> bool:
    """Whether JMESPath takes a value for false: 0 is not."""
    return not value and (value is None or value is False or value in ("", [], {}))


_TRUTHS = {(may, not_): frozenset([True] * may + [False] * not_) for may in (True, False) for not_ in (True, False)}


def one_of(values: Collection[Any]) -> Known:
    """A value that is one of these."""
    if len(values) == 1:
        return Known(_type(*values), tuple(values))
    distinct = {_identity(value): value for value in values}
    types = reduce(or_, map(_type, distinct.values()), NO_TYPE)
    if len(distinct) <= MOST_VALUES:
        return Known(types, tuple(distinct.values()))
    return Known(types)


def either(first: Known, second: Known) -> Known:
    """A value that is the one or the other."""
    if first is second or second.types is NO_TYPE:
        return first
    if first.types is NO_TYPE:
        return second
    if first.values is not None and second.values is not None:
        return one_of((*first.values, *second.values))
    types, among = first.types | second.types, _both(_certain(first), _certain(second))
    if first.is_open or second.is_open:
        return Known(Type.ANY, among=among)
    holds = False not in first.truths and False not in second.truths
    for one, other in ((first, second), (second, first)):
        if one.values is None and other.types & _WITH_PARTS is NO_TYPE:
            return Known(types, None, one.item, one.members, one.closed, holds, among)
    return Known(
        types,
        item=_rest(first, second),
        members=_members(first, second) if types & Type.OBJECT else None,
        closed=all(known.closed or not known.types & Type.OBJECT for known in (first, second)),
        holds=holds,
        among=among,
    )


def _both(first: tuple[Any, ...], second: tuple[Any, ...]) -> tuple[Any, ...]:
    return (one_of((*first, *second)).values or ()) if first and second else first or second


def _certain(known: Known) -> tuple[Any, ...]:
    return known.among if known.values is None else known.values


def of_field(info: FieldInfo) -> Known:
    """A value that the contract gives for a field."""
    known = _of_kind(info)
    return known if info.required and not info.nullable else either(known, NULL)


def _of_kind(info: FieldInfo) -> Known:
    if info.kind == "enum":
        return one_of(info.values)
    if info.kind == "list":
        return Known(Type.ARRAY, item=_of_kind(info.item) if info.item else None)
    if info.kind == "model":
        return Known(Type.OBJECT, members={name: of_field(field) for name, field in info.fields.items()})
    if info.kind == "map":
        return Known(Type.OBJECT, item=_of_kind(info.item) if info.item else None)
    return Known(_TYPES.get(info.kind, Type.ANY))


_TYPES = {
    "text": Type.STRING,
    "secret": Type.STRING,
    "datetime": Type.STRING,
    "integer": Type.NUMBER,
    "number": Type.NUMBER,
    "boolean": Type.BOOLEAN,
    "union": Type.OBJECT,
}


def _identity(value: Any) -> Any:
    """A key that two values share only where they are the same value: `true` is not `1`."""
    if type(value) is str:
        return value
    return json.dumps(value, sort_keys=True, default=str) if isinstance(value, (list, dict)) else (type(value).__name__, value)


def _type(value: Any) -> Type:
    found = type_of(value)
    return found if found is not None else NO_TYPE


def _at(value: Any, place: int) -> Any:
    return value[place] if isinstance(value, list) and -len(value) <= place < len(value) else None


def _rest(first: Known, second: Known) -> Known | None:
    """What is held that no member names; None for anything."""
    held = [known.items() for known in (first, second) if known.types & Type.ARRAY]
    held += [known.item or ANYTHING for known in (first, second) if known.types & Type.OBJECT and not known.closed and known.values is None]
    return None if ANYTHING in held or not held else reduce(either, held)


def _members(first: Known, second: Known) -> Mapping[str, Known] | None:
    both = [known for known in (first, second) if known.types & Type.OBJECT]
    names = {name for known in both for name in (*(known.members or ()), *_named(known))}
    return {name: reduce(either, [known.but(~Type.OBJECT & Type.ANY).member(name) for known in both]) for name in sorted(names)} or None


def _named(known: Known) -> set[str]:
    return {name for value in known.values or () if isinstance(value, dict) for name in value}


ANYTHING = Known(Type.ANY)
NULL = one_of([None])
_ANYTHING_OR_NULL = either(ANYTHING, NULL)
NO_MEMBERS = one_of([{}])
NOTHING = Known(NO_TYPE, ())
"""What fails whenever it is asked for."""
TEXT = Known(Type.STRING)
NUMBER = Known(Type.NUMBER)
BOOLEAN = one_of([False, True])
BOOLEANS = {frozenset(values): one_of(values) for values in ([], [False], [True], [False, True])}
"""What is known of a boolean by the values it may have."""
HEADERS = Known(Type.OBJECT, item=TEXT)
ANSWER = Known(Type.OBJECT, members={"status": NUMBER, "headers": HEADERS, "body": ANYTHING}, closed=True)
"""Any answer at all."""
