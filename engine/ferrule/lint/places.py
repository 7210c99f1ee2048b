"""Where a finding is shown, for what has no place of its own."""

from __future__ import annotations

from typing import Any

from ferrule.diagnostics import Span
from ferrule.lint.sites import RecordSite
from ferrule.source import Text
from ferrule.spec.record import MappedField, ValueField


def field_span(record: RecordSite, name: str) -> Span:
    """The place of a field of a record: of its value, or of its key where that has none; of the record without the field."""
    key = next((key for key in record.fields if key == name), None)
    return value_span(record.fields.get(name)) or (key.span if isinstance(key, Text) else record.origin)


def value_span(field: Any) -> Span | None:
    """The place of what a field is made of. Numbers, booleans and nulls have none."""
    if isinstance(field, Text):
        return field.span
    if isinstance(field, MappedField):
        return field.from_.span
    if isinstance(field, ValueField):
        return value_span(field.value)
    return next(filter(None, map(value_span, field.values())), None) if isinstance(field, dict) else None
