"""Follows an expression through what a description says of an answer, and notes each step that leads nowhere.

It follows the tree as `ferrule.expressions.writer` does: a declared name means itself where it starts an expression, and
is a field of what stands to the left of a `.` or a `|`. What was noted once is taken for anything from there on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from jmespath.lexer import Lexer

from ferrule.against.shape import BOOLEAN, NUMBER, QUIET, TEXT, Form, Shape, array, constant, mapping, typed, union
from ferrule.diagnostics import Span, did_you_mean
from ferrule.expressions.parse import parse
from ferrule.functions import FUNCTIONS, Type, type_of
from ferrule.source import Text

Node = dict[str, Any]
Kind = Literal["field", "type", "value"]


@dataclass(frozen=True, slots=True)
class Note:
    """One step of an expression that the description contradicts: no such field, another type, a value that never comes."""

    kind: Kind
    span: Span
    message: str
    hint: str | None = None


class Reader:
    """Reads one expression. `notes` is what it found; `blind` says that it met something the description does not tell,
    `told` that it met something it tells."""

    def __init__(self, text: Text, names: Mapping[str, Shape]) -> None:
        self.text, self.names = text, names
        self.tree: Node = parse(text)
        self.notes: list[Note] = []
        self.blind = self.told = False
        self._places = dict(zip(_fields(self.tree), _identifiers(text), strict=False))

    def run(self, current: Shape) -> Shape:
        """What the expression gives of `current`."""
        return self.read(self.tree, current, True)

    def read(self, node: Node, current: Shape, fresh: bool = True) -> Shape:
        """What a node gives. `fresh` says that it starts an expression."""
        found: Shape = getattr(self, f"read_{node['type']}")(node, current, fresh)
        return found

    def read_current(self, node: Node, current: Shape, fresh: bool) -> Shape:
        return current

    read_identity = read_current

    def read_literal(self, node: Node, current: Shape, fresh: bool) -> Shape:
        return constant(node["value"])

    def read_field(self, node: Node, current: Shape, fresh: bool) -> Shape:
        name = node["value"]
        if fresh and name in self.names:
            return self.names[name]
        found = current.member(name)
        objects = [form for form in current.forms if form.is_object]
        if any(form.is_blank and not form.silent for form in objects) or (
            found is not None and found is not QUIET and _is_open(objects, name)
        ):
            self.blind = True
        elif objects and not all(form.silent for form in objects):
            self.told = True
        if found is not None:
            return found
        if not current.types & ~Type.NULL:
            return typed(Type.NULL)
        if objects:
            words = f"there is no `{name}` in {self._whence(current)}"
            near = did_you_mean(name, current.names) or listed(current.names)
            self.notes.append(Note("field", self._place(node), words, near))
        else:
            self.notes.append(
                Note("field", self._place(node), f"`{name}` is read of {kind_of(current)}, which has no fields, in {self._whence(current)}")
            )
        return QUIET

    def read_subexpression(self, node: Node, current: Shape, fresh: bool) -> Shape:
        for child in node["children"]:
            current, fresh = self.read(child, current, fresh), False
        return current

    read_pipe = read_index_expression = read_subexpression

    def read_index(self, node: Node, current: Shape, fresh: bool) -> Shape:
        return union([self._items(current, None), typed(Type.NULL)])

    def read_slice(self, node: Node, current: Shape, fresh: bool) -> Shape:
        return array(self._items(current, None))

    def read_flatten(self, node: Node, current: Shape, fresh: bool) -> Shape:
        items = self._items(self.read(node["children"][0], current, fresh), node)
        flat = [items.but(Type.ARRAY)] if items.types & ~Type.ARRAY else []
        return array(union([*flat, *([items.items()] if items.types & Type.ARRAY else [])]))

    def read_projection(self, node: Node, current: Shape, fresh: bool) -> Shape:
        base, right = node["children"]
        items = self._items(self.read(base, current, fresh), node)
        return array(self.read(right, items, False).but(Type.NULL))

    def read_filter_projection(self, node: Node, current: Shape, fresh: bool) -> Shape:
        base, right, condition = node["children"]
        items = self._items(self.read(base, current, fresh), node)
        self.read(condition, items)
        return array(self.read(right, items, False).but(Type.NULL))

    def read_value_projection(self, node: Node, current: Shape, fresh: bool) -> Shape:
        base, right = node["children"]
        found = self.read(base, current, fresh)
        held = [later() for form in found.forms for later in (*form.members.values(), *([form.rest] if form.rest else []))]
        if found.is_blank:
            self.blind = True
        return array(self.read(right, union(held) if held else QUIET, False).but(Type.NULL))

    def _items(self, base: Shape, node: Node | None) -> Shape:
        """What an array holds. Anything but an array gives null, which is noted."""
        if not base.types & Type.ARRAY and base.types & ~Type.NULL:
            place = next((self._place(child) for child in _fields_of(node) if id(child) in self._places), None) if node else None
            self.notes.append(Note("type", place or self.text.span, f"this is {kind_of(base)} and no list, in {self._whence(base)}"))
            return QUIET
        if any(form.types & Type.ARRAY and form.item is None and not form.silent for form in base.forms):
            self.blind = True
        return base.items()

    def read_multi_select_list(self, node: Node, current: Shape, fresh: bool) -> Shape:
        return array(union(self.read(child, current) for child in node["children"]))

    def read_multi_select_dict(self, node: Node, current: Shape, fresh: bool) -> Shape:
        return mapping({child["value"]: self.read(child["children"][0], current) for child in node["children"]}, current.source)

    def read_or_expression(self, node: Node, current: Shape, fresh: bool) -> Shape:
        left, right = node["children"]
        return union([self.read(left, current, fresh).full, self.read(right, current)])

    def read_and_expression(self, node: Node, current: Shape, fresh: bool) -> Shape:
        left, right = node["children"]
        return union([self.read(left, current, fresh).falsy, self.read(right, current)])

    def read_not_expression(self, node: Node, current: Shape, fresh: bool) -> Shape:
        self.read(node["children"][0], current, fresh)
        return BOOLEAN

    def read_comparator(self, node: Node, current: Shape, fresh: bool) -> Shape:
        children = node["children"]
        left, right = self.read(children[0], current, fresh), self.read(children[1], current)
        if node["value"] in ("eq", "ne"):
            for field, shape, other in ((children[0], left, children[1]), (children[1], right, children[0])):
                if other["type"] == "literal" and field["type"] != "literal":
                    self._compare(field, shape, other["value"])
        return BOOLEAN

    def _compare(self, node: Node, shape: Shape, value: Any) -> None:
        """Note a comparison with what never comes."""
        kind = type_of(value)
        place = next((self._place(child) for child in reversed(_fields_of(node)) if id(child) in self._places), self.text.span)
        if value is None or kind is None or not shape.forms or any(form.empty for form in shape.forms):
            return
        if not kind & shape.types and shape.types & ~Type.NULL:
            self.notes.append(
                Note("type", place, f"this is {kind_of(shape)} in {self._whence(shape)}, and is compared with {kind_of(typed(kind))}")
            )
            return
        values = shape.values
        if values is not None and kind & (Type.STRING | Type.NUMBER) and value not in values:
            words = f"this is never `{value}` in {self._whence(shape)}"
            self.notes.append(Note("value", place, words, did_you_mean(str(value), map(str, values)) or listed(values)))

    def read_expref(self, node: Node, current: Shape, fresh: bool) -> Shape:
        return QUIET

    def read_function_expression(self, node: Node, current: Shape, fresh: bool) -> Shape:
        function = FUNCTIONS[node["value"]]
        given = [QUIET if child["type"] == "expref" else self.read(child, current) for child in node["children"]]
        for place, child in enumerate(node["children"]):
            if child["type"] == "expref":
                over = given[1 - place] if len(given) == 2 else QUIET
                made = self.read(child["children"][0], over.items() if over.types & Type.ARRAY else QUIET)
                if function.name == "map":
                    return array(made)
        return self._result(function.name, function.returns, given)

    def _result(self, name: str, returns: Type, given: list[Shape]) -> Shape:
        """What a function gives of these arguments, where that says more than its type."""
        match name:
            case "not_null":
                return union([*(shape.but(Type.NULL) for shape in given), typed(Type.NULL)])
            case "null_if":
                return union([given[0], typed(Type.NULL)])
            case "sort" | "sort_by" | "unique" | "reverse" if given[0].types & Type.ARRAY:
                return array(given[0].items())
            case "as_list" | "to_array":
                single = given[0].but(Type.ARRAY | Type.NULL)
                return array(union([*([given[0].items()] if given[0].types & Type.ARRAY else []), single]))
            case "min_by" | "max_by" | "min" | "max" if given[0].types & Type.ARRAY:
                return union([given[0].items(), typed(Type.NULL)])
            case "entries":
                held = [later() for form in given[0].forms for later in (*form.members.values(), *([form.rest] if form.rest else []))]
                return array(mapping({"key": TEXT, "value": union(held) if held else QUIET}, given[0].source))
            case "merge":
                return Shape((Form(types=Type.OBJECT, silent=True),), given[0].source)
            case "length":
                return NUMBER
        return typed(returns)

    def _place(self, node: Node) -> Span:
        start, length = self._places.get(id(node), (0, len(self.text)))
        return self.text.at(start, length)

    def _whence(self, shape: Shape) -> str:
        title = shape.title
        answer = f"the answer of `{shape.source}`" if shape.source else "the answer"
        return f"{title} of {answer}" if title else answer


def statuses(node: Node) -> frozenset[int]:
    """The statuses that a predicate asks for by name; none where it also has an alternative that asks for none."""
    if node["type"] == "or_expression":
        asked = [statuses(child) for child in node["children"]]
        return frozenset().union(*asked) if all(asked) else frozenset()
    found: set[int] = set()
    if node["type"] == "comparator" and node["value"] == "eq":
        for field, other in (node["children"], node["children"][::-1]):
            if (
                field == {"type": "field", "children": [], "value": "status"}
                and other["type"] == "literal"
                and isinstance(other["value"], int)
            ):
                found.add(other["value"])
    for child in node["children"]:
        if isinstance(child, dict):
            found |= statuses(child)
    return frozenset(found)


def _is_open(forms: list[Form], name: str) -> bool:
    """Whether a member is one that the description allows without naming it, and says nothing of."""
    for form in forms:
        if name in form.members:
            return False
        if form.rest is not None and form.rest().is_blank:
            return True
    return False


def _fields_of(node: Node | None) -> list[Node]:
    """The fields of a node in the order they are written in."""
    if node is None:
        return []
    if node["type"] == "field":
        return [node]
    children = [child for child in node["children"] if isinstance(child, dict)]
    if node["type"] == "filter_projection":
        children = [children[0], children[2], children[1]]
    return [field for child in children for field in _fields_of(child)]


def _fields(tree: Node) -> Iterator[int]:
    return (id(node) for node in _fields_of(tree))


def _identifiers(text: Text) -> Iterator[tuple[int, int]]:
    """Offset and length of each name that is a field: functions and the keys of a multiselect are none."""
    tokens: list[Any] = list(Lexer().tokenize(str(text)))
    for token, after in pairwise(tokens):
        if token["type"] in ("unquoted_identifier", "quoted_identifier") and after["type"] not in ("lparen", "colon"):
            end = after["start"] if after["type"] != "eof" else len(text)
            written = str(text)[token["start"] : end]
            yield token["start"], len(written.rstrip())


def kind_of(shape: Shape) -> str:
    """The types of a value in words."""
    return _A.get(shape.types & ~Type.NULL, str(shape.types & ~Type.NULL))


_A = {
    Type.STRING: "text",
    Type.NUMBER: "a number",
    Type.BOOLEAN: "true or false",
    Type.ARRAY: "a list",
    Type.OBJECT: "an object",
}


def listed(values: Any) -> str | None:
    """A hint that names what there is."""
    words = [f"`{str(value).lower() if isinstance(value, bool) else value}`" for value in values]
    return f"the description has {', '.join(words[:12])}{' …' if len(words) > 12 else ''}" if words else None
