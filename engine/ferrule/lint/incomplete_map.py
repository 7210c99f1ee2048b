"""A `map` lacks a value that comes, or has one that never does.

Where the expression under `from` tells all its values, the table can be held against them. A value without an entry is an error
at run time; an entry that nothing matches is usually text where a boolean or a number comes.

Reported:

    capabilities:
      list_accounts:
        request: {get: /users}
        records: body.users
        record:
          integration_specific_id: id
          user_status: {from: "state == 'on'", map: {true: ACTIVE}}    # L409

Fine:

    capabilities:
      list_accounts:
        request: {get: /users}
        records: body.users
        record:
          integration_specific_id: id
          user_status: {from: "state == 'on'", map: {true: ACTIVE, false: SUSPENDED}}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ferrule.diagnostics import Code, Diagnostic
from ferrule.functions import Type, type_of
from ferrule.lint.infer import infer
from ferrule.lint.known import Known, is_empty
from ferrule.lint.sites import RecordSite
from ferrule.lint.subject import Subject
from ferrule.source import Scalar, Text
from ferrule.spec.record import MappedField

CODE = Code("L409", "incomplete-map", "error")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Look at every translated field."""
    for record in subject.records:
        for name, field in _mapped(record.fields):
            yield from _table(name, field, infer(field.from_, record.current, record.names), record)


def _mapped(fields: Mapping[str, Any]) -> Iterator[tuple[str, MappedField]]:
    for name, field in fields.items():
        if isinstance(field, MappedField):
            yield name, field
        elif isinstance(field, dict):
            yield from _mapped(field)


def _table(name: str, field: MappedField, known: Known, record: RecordSite) -> Iterator[Diagnostic]:
    keys = {_form(key.value if isinstance(key, Scalar) else key): key for key in field.map}
    for form, key in keys.items():
        value = key.value if isinstance(key, Scalar) else str(key)
        if not _possible(value, known):
            span = key.span if isinstance(key, (Scalar, Text)) else field.from_.span
            yield Diagnostic(CODE, span, f"`{name}` never gets `{key}`: `{field.from_}` gives {known}", _hint(form, known))
    if "else_" not in field.model_fields_set:
        for value in known.values or ():
            if _surely(value, known) and _form(value) not in keys:
                word = str(value).lower() if isinstance(value, bool) else value
                yield Diagnostic(CODE, field.from_.span, f"`{name}` has no value for `{word}`", "add it to `map:`, or say `else:`")


def _possible(value: Any, known: Known) -> bool:
    if known.values is not None:
        return any(_form(value) == _form(other) for other in known.values)
    return bool((type_of(value) or Type(0)) & known.types)


def _surely(value: Any, known: Known) -> bool:
    """A value that comes for certain. An empty one may only stand for what `&&` does not say."""
    return not is_empty(value) or (value is False and known.types == Type.BOOLEAN)


def _form(value: Any) -> tuple[str, Any]:
    return ("str", str(value)) if isinstance(value, str) else (type(value).__name__, value)


def _hint(form: tuple[str, Any], known: Known) -> str | None:
    if form[0] == "str" and form[1] in ("true", "false") and known.types & Type.BOOLEAN:
        return f"write `{form[1]}` without quotes"
    return None
