"""Compiles `record:`: the function that makes a row of the contract from a record of the app."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ferrule.compile.compiler import SpecCompiler
from ferrule.contract.fields import FieldInfo
from ferrule.diagnostics import Code, Span, did_you_mean
from ferrule.errors import UnexpectedAnswer
from ferrule.expressions import OfScope, RowField, Translation, present, texts
from ferrule.plan import Row
from ferrule.request import ABSENT, Constant, leaf
from ferrule.source import Scalar, Series, Table, Text, key_text
from ferrule.spec.record import MappedField, RecordField, RecordFields, ValueField

UNKNOWN_FIELD = Code("C330", "unknown-field")
MISSING_FIELD = Code("C331", "missing-field")
WRONG_CONSTANT = Code("C332", "wrong-constant")


def compile_record(
    fields: RecordFields,
    known: Mapping[str, FieldInfo],
    compiler: SpecCompiler,
    origin: Span,
    given: Mapping[str, OfScope] | None = None,
    *,
    open_: bool = False,
) -> Row:
    """The row function for `fields`. `known` are the contract's fields; `given` makes those that a capability fills by
    itself; where `open_`, or with no known field at all, any name goes. `origin` is where a field that is missing should be."""
    made: dict[str, RowField] = {name: make for name, make in (given or {}).items() if name not in fields}
    for name, field in fields.items():
        info = known.get(name)
        if info is None and known and not open_:
            hint = did_you_mean(name, known) or f"the fields are {', '.join(known)}"
            compiler.report(UNKNOWN_FIELD, _key_span(name, origin), f"the contract has no field `{name}` here", hint)
            continue
        made[name] = _field(name, field, info, compiler, _key_span(name, origin))
    absent = [n for n, info in known.items() if info.required and n not in fields and n not in (given or {})]
    if absent:
        compiler.report(
            MISSING_FIELD, origin, f"the contract needs {', '.join(f'`{n}`' for n in absent)}", f"add `{absent[0]}:` under `record:`"
        )
    return compiler.row(made)


def _key_span(name: str, origin: Span) -> Span:
    return name.span if isinstance(name, Text) else origin


def _span(field: RecordField, origin: Span) -> Span:
    """Where a field is described, as near as is known."""
    written = field.from_ if isinstance(field, MappedField) else field.value if isinstance(field, ValueField) else field
    return written.span if isinstance(written, Text) else origin


def _field(name: str, field: RecordField, info: FieldInfo | None, compiler: SpecCompiler, origin: Span) -> RowField:
    if isinstance(field, str):
        expression = compiler.record_expression(field if isinstance(field, Text) else Text(field))
        return (expression, texts) if _is_text_map(info) else expression
    if isinstance(field, MappedField):
        return _mapped(name, field, info, compiler, origin)
    if isinstance(field, ValueField):
        _check(name, field.value, info, compiler, _span(field, origin))
        build = leaf(field.value, compiler)
        if isinstance(build, Constant) and not isinstance(build.value, (dict, list)):
            return build.value  # type: ignore[no-any-return]
        return OfScope(lambda scope: None if (value := build(scope)) is ABSENT else value)
    if isinstance(field, dict) and info is not None and info.kind not in ("map", "model", "union", "any"):
        hint = "write `{from: …, map: …}` to translate a value, `{value: …}` for a constant"
        compiler.report(WRONG_CONSTANT, origin, f"`{name}` cannot be a mapping of fields", hint)
        return None
    if isinstance(field, dict):
        return _nested(field, info, compiler, origin)
    _check(name, field, info, compiler, origin)
    return field


def _is_text_map(info: FieldInfo | None) -> bool:
    return info is not None and info.kind == "map" and info.item is not None and info.item.kind == "text"


def _nested(field: RecordFields, info: FieldInfo | None, compiler: SpecCompiler, origin: Span) -> RowField:
    row = compile_record(field, info.fields if info else {}, compiler, origin)
    if _is_text_map(info):
        return row, texts
    if info is not None and info.kind == "map":
        return row, present
    return row


def _mapped(name: str, field: MappedField, info: FieldInfo | None, compiler: SpecCompiler, origin: Span) -> RowField:
    expression = compiler.record_expression(field.from_)
    table = {_key(k): v for k, v in field.map.items()}
    for key, value in [*field.map.items(), *([(None, field.else_)] if field.else_ is not None else [])]:
        if value is not None:
            _check(name, value, info, compiler, value.span if isinstance(value, Text) else getattr(key, "span", origin))
    strict = "else_" not in field.model_fields_set
    other = field.else_

    def translate(value: Any) -> Any:
        try:
            return table[value if type(value) is str else _key(value)]
        except (KeyError, TypeError):
            if value is None:
                return None if strict else other
            if strict:
                message = f"`{name}` has no value for `{value}`"
                raise UnexpectedAnswer(message, origin=field.from_.span, hint="add it to `map:`, or say `else:`") from None
            return other

    return expression, Translation({key: value for key, value in table.items() if isinstance(key, str)}, translate)


def _key(value: Any) -> Any:
    """A table key that keeps `true`, `1` and `'1'` apart."""
    value = value.value if isinstance(value, Scalar) else value
    return str(value) if isinstance(value, str) else (type(value).__name__, value)


def _check(name: str, value: Any, info: FieldInfo | None, compiler: SpecCompiler, span: Span) -> None:
    """A constant must be one that the contract's field can hold."""
    if info is None or (isinstance(value, str) and "{" in value):
        return
    if value is None:
        if info.required and not info.nullable:
            compiler.report(WRONG_CONSTANT, span, f"`{name}` must not be null")
        return
    if info.kind == "enum":
        if value not in info.values:
            hint = did_you_mean(str(value), info.values) or f"it is one of {', '.join(info.values)}"
            compiler.report(WRONG_CONSTANT, span, f"`{name}` cannot be {_shown(value)}", hint)
    elif info.kind in _HELD and type(value) not in _HELD[info.kind][1]:
        compiler.report(WRONG_CONSTANT, span, f"`{name}` must be {_HELD[info.kind][0]}, not {_shown(value)}")


_HELD: dict[str, tuple[str, tuple[type, ...]]] = {
    "text": ("text", (str, Text, int)),  # the contract writes an integer out
    "secret": ("text", (str, Text, int)),
    "datetime": ("a date or date-time in ISO 8601", (str, Text)),
    "integer": ("a whole number", (int,)),
    "number": ("a number", (int, float)),
    "boolean": ("true or false", (bool,)),
    "list": ("a list", (list, Series)),
    "map": ("a mapping", (dict, Table)),
    "model": ("a mapping", (dict, Table)),
}
"""What a field of the contract can hold, by its kind: in words, and as types."""


def _shown(value: Any) -> str:
    return "a mapping" if isinstance(value, dict) else "a list" if isinstance(value, list) else f"`{key_text(value)}`"


def field_spans(fields: RecordFields, origin: Span) -> dict[str, Span]:
    """Where each field is described, for messages about a value that does not fit."""
    return {str(name): _span(field, _key_span(name, origin)) for name, field in fields.items()}
