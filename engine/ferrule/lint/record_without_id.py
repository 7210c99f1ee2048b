"""The id of a record says nothing of the record.

Callers tell records apart by their ids. Where every record of a list gets the same one, a constant or a value of the walk
around it, all but one of them are lost on the way.

Reported:

    capabilities:
      list_resources:
        each: {as: team, request: {get: /teams}, records: body.teams}
        request: {get: "/teams/{{ team.id }}/boards"}
        records: body.boards
        record: {integration_specific_id: team.id, label: name, resource_type: {value: board}}    # L401

Fine:

    capabilities:
      list_resources:
        each: {as: team, request: {get: /teams}, records: body.teams}
        request: {get: "/teams/{{ team.id }}/boards"}
        records: body.boards
        record: {integration_specific_id: id, label: name, resource_type: {value: board}}
"""

from __future__ import annotations

from collections.abc import Iterator

from ferrule.diagnostics import Code, Diagnostic
from ferrule.lint.logic import reads
from ferrule.lint.places import field_span
from ferrule.lint.sites import PartSite
from ferrule.lint.spots import fields
from ferrule.lint.subject import Subject
from ferrule.lint.written import readings
from ferrule.source import Text
from ferrule.spec.record import ValueField

CODE = Code("L401", "record-without-id", "error")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Look at the fields by which the contract tells records apart."""
    for operation in subject.operations:
        for part in operation.parts:
            key = [name for name in operation.site.capability.key if name in part.record.fields]
            if not key or (part.walks[-1].is_single and part.spec.explode is None):
                continue
            if not any(_varies(part.record.fields[name], part) for name in key):
                source = f"`{part.spec.explode.as_}`, the item of the list" if part.spec.explode else "the record"
                message = f"every record gets the same {' and '.join(f'`{name}`' for name in key)}"
                yield Diagnostic(CODE, field_span(part.record, key[0]), message, f"read it from {source}")


def _varies(field: object, part: PartSite) -> bool:
    """Whether a field is read from the record, or from the item of the list within it."""
    inner = part.spec.explode.as_ if part.spec.explode else "@"
    if isinstance(field, ValueField):
        found = {reading.path[0] for reading in readings(str(field.value))} if isinstance(field.value, Text) else set()
    else:
        found = {name.partition(".")[0] for _, text in fields(field) for name in reads(text, part.names)}
    return inner in found
