"""Something is given a name, and nothing uses it.

A pager, a record, a budget, a saved value or the record of an outer walk that nobody reads is left over, or the place that should
read it has a slip.

Reported:

    pagers:
      numbered: {kind: page, param: page}    # L453
    capabilities:
      list_accounts:
        request: {get: /users}
        records: body.users
        record: {integration_specific_id: id}

Fine:

    pagers:
      numbered: {kind: page, param: page}
    capabilities:
      list_accounts:
        request: {get: /users}
        pages: numbered
        records: body.users
        record: {integration_specific_id: id}
"""

from __future__ import annotations

from collections.abc import Iterator

from ferrule.diagnostics import Code, Diagnostic, Span
from ferrule.lint.logic import reads
from ferrule.lint.sites import Described
from ferrule.lint.spots import templates
from ferrule.lint.subject import Subject
from ferrule.lint.written import readings

CODE = Code("L453", "unused-name", "warning")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Look at what is defined for the whole file, and at what each capability declares."""
    used: dict[str, list[object]] = {
        "pagers": [walk.spec.pages for operation in subject.operations for part in operation.parts for walk in part.walks],
        "records": [record for operation in subject.operations for record in _records(operation)],
        "budgets": ["default", *(request.spec.budget for request in subject.requests)],
    }
    spec = subject.spec
    for kind, defined in (("pagers", spec.pagers), ("records", spec.records), ("budgets", spec.http.budgets)):
        for name in defined:
            if name not in used[kind]:
                path = ("http", kind, name) if kind == "budgets" else (kind, name)
                yield Diagnostic(CODE, subject.key(*path), f"nothing uses `{name}` of `{kind}`", "use it, or remove it")
    for operation in subject.operations:
        yield from _declared(operation)


def _records(operation: Described) -> Iterator[object]:
    yield operation.site.spec.record
    yield from (part.spec.record for part in operation.parts)


def _declared(operation: Described) -> Iterator[Diagnostic]:
    names = _names(operation)
    if not names:
        return
    unread = names.keys() - {reading.path[0] for request in operation.requests for _, reading in request.readings}
    for record in operation.records:
        unread -= {reading.path[0] for text in templates(record.fields) for reading in readings(text)}
    for spot in operation.spots:
        if any(name in spot.text for name in unread):
            unread -= reads(spot.text, unread)
    for name, span in names.items():
        if name in unread:
            yield Diagnostic(CODE, span, f"nothing reads `{name}`", "read it, or remove it")


def _names(operation: Described) -> dict[str, Span]:
    """The names that a capability declares, and where."""
    origin = operation.site.origin
    names = {name: text.span for step in (*operation.prepare, *operation.steps) for name, text in step.spec.save.items()}
    for part in operation.parts:
        names |= {walk.name: walk.spec.value_at("as", otherwise=origin) for walk in part.walks if walk.name is not None}
        if part.spec.explode is not None:
            names[part.spec.explode.as_] = part.spec.explode.value_at("as", otherwise=origin)
    return names
