"""What a description says a value is: the forms it may have, each with its types, members, items and values.

Members and items are looked up when they are asked for, so a schema that refers to itself is no problem.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ferrule.functions import Type, type_of

Later = Callable[[], "Shape"]
"""A shape that is made when it is asked for."""


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """One way a value may look."""

    types: Type = Type.ANY
    members: Mapping[str, Later] = field(default_factory=dict)
    rest: Later | None = None
    """What a member that `members` does not name is, where the description allows such members; None where it names none."""
    closed: bool = False
    """The description says that there are no other members."""
    item: Later | None = None
    values: tuple[Any, ...] | None = None
    """The only values it may have."""
    required: frozenset[str] = frozenset()
    """Members that a request must have."""
    low: float | None = None
    high: float | None = None
    """The least and the greatest number."""
    name: str = ""
    """The schema's name in the description."""
    format: str = ""
    """The `format` of a text: `date-time`, `email`, `uri`."""
    silent: bool = False
    """Nothing is known of it, and nothing was to be known: an input, a setting."""
    empty: bool = False
    """It is here only where JMESPath takes it for false."""

    @property
    def is_object(self) -> bool:
        """It may be an object."""
        return bool(self.types & Type.OBJECT)

    @property
    def is_blank(self) -> bool:
        """The description says nothing of what is in it, though it may hold anything."""
        if self.values is not None or self.silent:
            return False
        untold = self.is_object and not self.members and self.rest is None and not self.closed
        return untold or (bool(self.types & Type.ARRAY) and self.item is None)

    def member(self, name: str) -> Shape | None:
        """A member of the object; None where it has none of this name."""
        if name in self.members:
            return self.members[name]()
        if self.rest is not None:
            return self.rest()
        if self.closed or self.members:
            return None
        return QUIET if self.silent else ANYTHING


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """All forms that a value may have, and the request whose answer it is from, as it is named in messages."""

    forms: tuple[Form, ...]
    source: str = ""

    @property
    def types(self) -> Type:
        """Every type it may have where JMESPath takes it for true."""
        found = Type(0)
        for form in self.forms:
            if not form.empty:
                found |= form.types
        return found

    @property
    def is_blank(self) -> bool:
        """In one of its forms the description says nothing."""
        return any(form.is_blank for form in self.forms)

    @property
    def values(self) -> tuple[Any, ...] | None:
        """All values it may have besides null; None where they are not known."""
        found: list[Any] = []
        for form in self.forms:
            kind = form.types & ~Type.NULL
            if form.values is not None:
                found += form.values
            elif kind == Type.BOOLEAN:
                found += [True, False]
            elif kind:
                return None
        distinct = {(type(value).__name__, str(value)): value for value in found if value is not None}
        return tuple(distinct.values()) if distinct else None

    @property
    def full(self) -> Shape:
        """What it is where JMESPath takes it for true."""
        return self.of(replace(form, types=form.types & ~Type.NULL) for form in self.forms if not form.empty and form.types != Type.NULL)

    @property
    def falsy(self) -> Shape:
        """What it is where JMESPath takes it for false."""
        return self.of(Form(types=form.types, empty=True, silent=True) for form in self.forms)

    @property
    def names(self) -> list[str]:
        """Every member that the description names."""
        return sorted({name for form in self.forms for name in form.members})

    @property
    def title(self) -> str:
        """The names of its schemas."""
        found = list(dict.fromkeys(f"`{form.name}`" for form in self.forms if form.name and form.is_object))
        return " or ".join(found[:2]) + (" or others" if len(found) > 2 else "")

    def of(self, forms: Iterable[Form]) -> Shape:
        """Other forms, from the same source."""
        return Shape(tuple(forms), self.source)

    def member(self, name: str) -> Shape | None:
        """The member of an object, or null; None where it is an object in no form, or has no such member in any."""
        found = [shape for form in self.forms if form.is_object and (shape := form.member(name)) is not None]
        return self.of([*(form for shape in found for form in shape.forms), NULL_FORM]) if found else None

    def items(self) -> Shape:
        """What an array holds; anything, where the description does not say."""
        found: list[Form] = []
        for form in self.forms:
            if form.types & Type.ARRAY:
                found += form.item().forms if form.item else (QUIET if form.silent else ANYTHING).forms
        return self.of(found)

    def but(self, types: Type) -> Shape:
        """It, where it is none of these types."""
        return self.of(replace(form, types=form.types & ~types) for form in self.forms if form.types & ~types)


def union(shapes: Iterable[Shape]) -> Shape:
    """A value that is one of these. A form that several have is kept once."""
    given = list(shapes)
    forms = {id(form): form for shape in given for form in shape.forms}
    return Shape(tuple(forms.values()), next((shape.source for shape in given if shape.source), ""))


def typed(types: Type) -> Shape:
    """A value of these types, of which no more is known nor asked."""
    return Shape((Form(types=types, silent=True),))


def constant(value: Any) -> Shape:
    """A value that is written out."""
    if isinstance(value, dict):
        members: dict[str, Later] = {str(key): (lambda item=item: constant(item)) for key, item in value.items()}  # type: ignore[misc]
        return Shape((Form(types=Type.OBJECT, members=members, closed=True),))
    if isinstance(value, list):
        return array(union(constant(item) for item in value) if value else typed(Type.NULL))
    return Shape((Form(types=type_of(value) or Type.ANY, values=(value,)),))


def array(item: Shape) -> Shape:
    """A list of these."""
    return Shape((Form(types=Type.ARRAY, item=lambda: item),), item.source)


def mapping(members: Mapping[str, Shape], source: str = "") -> Shape:
    """An object with these members and no others."""
    later: dict[str, Later] = {name: (lambda shape=shape: shape) for name, shape in members.items()}  # type: ignore[misc]
    return Shape((Form(types=Type.OBJECT, members=later, closed=True),), source)


NULL_FORM = Form(types=Type.NULL)
ANYTHING = Shape((Form(),))
"""A value of which the description says nothing."""
QUIET = Shape((Form(silent=True),))
"""A value of which there is nothing to know."""
TEXT, NUMBER, BOOLEAN = typed(Type.STRING), typed(Type.NUMBER), typed(Type.BOOLEAN)
HEADERS = Shape((Form(types=Type.OBJECT, rest=lambda: TEXT),))
