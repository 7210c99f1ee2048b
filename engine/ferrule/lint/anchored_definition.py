"""An anchor stands where a name would do.

Records and paginations that several capabilities share have places of their own, `records:` and `pagers:`. A name says what it
is, is found by everybody who looks there, and shows in messages.

Reported:

    capabilities:
      list_accounts:
        request: {get: /users}
        records: body.users
        record: &account {integration_specific_id: id, email: email}    # L458
      get_account:
        request: {get: "/users/{{ inputs.account_id }}"}
        record: *account

Fine:

    records:
      account: {integration_specific_id: id, email: email}
    capabilities:
      list_accounts:
        request: {get: /users}
        records: body.users
        record: account
      get_account:
        request: {get: "/users/{{ inputs.account_id }}"}
        record: account
"""

from __future__ import annotations

from collections.abc import Iterator

from ferrule.diagnostics import Code, Diagnostic, Span
from ferrule.lint.subject import Subject
from ferrule.source import Table

CODE = Code("L458", "anchored-definition", "warning")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Look for records and paginations that stand in two places and were written in one."""
    seen: dict[Span, tuple[str, str]] = {}
    for operation in subject.operations:
        for key, table, place in _inline(subject, operation.site.name):
            first = seen.setdefault(table.span, (place, key))
            if first[0] != place:
                home = {"record": "records", "pages": "pagers"}[key]
                yield Diagnostic(CODE, table.span, f"this `{key}` is used in several places by an anchor", f"define it under `{home}:`")


def _inline(subject: Subject, capability: str) -> Iterator[tuple[str, Table, str]]:
    found = subject.at("capabilities", capability)
    parts = found.get("parts") if isinstance(found, dict) else None
    for place, part in enumerate([found, *(parts if isinstance(parts, list) else [])]):
        for key in ("record", "pages"):
            if isinstance(part, dict) and isinstance(part.get(key), Table):
                yield key, part[key], f"{capability}.{place}"
