"""Schemas of a description as shapes: references followed, `allOf` put together, `oneOf` and `anyOf` side by side.

JSON Schema lets an object have members that `properties` does not name. Descriptions mean the opposite: what an answer
holds is what they name. So an object with `properties` has those and no others, unless it says `additionalProperties`;
one without them may hold anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from typing import Any
from urllib.parse import unquote

from ferrule.against.shape import ANYTHING, Form, Later, Shape
from ferrule.functions import Type, type_of

MOST_FORMS = 256
"""A schema that may be more things than these is taken to say nothing."""

_TYPES = {
    "string": Type.STRING,
    "file": Type.STRING,
    "number": Type.NUMBER,
    "integer": Type.NUMBER,
    "boolean": Type.BOOLEAN,
    "array": Type.ARRAY,
    "object": Type.OBJECT,
    "null": Type.NULL,
}
_SAYS = ("properties", "additionalProperties", "allOf", "oneOf", "anyOf", "items", "enum", "type", "required", "const")


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """One schema, or several put together, before it becomes a form."""

    types: Type = Type.ANY
    members: Mapping[str, tuple[Any, ...]] | None = None
    rest: tuple[Any, ...] | None = None
    closed: bool = False
    items: tuple[Any, ...] = ()
    values: tuple[Any, ...] | None = None
    required: frozenset[str] = frozenset()
    low: float | None = None
    high: float | None = None
    name: str = ""
    format: str = ""


class Schemas:
    """The schemas of one document. With `strict`, objects have no other members than those they name, even where the
    description leaves that open: what two versions of it have in common is then looked at all the same."""

    def __init__(self, document: Mapping[str, Any], strict: bool = False) -> None:
        self.document, self.strict = document, strict
        self._shapes: dict[tuple[int, ...], Shape] = {}
        self._derived: dict[str, list[Any]] | None = None
        self._kept: list[Any] = []

    def of(self, *schemas: Any) -> Shape:
        """The shape of a value that fits all of these schemas."""
        key = tuple(map(id, schemas))
        if key not in self._shapes:
            self._kept.extend(schemas)  # an id is only good as long as its object lives
            parts = self._all([self._parts(schema) for schema in schemas])
            self._shapes[key] = Shape(tuple(map(self._form, parts))) if parts is not None else ANYTHING
        return self._shapes[key]

    def follow(self, node: Any) -> Any:
        """What stands where a reference leads; None where it leads nowhere in this document."""
        seen = 0
        while isinstance(node, dict) and isinstance(node.get("$ref"), str) and seen < 32:
            node, seen = self._target(node["$ref"]), seen + 1
        return node if seen < 32 else None

    def _target(self, reference: str) -> Any:
        if not reference.startswith("#"):
            return None
        node: Any = self.document
        for step in reference[1:].split("/")[1:]:
            step = unquote(step).replace("~1", "/").replace("~0", "~")
            if isinstance(node, dict) and step in node:
                node = node[step]
            elif isinstance(node, list) and step.isdecimal() and int(step) < len(node):
                node = node[int(step)]
            else:
                return None
        return node

    def _parts(self, schema: Any, within: frozenset[int] = frozenset(), derive: bool = True) -> list[_Part] | None:
        """Each form of a schema; None where it says nothing that can be used."""
        if not isinstance(schema, dict) or id(schema) in within or len(within) > 64:
            return None
        within = within | {id(schema)}
        if isinstance(schema.get("$ref"), str):
            return self._referred(schema, within, derive)
        if isinstance(schema.get("items"), list):
            return self._tuple(schema, within)
        groups: list[list[_Part] | None] = [[self._own(schema)]]
        groups += [self._parts(part, within, derive=False) for part in series(schema.get("allOf"))]
        for word in ("oneOf", "anyOf"):
            if options := series(schema.get(word)):
                groups.append(self._either(options, within))
        found = self._all(groups)
        if found is not None and (schema.get("nullable") is True or schema.get("x-nullable") is True):
            found = [*found, _Part(types=Type.NULL)]
        if derive and found is not None and "discriminator" in schema and not schema.get("oneOf") and not schema.get("anyOf"):
            more = [self._parts(child, within - {id(schema)}, derive=False) for child in self._children(schema)]
            found = None if any(part is None for part in more) else [*found, *(part for parts in more for part in parts or ())]
        return found if found is None or len(found) <= MOST_FORMS else None

    def _referred(self, schema: Mapping[str, Any], within: frozenset[int], derive: bool) -> list[_Part] | None:
        target = self._target(schema["$ref"])
        found = self._parts(target, within, derive)
        if found is None:
            return None
        last = unquote(schema["$ref"].rpartition("/")[2])
        name = "" if last.isdecimal() else last
        named = [replace(part, name=part.name or name) for part in found]
        beside = {key: value for key, value in schema.items() if key in _SAYS}
        return self._all([named, self._parts(beside, within)]) if beside else named

    def _tuple(self, schema: Mapping[str, Any], within: frozenset[int]) -> list[_Part] | None:
        """A list under `items`, which OpenAPI does not know: a tuple of older JSON Schema, or, as Slack writes it where there
        is no `type`, the forms that the value itself may have."""
        if "type" in schema:
            return [_Part(types=Type.ARRAY, items=({"anyOf": schema["items"]},))]
        forms = self._either(schema["items"], within)
        return None if forms is None else [*forms, _Part(types=Type.ARRAY, items=({"anyOf": schema["items"]},))]

    def _either(self, options: Iterable[Any], within: frozenset[int]) -> list[_Part] | None:
        found: list[_Part] = []
        for option in options:
            parts = self._parts(option, within)
            if parts is None:
                return None
            found += parts
        return found

    def _all(self, groups: list[list[_Part] | None]) -> list[_Part] | None:
        """Forms that fit one of each group. A group that says nothing hides what the others would leave out."""
        made = [_Part()]
        for group in groups:
            if group is None:
                return None
            if len(made) * len(group) > MOST_FORMS:
                return None
            made = [both for one, other in product(made, group) if (both := _both(one, other)).types]
        return made or None

    def _own(self, schema: Mapping[str, Any]) -> _Part:
        """What a schema says by itself."""
        values = _values(schema)
        properties = schema.get("properties")
        members = {str(name): (held,) for name, held in properties.items()} if isinstance(properties, dict) else None
        rest, closed = self._rest(schema)
        hidden = {name for name, (held,) in (members or {}).items() if isinstance(held, dict) and held.get("readOnly") is True}
        items = schema.get("items")
        return _Part(
            types=_types(schema, values),
            members=members,
            rest=rest,
            closed=closed,
            items=(items,) if isinstance(items, dict) and items else (),
            values=values,
            required=frozenset(map(str, series(schema.get("required")))) - hidden,
            low=_number(schema.get("minimum")),
            high=_number(schema.get("maximum")),
            format=str(schema.get("format") or ""),
        )

    def _rest(self, schema: Mapping[str, Any]) -> tuple[tuple[Any, ...] | None, bool]:
        """What other members are, if there may be any, and whether there may be none."""
        said = schema.get("additionalProperties", schema.get("unevaluatedProperties"))
        if said is False:
            return None, not schema.get("patternProperties")
        if said is None and not schema.get("patternProperties"):
            return None, False
        # Generators write `{type: object}` for "anything" (Microsoft Graph has a count there, which is a number).
        told = (
            isinstance(said, dict)
            and any(key != "description" for key in said)
            and not (said.keys() <= {"type", "description"} and said.get("type") == "object")
        )
        if self.strict and not told and schema.get("properties"):
            return None, False
        return ((said,) if told else ()), False

    def _form(self, part: _Part) -> Form:
        members: dict[str, Later] = {name: partial(self.of, *held) for name, held in (part.members or {}).items()}
        rest: Later | None = None
        if part.rest is not None:
            rest = partial(self.of, *part.rest) if part.rest else lambda: ANYTHING
        item: Later | None = partial(self.of, *part.items) if part.items else None
        return Form(
            types=part.types,
            members=members,
            rest=rest,
            closed=part.closed and rest is None,
            item=item,
            values=part.values,
            required=part.required,
            low=part.low,
            high=part.high,
            name=part.name,
            format=part.format,
        )

    def _children(self, schema: Mapping[str, Any]) -> list[Any]:
        """Schemas that a discriminator leads to: those it names, and those that build on this one with `allOf`."""
        said = schema["discriminator"]
        named = list(table(table(said).get("mapping")).values())
        found = [self._target(str(ref) if str(ref).startswith("#") else f"#/components/schemas/{ref}") for ref in named]
        return [child for child in (*found, *self._built_on(schema)) if isinstance(child, dict) and child is not schema]

    def _built_on(self, schema: Mapping[str, Any]) -> list[Any]:
        if self._derived is None:
            self._derived = {}
            held = table(self.document.get("definitions")) or table(table(self.document.get("components")).get("schemas"))
            for child in held.values():
                for base in series(child.get("allOf")) if isinstance(child, dict) else []:
                    if isinstance(base, dict) and "$ref" in base and (target := self.follow(base)) is not None:
                        self._derived.setdefault(str(id(target)), []).append(child)
        return self._derived.get(str(id(schema)), [])


def _both(one: _Part, other: _Part) -> _Part:
    members = None
    if one.members is not None or other.members is not None:
        first, second = one.members or {}, other.members or {}
        members = {name: first.get(name, ()) + second.get(name, ()) for name in (*first, *(n for n in second if n not in first))}
    values = one.values if other.values is None else other.values
    if one.values is not None and other.values is not None:
        values = tuple(value for value in one.values if value in other.values)
    return _Part(
        types=one.types & other.types,
        members=members,
        rest=one.rest if other.rest is None else other.rest if one.rest is None else one.rest + other.rest,
        closed=one.closed or other.closed,
        items=one.items + other.items,
        values=values,
        required=one.required | other.required,
        low=other.low if one.low is None else one.low,
        high=other.high if one.high is None else one.high,
        name=one.name or other.name,
        format=one.format or other.format,
    )


def _types(schema: Mapping[str, Any], values: tuple[Any, ...] | None) -> Type:
    said = schema.get("type")
    words = said if isinstance(said, list) else [said] if isinstance(said, str) else []
    found = Type(0)
    for word in words:
        found |= _TYPES.get(str(word), Type.ANY)
    if not words and values is not None:
        for value in values:
            found |= type_of(value) or Type(0)
    elif not words:
        found = Type.OBJECT if "properties" in schema else Type.ARRAY if "items" in schema else Type.ANY
    if values is not None and None in values:
        found |= Type.NULL
    return found or Type.ANY


def _values(schema: Mapping[str, Any]) -> tuple[Any, ...] | None:
    said = [schema["const"]] if "const" in schema else schema.get("enum")
    return tuple(said) if isinstance(said, list) and said and not any(isinstance(value, (dict, list)) for value in said) else None


def _number(value: Any) -> float | None:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def series(value: Any) -> list[Any]:
    """A list of the description; an empty one for what should be a list and is none."""
    return value if isinstance(value, list) else []


def table(value: Any) -> dict[Any, Any]:
    """A mapping of the description; an empty one for what should be a mapping and is none."""
    return value if isinstance(value, dict) else {}
