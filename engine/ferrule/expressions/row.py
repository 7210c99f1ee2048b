"""Many expressions over one record, as one function that looks up shared parts once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ferrule.expressions.expression import Expression
from ferrule.expressions.lazy import Find, Lazy, ready
from ferrule.expressions.part import ValuePart
from ferrule.expressions.writer import RECORD, SCOPE, Writer

Constant = None | bool | int | float | str | list[Any] | dict[str, Any]
Row = Callable[[Any, Mapping[str, Any]], dict[str, Any]]
Rows = Callable[[Any, Mapping[str, Any]], list[dict[str, Any]]]
"""A function of a list of records and the declared names."""


@dataclass(frozen=True, slots=True)
class OfScope:
    """A field that reads the declared names and nothing of the record."""

    make: Callable[[Mapping[str, Any]], Any]

    def __call__(self, record: Any, scope: Mapping[str, Any]) -> Any:
        return self.make(scope)


@dataclass(frozen=True, slots=True)
class Translation:
    """What is made of a value by a table. `texts` is the table for values that are text; `make` knows all others, and what is
    not in it."""

    texts: Mapping[str, Any]
    make: Callable[[Any], Any]

    def __call__(self, value: Any) -> Any:
        return self.make(value)


class FieldsRow(Lazy):
    """A row that knows what it is made of: within another row it is written in place."""

    __slots__ = ("fields",)

    def __init__(self, fields: Mapping[str, RowField]) -> None:
        super().__init__(_written, fields)
        self.fields = fields


RowField = Expression | tuple[Expression | Row, Callable[[Any], Any]] | OfScope | Find | Constant
"""An expression, or a row within the row; one of them and what is made of its value; a function of record and scope; or a value
as it is."""


def compile_row(fields: Mapping[str, RowField]) -> Row:
    """The function that makes a row from a record and the declared names: every field, null where the record has nothing.

    It finds what `find` of each expression would, several times faster for the usual fields. Functions given must be
    pure: when one raises, or an expression fails, the fields are found again one by one, so that the failure names the
    expression it belongs to.
    """
    return FieldsRow(fields)


def slotted_rows(fields: Mapping[str, RowField], part: ValuePart) -> Rows:
    """The function that makes the same rows of records that come in slots. It raises whatever comes up: a record in full then
    tells what it is."""
    return Lazy(_written_slotted, fields, part)


def present(values: dict[str, Any]) -> dict[str, Any]:
    """The values without those that are null."""
    return {key: value for key, value in values.items() if value is not None}


def texts(values: Any) -> Any:
    """A map of text: numbers in decimal, booleans as JSON writes them, nulls left out. What has no text form stays, and
    the contract's model refuses it."""
    if not isinstance(values, dict):
        return values
    return {key: value if type(value) is str else _text(value) for key, value in values.items() if value is not None}


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else value


def _written(fields: Mapping[str, RowField]) -> Row:
    writer = Writer(indent=2, objects={RECORD})
    made = _write_fields(fields, writer)
    source = writer.source(
        f"def row({RECORD}, {SCOPE}):",
        "    try:",
        *writer.lines,
        f"        return {made}",
        "    except Exception: pass",
        f"    return one_by_one({RECORD}, {SCOPE})",
    )
    row: Row = source.load("row", one_by_one=one_by_one(fields), Exception=Exception)
    return row


def _written_slotted(fields: Mapping[str, RowField], part: ValuePart) -> Rows:
    writer = Writer(indent=2, parts={RECORD: part}, before=[])
    made = _write_fields(fields, writer)
    source = writer.source(
        f"def rows(records, {SCOPE}):",
        "    found = []",
        *(writer.before or ()),
        f"    for {RECORD} in records:",
        *writer.lines,
        f"        found.append({made})",
        "    return found",
    )
    rows: Rows = source.load("rows")
    return rows


def one_by_one(fields: Mapping[str, RowField]) -> Row:
    """The same function, but each expression is found by its own `find`: slower, and it can be watched."""
    finds = {str(name): _find(field) for name, field in fields.items()}
    return lambda record, scope: {name: find(record, scope) for name, find in finds.items()}


def _write_fields(fields: Mapping[str, RowField], writer: Writer) -> str:
    return f"{{{', '.join([f'{name!a}: {_write(field, writer)}' for name, field in fields.items()])}}}"


def _write(field: RowField, writer: Writer) -> str:
    """Write what makes a field, and give the Python expression of its value."""
    if isinstance(field, Expression):
        writer.names = field.names
        return writer.visit(field.parsed, RECORD)
    if isinstance(field, FieldsRow):
        return _write_fields(field.fields, writer)
    if isinstance(field, tuple):
        of, make = field
        if make in (texts, present) and isinstance(of, FieldsRow):
            return _write_map(of.fields, make, writer)
        value = _variable(_write(of, writer), writer)
        made = f"{writer.constant(make)}({value})"
        if isinstance(make, Translation):
            return f"(type({value}) is str and {writer.constant(make.texts)}.get({value}) or {made})"
        return made
    if callable(field):
        return f"{writer.constant(ready(field))}({RECORD}, {SCOPE})"
    return writer.constant(field)


def _write_map(fields: Mapping[str, RowField], make: Callable[[Any], Any], writer: Writer) -> str:
    """A map of text, or one without nulls. Most records have a text, or something, for all of it, and need no further look."""
    values = [_variable(_write(field, writer), writer) for field in fields.values()]
    pairs = "{" + ", ".join(f"{name!a}: {value}" for name, value in zip(fields, values, strict=True)) + "}"
    usual = [f"type({value}) is str" if make is texts else f"{value} is not None" for value in values]
    return f"({pairs} if {' and '.join(usual) or 'not None'} else {writer.constant(make)}({pairs}))"


def _variable(value: str, writer: Writer) -> str:
    return value if value.isidentifier() else writer.let(value)


def _find(field: RowField) -> Find:
    if isinstance(field, Expression):
        return field.find
    if isinstance(field, tuple):
        find, make = _find(field[0]), field[1]
        return lambda record, scope: make(find(record, scope))
    return field if callable(field) else lambda record, scope: field
