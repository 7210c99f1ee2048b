"""Many expressions over one record, as one function that looks up shared parts once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ferrule.expressions.expression import Expression
from ferrule.expressions.lazy import Find, Lazy, ready
from ferrule.expressions.writer import RECORD, SCOPE, Writer

Constant = None | bool | int | float | str | list[Any] | dict[str, Any]
RowField = Expression | tuple[Expression, Callable[[Any], Any]] | Find | Constant
"""An expression; an expression and what is made of its value; a function of record and scope; or a value as it is."""

Row = Callable[[Any, Mapping[str, Any]], dict[str, Any]]


def compile_row(fields: Mapping[str, RowField]) -> Row:
    """The function that makes a row from a record and the declared names: every field, null where the record has nothing.

    It finds what `find` of each expression would, several times faster for the usual fields. Functions given must be
    pure: when one raises, or an expression fails, the fields are found again one by one, so that the failure names the
    expression it belongs to.
    """
    return Lazy(lambda: _written(fields))


def _written(fields: Mapping[str, RowField]) -> Row:
    writer = Writer(indent=2, objects={RECORD})
    pairs = ", ".join([f"{name!a}: {_write(field, writer)}" for name, field in fields.items()])
    source = writer.source(
        f"def row({RECORD}, {SCOPE}):",
        "    try:",
        *writer.lines,
        f"        return {{{pairs}}}",
        "    except Exception: pass",
        f"    return one_by_one({RECORD}, {SCOPE})",
    )
    row: Row = source.load("row", one_by_one=one_by_one(fields), Exception=Exception)
    return row


def one_by_one(fields: Mapping[str, RowField]) -> Row:
    """The same function, but each expression is found by its own `find`: slower, and it can be watched."""
    finds = {str(name): _find(field) for name, field in fields.items()}
    return lambda record, scope: {name: find(record, scope) for name, find in finds.items()}


def _write(field: RowField, writer: Writer) -> str:
    """Write what makes a field, and give the Python expression of its value."""
    if isinstance(field, Expression):
        writer.names = field.names
        return writer.visit(field.parsed, RECORD)
    if isinstance(field, tuple):
        expression, make = field
        return f"{writer.constant(make)}({_write(expression, writer)})"
    if callable(field):
        return f"{writer.constant(ready(field))}({RECORD}, {SCOPE})"
    return writer.constant(field)


def _find(field: RowField) -> Find:
    if isinstance(field, Expression):
        return field.find
    if isinstance(field, tuple):
        expression, make = field
        return lambda record, scope: make(expression.find(record, scope))
    return field if callable(field) else lambda record, scope: field
