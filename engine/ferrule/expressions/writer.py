"""Python source made from JMESPath trees.

Every node becomes a few statements, and the name of the variable that holds its value. What the tree interpreter of the
`jmespath` package would find, this code finds; that package is the referee in the tests.

Nothing of a spec's text gets into the source but through `ascii()`, as a Python string; every other value is a constant
in the table beside it. Blocks deeper than `DEEPEST` become functions of their own: Python allows 20 loops and 100
indents within one another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ferrule.expressions.part import ValuePart
from ferrule.expressions.runtime import BUILTINS
from ferrule.functions import FUNCTIONS, Type

Node = dict[str, Any]

DEEPEST = 12
RECORD, SCOPE = "x", "s"
"""The variables that hold the root value and the declared names."""

_LEAVES = frozenset({"field", "current", "identity", "literal"})
_ORDER = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">="}


@dataclass(frozen=True, slots=True)
class Source:
    """Functions as Python source, with the constants they use."""

    text: str
    constants: dict[str, Any]

    def load(self, name: str, **constants: Any) -> Any:
        """The function `name`, ready to be called."""
        space = {**BUILTINS, **self.constants, **constants}
        exec(compile(self.text, "<expression>", "exec"), space)
        return space[name]


@dataclass(slots=True)
class Writer:
    """Writes the statements of one function, and of those it needs."""

    names: Collection[str] = ()
    constants: dict[str, Any] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    finished: list[str] = field(default_factory=list)
    indent: int = 1
    known: dict[tuple[str, str], str] = field(default_factory=dict)
    """The variable that already holds a field of a variable."""
    objects: set[str] = field(default_factory=set)
    """Variables that are certain to hold a dict."""
    parts: dict[str, ValuePart] = field(default_factory=dict)
    """Variables that hold an object with slots, or null."""
    before: list[str] | None = None
    """The statements ahead of the loop that all others are within, where there is one: what is found by declared names alone."""
    ahead: set[str] = field(default_factory=set)
    """Variables that are set there."""
    count: int = 0
    scope_reads: int = 0

    def source(self, *last: str) -> Source:
        """All that was written, with `last` below it."""
        return Source("\n".join((*self.finished, *last, "")), self.constants)

    # the parts that statements are made of

    def name(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count}"

    def constant(self, value: Any) -> str:
        name = self.name("k")
        self.constants[name] = value
        return name

    def put(self, line: str) -> None:
        self.lines.append("    " * self.indent + line)

    def let(self, value: str) -> str:
        """A new variable that holds the value of a Python expression."""
        name = self.name("v")
        self.put(f"{name} = {value}")
        return name

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        self.put(head)
        known = self.known
        self.known = dict(known)
        self.indent += 1
        yield
        self.indent -= 1
        self.known = known

    def separate(self, node: Node, current: str, fresh: bool) -> tuple[str, bool]:
        """A function of its own that finds the node's value, and whether it reads declared names."""
        name = self.name("f")
        before = self.lines, self.indent, self.known, self.scope_reads, self.before
        self.lines, self.indent, self.known, self.scope_reads, self.before = [], 1, {}, 0, None
        self.put(f"return {self.visit(node, current, fresh)}")
        self.finished.append("\n".join((f"def {name}({current}, {SCOPE}):", *self.lines)))
        reads_scope = self.scope_reads > 0
        self.lines, self.indent, self.known, self.scope_reads, self.before = before
        self.scope_reads += reads_scope
        return name, reads_scope

    # nodes

    def visit(self, node: Node, current: str, fresh: bool = True) -> str:
        """Write what finds the node's value, and say which variable holds it.

        `fresh` says that the node starts an expression: there a declared name means itself. After a `.` or a `|` it is a
        field of what stands to the left.
        """
        kind = node["type"]
        if self.indent > DEEPEST and kind not in _LEAVES:
            return self.let(f"{self.separate(node, current, fresh)[0]}({current}, {SCOPE})")
        found: str = getattr(self, f"visit_{kind}")(node, current, fresh)
        return found

    def visit_current(self, node: Node, current: str, fresh: bool) -> str:
        return current

    visit_identity = visit_current

    def visit_literal(self, node: Node, current: str, fresh: bool) -> str:
        return self.constant(node["value"])

    def visit_field(self, node: Node, current: str, fresh: bool) -> str:
        name = node["value"]
        declared = fresh and name in self.names
        if declared:
            current = SCOPE
            self.scope_reads += 1
        if (current, name) not in self.known:
            if current in self.parts:
                self.known[current, name] = self._slot(current, name)
                return self.known[current, name]
            get = f"{current}.get({name!a})"
            if not declared and current not in self.objects:
                get += f" if type({current}) is dict else field({current}, {name!a})"
            self.known[current, name] = self._let_ahead(get) if declared or current in self.ahead else self.let(get)
        return self.known[current, name]

    def _let_ahead(self, value: str) -> str:
        """A new variable, ahead of the loop where there is one. What it holds is never a failure."""
        if self.before is None:
            return self.let(value)
        name = self.name("v")
        self.before.append(f"    {name} = {value}")
        self.ahead.add(name)
        return name

    def _slot(self, current: str, name: str) -> str:
        part = self.parts[current]
        found = self.let(f"{current}.{part.slot(name)}" + ("" if current == RECORD else f" if {current} is not None else None"))
        if part.fields[name].slotted:
            self.parts[found] = part.fields[name]
        return found

    def visit_subexpression(self, node: Node, current: str, fresh: bool) -> str:
        for child in node["children"]:
            current, fresh = self.visit(child, current, fresh), False
        return current

    visit_index_expression = visit_pipe = visit_subexpression

    def visit_index(self, node: Node, current: str, fresh: bool) -> str:
        place = node["value"]
        long_enough = f"len({current}) > {place}" if place >= 0 else f"len({current}) >= {-place}"
        return self.let(f"{current}[{place}] if isinstance({current}, list) and {long_enough} else None")

    def visit_slice(self, node: Node, current: str, fresh: bool) -> str:
        cut = ":".join("" if part is None else str(part) for part in node["children"])
        return self.let(f"{current}[{cut}] if isinstance({current}, list) else None")

    def visit_flatten(self, node: Node, current: str, fresh: bool) -> str:
        return self.let(f"flatten({self.visit(node['children'][0], current, fresh)})")

    def visit_projection(self, node: Node, current: str, fresh: bool) -> str:
        base, right = node["children"]
        return self._project(self.visit(base, current, fresh), "isinstance({}, list)", right)

    def visit_value_projection(self, node: Node, current: str, fresh: bool) -> str:
        base, right = node["children"]
        return self._project(self.let(f"members({self.visit(base, current, fresh)})"), "{} is not None", right)

    def visit_filter_projection(self, node: Node, current: str, fresh: bool) -> str:
        base, right, condition = node["children"]
        return self._project(self.visit(base, current, fresh), "isinstance({}, list)", right, condition)

    def _project(self, base: str, possible: str, right: Node, condition: Node | None = None) -> str:
        found, item = self.let("None"), self.name("i")
        with self.block(f"if {possible.format(base)}:"):
            self.put(f"{found} = []")
            with self.block(f"for {item} in {base}:"):
                if condition is not None:
                    self.put(f"if not {self._holds(condition, self.visit(condition, item))}: continue")
                value = self.visit(right, item, False)
                self.put(f"if {value} is not None: {found}.append({value})")
        return found

    def visit_multi_select_list(self, node: Node, current: str, fresh: bool) -> str:
        found = self.let("None")
        with self.block(f"if {current} is not None:"):
            self.put(f"{found} = [{', '.join([self.visit(child, current) for child in node['children']])}]")
        return found

    def visit_multi_select_dict(self, node: Node, current: str, fresh: bool) -> str:
        found = self.let("None")
        with self.block(f"if {current} is not None:"):
            pairs = [f"{child['value']!a}: {self.visit(child['children'][0], current)}" for child in node["children"]]
            self.put(f"{found} = {{{', '.join(pairs)}}}")
        return found

    def visit_or_expression(self, node: Node, current: str, fresh: bool) -> str:
        return self._choose(node, current, fresh, "if not {}:")

    def visit_and_expression(self, node: Node, current: str, fresh: bool) -> str:
        return self._choose(node, current, fresh, "if {}:")

    def _choose(self, node: Node, current: str, fresh: bool, head: str) -> str:
        left, right = node["children"]
        found = self.let(self.visit(left, current, fresh))
        with self.block(head.format(self._holds(left, found))):
            self.put(f"{found} = {self.visit(right, current)}")
        return found

    def visit_not_expression(self, node: Node, current: str, fresh: bool) -> str:
        value = self.visit(node["children"][0], current, fresh)
        if _is_boolean(node["children"][0]):
            return self.let(f"not {value}")
        return self.let(f"not {value} and ({value} is False or not isinstance({value}, Number))")

    def visit_comparator(self, node: Node, current: str, fresh: bool) -> str:
        left, right = node["children"]
        a, b = self.visit(left, current, fresh), self.visit(right, current)
        operator = _ORDER.get(node["value"])
        if operator:
            return self.let(f"{a} {operator} {b} if comparable({a}) and comparable({b}) else None")
        equal = _equal(a, b, left, right)
        return self.let(equal if node["value"] == "eq" else f"not ({equal})")

    def visit_function_expression(self, node: Node, current: str, fresh: bool) -> str:
        function = FUNCTIONS[node["value"]]
        tests, arguments = [], []
        for index, child in enumerate(node["children"]):
            parameter = function.signature[min(index, len(function.signature) - 1)]
            if parameter.prepare is not None:
                arguments.append(self.constant(parameter.prepare(child["value"])))
                continue
            argument = self.visit(child, current)
            arguments.append(argument)
            if parameter.type is not Type.ANY and child["type"] != "expref":
                tests.append(f"type({argument}) in {self.constant(parameter.type.classes)}")
        call = f"({', '.join(arguments)})"
        if any(parameter.items for parameter in function.signature):
            return self.let(self.constant(function.strict) + call)
        test = f" if {' and '.join(tests)} else {self.constant(function.strict)}{call}" if tests else ""
        return self.let(self.constant(function.call) + call + test)

    def visit_expref(self, node: Node, current: str, fresh: bool) -> str:
        name, reads_scope = self.separate(node["children"][0], self.name("i"), True)
        if reads_scope:
            return self.let(f"expref({name}, {SCOPE})")
        constant = self.name("k")
        self.finished.append(f"{constant} = expref({name}, None)")
        return constant

    def _holds(self, node: Node, value: str) -> str:
        """A Python expression for whether JMESPath takes the value for true."""
        return value if _is_boolean(node) else f"({value} or not is_false({value}))"


def _is_boolean(node: Node) -> bool:
    """Whether the node's value is always true, false or null, so that Python and JMESPath agree on what holds."""
    kind = node["type"]
    if kind in ("and_expression", "or_expression"):
        return all(map(_is_boolean, node["children"]))
    if kind == "function_expression":
        return FUNCTIONS[node["value"]].returns in Type.BOOLEAN | Type.NULL
    return kind in ("comparator", "not_expression")


def _equal(a: str, b: str, left: Node, right: Node) -> str:
    """A Python expression for whether two values are equal, where `true` is not `1`. A literal tells which test will do."""
    for literal, other, this in ((left, b, a), (right, a, b)):
        if literal["type"] == "literal":
            value = literal["value"]
            if value is None or isinstance(value, bool):
                return f"{other} is {value}"
            if isinstance(value, str):
                return f"{other} == {value!a}"
            if not (isinstance(value, (int, float)) and value in (0, 1)):
                return f"{other} == {this}"
            return f"{other} == {this} and not isinstance({other}, bool)"
    return f"{a} == {b} and isinstance({a}, bool) is isinstance({b}, bool)"
