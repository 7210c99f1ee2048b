"""The entitlement types and resource types that records name, as far as the spec tells."""

from __future__ import annotations

from collections.abc import Iterator

from ferrule.lint.infer import infer
from ferrule.lint.known import ANYTHING, Known, either, one_of
from ferrule.lint.sites import RecordSite
from ferrule.lint.subject import Subject
from ferrule.lint.written import is_filled_in
from ferrule.source import Text
from ferrule.spec.record import MappedField, RecordField, ValueField


def given(record: RecordSite, name: str) -> Known:
    """What a field of a record can be."""
    return of_written(record, record.fields[name]) if name in record.fields else one_of([None])


def of_written(record: RecordSite, field: RecordField) -> Known:
    """What is made of a field as it is written."""
    if isinstance(field, Text):
        return infer(field, record.current, record.names)
    if isinstance(field, ValueField):
        return ANYTHING if isinstance(field.value, str) and is_filled_in(field.value) else one_of([field.value])
    if isinstance(field, MappedField):
        table = one_of(field.map.values())
        return either(table, one_of([field.else_])) if field.else_ is not None else table
    return ANYTHING if isinstance(field, dict) else one_of([field])


def words(known: Known) -> frozenset[str] | None:
    """The texts that a value may be; None where they are not known."""
    if known.values is None:
        return None
    return frozenset(value for value in known.values if isinstance(value, str) and value)


def listed(subject: Subject, field: str, capabilities: tuple[str, ...]) -> frozenset[str] | None:
    """The words of `field` in all records of these capabilities; None where they are not all known, or nothing lists them."""
    records = [record for record in subject.records if record.operation.name in capabilities and field in record.contract]
    found = [words(given(record, field)) for record in records]
    if not found or any(each is None for each in found):
        return None
    return frozenset(word for each in found for word in each or ())


def typed(subject: Subject, field: str) -> Iterator[tuple[RecordSite, frozenset[str]]]:
    """Every record whose `field` the spec writes out, with the words it may be."""
    for record in subject.records:
        found = words(given(record, field)) if field in record.fields else None
        if found:
            yield record, found
