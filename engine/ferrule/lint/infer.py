"""What an expression can give, as far as its text and the values it reads tell.

It follows the tree as `ferrule.expressions.writer` does: a declared name means itself where it starts an expression, and
is a field of what stands to the left of a `.` or a `|`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, reduce
from itertools import product
from math import prod
from typing import Any

from ferrule.expressions.expression import FAILURES
from ferrule.expressions.parse import tree_of
from ferrule.functions import FUNCTIONS, Function, Parameter, Type
from ferrule.lint.known import ANYTHING, BOOLEAN, BOOLEANS, MOST_VALUES, NOTHING, NULL, TEXT, Known, either, one_of

Node = dict[str, Any]
Names = Mapping[str, Known]


def tree(text: str) -> Node:
    """The tree of an expression that was compiled before, and so has no slip in it."""
    return tree_of(str(text))


def infer(text: str, current: Known, names: Names) -> Known:
    """What the expression can give of `current`, where `names` are declared."""
    text = str(text)
    path = fields_of(tree(text))
    if path is None:
        return _inferred(text, Same(current), pinned(text, names))
    first, *below = path  # a dotted name, as two of three are: followed sooner than looked up
    known = names[first] if first in names else current.member(first)
    for name in below:
        known = known.member(name)
    return known


def fields_of(node: Node) -> list[str] | None:
    """The fields of a dotted name, from the left; None of anything else."""
    if node["type"] == "field":
        return [node["value"]]
    if node["type"] != "subexpression":
        return None
    children = node["children"]
    path = [child["value"] for child in children if child["type"] == "field"]
    return path if len(path) == len(children) else None


@lru_cache(maxsize=8192)
def _inferred(text: str, current: Same, names: Pinned) -> Known:
    return Reader(unpinned(names)).read(tree(text), current.known)


class Same:
    """What is known, as the key of a cache: two are equal where it is the very same. Most records of a spec are made of one
    answer, and most requests of the same inputs, so what is inferred of them need not be inferred again."""

    __slots__ = ("known",)

    def __init__(self, known: Known) -> None:
        self.known = known

    def __hash__(self) -> int:
        return id(self.known)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.known is other.known


Pinned = tuple[tuple[str, Same], ...]


def pinned(text: str, names: Names) -> Pinned:
    """Those names that an expression may read, as the key of a cache. One that is written with escapes may read any."""
    return tuple([(name, Same(known)) for name, known in names.items() if name in text or "\\" in text])


def unpinned(names: Pinned) -> Names:
    """The same names as a mapping."""
    return {name: same.known for name, same in names}


class Reader:
    """Reads trees where `names` are declared."""

    def __init__(self, names: Names) -> None:
        self.names = names

    def read(self, node: Node, current: Known, fresh: bool = True) -> Known:
        """What a node can give. `fresh` says that it starts an expression: there a declared name means itself."""
        found: Known = _METHODS[node["type"]](self, node, current, fresh)
        return found

    def read_current(self, node: Node, current: Known, fresh: bool) -> Known:
        return current

    read_identity = read_current

    def read_literal(self, node: Node, current: Known, fresh: bool) -> Known:
        return one_of([node["value"]])

    def read_field(self, node: Node, current: Known, fresh: bool) -> Known:
        name = node["value"]
        return self.names[name] if fresh and name in self.names else current.member(name)

    def read_subexpression(self, node: Node, current: Known, fresh: bool) -> Known:
        for child in node["children"]:
            current, fresh = self.read(child, current, fresh), False
        return current

    read_index_expression = read_pipe = read_subexpression

    def read_index(self, node: Node, current: Known, fresh: bool) -> Known:
        return current.at(node["value"])

    def read_slice(self, node: Node, current: Known, fresh: bool) -> Known:
        return _list(current, current.items())

    def read_flatten(self, node: Node, current: Known, fresh: bool) -> Known:
        base = self.read(node["children"][0], current, fresh)
        items = base.items()
        return _list(base, either(items.but(Type.ARRAY), items.items()) if items.types & Type.ARRAY else items)

    def read_projection(self, node: Node, current: Known, fresh: bool) -> Known:
        base, right = node["children"]
        return self._project(self.read(base, current, fresh), right)

    def read_filter_projection(self, node: Node, current: Known, fresh: bool) -> Known:
        base, right, condition = node["children"]
        found = self.read(base, current, fresh)
        if found.types & Type.ARRAY and self.read(condition, found.items()).truths == {False}:
            return _list(found, NOTHING)
        return self._project(found, right)

    def read_value_projection(self, node: Node, current: Known, fresh: bool) -> Known:
        base, right = node["children"]
        found = self.read(base, current, fresh)
        if not found.types & Type.OBJECT:
            return NULL if found.types else NOTHING
        held = [found.item or ANYTHING] if not found.closed else []
        members = reduce(either, [*held, *(found.members or {}).values()], NOTHING) if found.values is None else ANYTHING
        made = Known(Type.ARRAY, item=self.read(right, members, False).but(Type.NULL))
        return made if found.types == Type.OBJECT else either(made, NULL)

    def _project(self, base: Known, right: Node) -> Known:
        if not base.types & Type.ARRAY:
            return NULL if base.types else NOTHING
        items = base.items()
        return _list(base, self.read(right, items, False).but(Type.NULL) if items.types else NOTHING)

    def read_multi_select_list(self, node: Node, current: Known, fresh: bool) -> Known:
        found = [self.read(child, current) for child in node["children"]]
        if all(known.values is not None and len(known.values) == 1 for known in found):
            made = one_of([[known.values[0] for known in found if known.values]])
        else:
            made = Known(Type.ARRAY, item=reduce(either, found), holds=True)
        return _of(current, made)

    def read_multi_select_dict(self, node: Node, current: Known, fresh: bool) -> Known:
        found = {child["value"]: self.read(child["children"][0], current) for child in node["children"]}
        if all(known.values is not None and len(known.values) == 1 for known in found.values()):
            made = one_of([{name: known.values[0] for name, known in found.items() if known.values}])
        else:
            made = Known(Type.OBJECT, members=found, closed=True, holds=True)
        return _of(current, made)

    def read_or_expression(self, node: Node, current: Known, fresh: bool) -> Known:
        left = self.read(node["children"][0], current, fresh)
        if False not in left.truths:
            return left
        right = self.read(node["children"][1], current)
        return either(left.full, right) if True in left.truths else right

    def read_and_expression(self, node: Node, current: Known, fresh: bool) -> Known:
        left = self.read(node["children"][0], current, fresh)
        if True not in left.truths:
            return left
        right = self.read(node["children"][1], current)
        return either(left.empty, right) if False in left.truths else right

    def read_not_expression(self, node: Node, current: Known, fresh: bool) -> Known:
        return BOOLEANS[frozenset([not truth for truth in self.read(node["children"][0], current, fresh).truths])]

    def read_comparator(self, node: Node, current: Known, fresh: bool) -> Known:
        left = self.read(node["children"][0], current, fresh)
        right = self.read(node["children"][1], current)
        if not left.types or not right.types:
            return NOTHING
        operator = node["value"]
        if operator in ("eq", "ne"):
            return BOOLEANS[frozenset([same == (operator == "eq") for same in _equality(left, right)])]
        return _order(left, right, operator)

    def read_expref(self, node: Node, current: Known, fresh: bool) -> Known:
        return Known(Type.EXPREF)

    def read_function_expression(self, node: Node, current: Known, fresh: bool) -> Known:
        function = FUNCTIONS[node["value"]]
        given = [ANYTHING if child["type"] == "expref" else self.read(child, current) for child in node["children"]]
        for place, (child, known) in enumerate(zip(node["children"], given, strict=True)):
            wanted = function.signature[min(place, len(function.signature) - 1)]
            if child["type"] != "expref" and not known.types & wanted.type:
                return NOTHING
        return self._exact(function, node, given) or self._call(function, node, given)

    def _exact(self, function: Function, node: Node, given: list[Known]) -> Known | None:
        """What the function gives of values that are known, found by calling it."""
        if any(child["type"] == "expref" for child in node["children"]):
            return None
        choices = [known.values for known in given]
        if any(values is None for values in choices) or prod(len(values or ()) for values in choices) > MOST_VALUES:
            return None
        found = []
        for values in product(*(values or () for values in choices)):
            try:
                found.append(_called(function, values))
            except FAILURES:
                continue
        return one_of(found) if found else NOTHING

    def _call(self, function: Function, node: Node, given: list[Known]) -> Known:
        special = getattr(self, f"call_{function.name}", None)
        if special is None:
            return Known(function.returns)
        found: Known = special(given, node["children"])
        return found

    def call_contains(self, given: list[Known], arguments: list[Node]) -> Known:
        held = given[0]
        nothing = held.values is not None and all(value in ([], "") for value in held.values)
        return one_of([False]) if nothing else BOOLEAN

    def call_not_null(self, given: list[Known], arguments: list[Node]) -> Known:
        found = NOTHING
        for known in given:
            found = either(found, known.but(Type.NULL))
            if Type.NULL not in known.types:
                return found
        return either(found, NULL)

    def call_null_if(self, given: list[Known], arguments: list[Node]) -> Known:
        return either(given[0], NULL)

    def call_lookup(self, given: list[Known], arguments: list[Node]) -> Known:
        if given[0].values is None:
            return ANYTHING
        held = one_of([item for value in given[0].values if isinstance(value, dict) for item in value.values()])
        return either(held, given[2] if len(given) > 2 else NULL)

    def call_map(self, given: list[Known], arguments: list[Node]) -> Known:
        items = given[1].items()
        return Known(Type.ARRAY, item=self.read(arguments[0]["children"][0], items) if items.types else NOTHING)

    def _same(self, given: list[Known], arguments: list[Node]) -> Known:
        return _list(given[0], given[0].items())

    call_sort = call_sort_by = call_unique = _same

    def call_as_list(self, given: list[Known], arguments: list[Node]) -> Known:
        other = given[0].but(Type.ARRAY | Type.NULL)
        return Known(Type.ARRAY, item=either(given[0].items(), other))

    def call_to_array(self, given: list[Known], arguments: list[Node]) -> Known:
        return Known(Type.ARRAY, item=either(given[0].items(), given[0].but(Type.ARRAY)))

    def _texts(self, given: list[Known], arguments: list[Node]) -> Known:
        made = Known(Type.ARRAY, item=TEXT)
        return either(made, NULL) if Type.NULL in given[0].types else made

    call_keys = call_lines = _texts

    def call_split(self, given: list[Known], arguments: list[Node]) -> Known:
        """A list passes as it is: an app may give words by comma in one version, and as a list in the next."""
        made = self._texts(given, arguments)
        return either(made, _list(given[0], given[0].items())) if Type.ARRAY in given[0].types else made

    def call_entries(self, given: list[Known], arguments: list[Node]) -> Known:
        made = Known(Type.ARRAY, item=Known(Type.OBJECT, members={"key": TEXT, "value": ANYTHING}, closed=True, holds=True))
        return either(made, NULL) if Type.NULL in given[0].types else made

    def _passes_null(self, given: list[Known], arguments: list[Node]) -> Known:
        return either(TEXT, NULL) if Type.NULL in given[0].types else TEXT

    call_lower = call_upper = call_trim = call_to_text = _passes_null


_METHODS = {name.removeprefix("read_"): method for name, method in vars(Reader).items() if name.startswith("read_")}
"""What reads each type of node."""


def _called(function: Function, values: tuple[Any, ...]) -> Any:
    """The function's result; parameters that are literals are prepared first, as the compiler does."""
    prepared = [_prepared(parameter, value) for parameter, value in zip(function.signature, values, strict=False)]
    if any(parameter.prepare for parameter in function.signature):
        return function.call(*prepared)
    return function.strict(*values)


def _prepared(parameter: Parameter, value: Any) -> Any:
    return parameter.prepare(value) if parameter.prepare is not None else value


def _list(base: Known, item: Known) -> Known:
    """An array of these where `base` is an array, null where it is not."""
    if not base.types & Type.ARRAY:
        return NULL if base.types else NOTHING
    made = one_of([[]]) if not item.types else Known(Type.ARRAY, item=item)
    return made if base.types == Type.ARRAY else either(made, NULL)


def _of(current: Known, made: Known) -> Known:
    """What a multiselect makes: null of null."""
    if not current.types:
        return NOTHING
    return made if Type.NULL not in current.types else NULL if current.types == Type.NULL else either(made, NULL)


def _equality(left: Known, right: Known) -> frozenset[bool]:
    if not left.types & right.types:
        return frozenset([False])
    if left.values is None or right.values is None:
        return frozenset([True, False])
    return frozenset(
        (type(a) is type(b) and a == b) or (_number(a) and _number(b) and a == b) for a, b in product(left.values, right.values)
    )


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _order(left: Known, right: Known, operator: str) -> Known:
    """Numbers and texts have an order; anything else compares to null, and a number with a text fails."""
    comparable = Type.NUMBER | Type.STRING
    if not left.types & comparable or not right.types & comparable:
        return NULL
    if left.values is not None and right.values is not None:
        pairs = [(a, b) for a, b in product(left.values, right.values) if _number(a) and _number(b)]
        if len(pairs) == len(left.values) * len(right.values):
            return one_of([{"lt": a < b, "lte": a <= b, "gt": a > b, "gte": a >= b}[operator] for a, b in pairs])
    if left.types | right.types in (Type.NUMBER, Type.STRING):
        return BOOLEAN
    if not left.types & right.types & comparable and not (left.types | right.types) & ~comparable:
        return NOTHING
    return either(BOOLEAN, NULL)
