"""Expressions over answers and records, compiled once to plain Python functions.

The language is JMESPath, with the functions of `ferrule.functions` and with declared names: `team.id` reads the value
that the caller declared as `team`. A declared name means itself wherever it starts an expression, inside filters and
multiselects too. Directly right of a `.` or a `|` a name is a field of what stands to the left, so `@.team` is always
the field of the current value.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NoReturn

from jmespath.exceptions import JMESPathTypeError

from ferrule.expressions.lazy import Find, Lazy
from ferrule.expressions.parse import ExpressionError, Node, depth, parse, too_deep, tree_of
from ferrule.expressions.reads import Names, names_in
from ferrule.expressions.writer import RECORD, SCOPE, Writer
from ferrule.source import Text

SHALLOW = 20
"""An expression with no more nodes within one another is certain to be written without a `RecursionError`, so it can wait."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression. Its results may share structure with the values it reads: they are not to be changed."""

    text: Text
    find: Find = field(repr=False, compare=False)
    """`find(current, scope)`: the value found in `current`, where `scope` holds the declared names; one that is absent
    there is null. Raises `ExpressionFailure`."""
    reads: frozenset[str]
    """Names read at the root: declared names, and fields of the value it is applied to."""
    names: frozenset[str]
    """Those of `reads` that are declared names."""
    parsed: Node = field(repr=False, compare=False)
    """The tree as the `jmespath` package gives it."""

    @property
    def paths(self) -> frozenset[tuple[str, str]]:
        """`a.b` for each place where a field is read below a field."""
        return _judged(str(self.text))[1].paths


class ExpressionFailure(Exception):
    """A value on which an expression cannot be evaluated. `expression` is its text, with its place in the spec."""

    def __init__(self, message: str, expression: Text) -> None:
        super().__init__(f"{message}, in `{expression}`")
        self.message = message
        self.expression = expression


FAILURES = (ArithmeticError, RecursionError, TypeError, ValueError)
"""What functions and comparisons raise for values that do not fit; `JMESPathError` is a `ValueError`."""


def compile_expression(text: Text, names: Collection[str] = (), hidden: Collection[str] = ()) -> Expression:
    """The expression written as `text`, where `names` are declared, but for those that are `hidden`. Raises `ExpressionError`
    with every slip in it."""
    try:
        tree, read, can_wait = _judged(str(text))
    except ExpressionError:
        parse(text)  # raises the same, at its place in the file
        raise
    used = read.first.intersection(names)
    if used:
        used = used.difference(hidden)
    find: Find = Lazy(_written, text, tree, used)
    if not can_wait:
        try:
            find = _written(text, tree, used)
        except RecursionError as error:
            raise too_deep(text) from error
    return Expression(text, find, read.of_root | used, used, tree)


@lru_cache(maxsize=8192)
def _judged(source: str) -> tuple[Node, Names, bool]:
    """The tree of an expression, the names in it, and whether the function that finds its value can wait until it is called."""
    tree = tree_of(source)
    return tree, names_in(tree), depth(tree) <= SHALLOW


def _written(text: Text, tree: Node, names: frozenset[str]) -> Find:
    """The function that finds the expression's value."""
    writer = Writer(names, indent=2)
    value = writer.visit(tree, RECORD)
    source = writer.source(
        f"def find({RECORD}, {SCOPE}):",
        "    try:",
        *writer.lines,
        f"        return {value}",
        "    except failures as error: fail(error)",
    )

    def fail(error: Exception) -> NoReturn:
        raise ExpressionFailure(_words(error), text) from error

    find: Find = source.load("find", fail=fail, failures=FAILURES)
    return find


def _words(error: Exception) -> str:
    """What went wrong, without the value itself: it may be long, or private."""
    if isinstance(error, JMESPathTypeError):
        expected = " or ".join(str(word).replace("-", " of ") for word in error.expected_types)
        return f"`{error.function_name}` takes {expected}, not {error.actual_type}"
    return "the values are nested too deeply" if isinstance(error, RecursionError) else str(error) or type(error).__name__
