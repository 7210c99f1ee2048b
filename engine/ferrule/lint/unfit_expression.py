"""An expression cannot give what is wanted of it.

Where the functions and literals of an expression tell what it gives, that is held against what the contract's field, or the
key of the spec, can take. What comes from the app may be anything and is never reported.

Reported:

    capabilities:
      list_accounts:
        request: {get: /users}
        records: body.users
        record:
          integration_specific_id: id
          email: split(emails, ',')    # L408
          user_status: "blocked && 'BLOCKED' || 'ACTIVE'"    # L408

Fine:

    capabilities:
      list_accounts:
        request: {get: /users}
        records: body.users
        record:
          integration_specific_id: id
          email: "split(emails, ',')[0]"
          user_status: "blocked && 'SUSPENDED' || 'ACTIVE'"
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ferrule.contract.fields import FieldInfo
from ferrule.diagnostics import Code, Diagnostic
from ferrule.functions import Type
from ferrule.lint.infer import infer
from ferrule.lint.known import Known
from ferrule.lint.misfits import misfit
from ferrule.lint.sites import RecordSite
from ferrule.lint.subject import Subject
from ferrule.source import Text

CODE = Code("L408", "unfit-expression", "error")

LISTS = frozenset({"records", "values", "list"})


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Look at the fields of records, at what must be a list, and at what can never be evaluated."""
    for spot in subject.spots:
        gives = spot.gives
        if not gives.types and not spot.predicate:
            yield Diagnostic(CODE, spot.text.span, f"`{_short(spot.text)}` always fails", "a function here is given what it cannot take")
        elif spot.use in LISTS and not gives.types & Type.ARRAY:
            yield Diagnostic(CODE, spot.text.span, f"`{spot.use}` is a list, and this gives {gives}", _list_hint(gives))
    for record in subject.records:
        yield from _fields(record, record.fields, record.contract)


def _fields(
    record: RecordSite, written: Mapping[str, Any], contract: Mapping[str, FieldInfo], in_map: bool = False
) -> Iterator[Diagnostic]:
    for name, field in written.items():
        info = contract.get(name)
        if isinstance(field, Text) and info is not None:
            gives = infer(field, record.current, record.names)
            slip = misfit(gives, info, in_map=in_map) if gives.types else None
            if slip is not None:
                yield Diagnostic(CODE, field.span, f"`{name}` {slip}")
        elif isinstance(field, dict) and info is not None:
            is_map = info.kind == "map"
            yield from _fields(record, field, dict.fromkeys(field, info.item) if is_map and info.item else info.fields, is_map)


def _list_hint(gives: Known) -> str | None:
    return "for its members write `values(…)` or `entries(…)`" if gives.types == Type.OBJECT else None


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}…"
