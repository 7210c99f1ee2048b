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
from typing import Any

from ferrule.diagnostics import Code, Diagnostic, Span
from ferrule.lint.subject import Subject
from ferrule.source import Table

CODE = Code("L458", "anchored-definition", "warning")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Look for records and paginations that stand in two places and were written in one."""
    seen: set[Span] = set()
    for operation in subject.at("capabilities").values():
        for key, table in _inline(operation):
            if table.span in seen:
                home = {"record": "records", "pages": "pagers"}[key]
                yield Diagnostic(CODE, table.span, f"this `{key}` is used in several places by an anchor", f"define it under `{home}:`")
            seen.add(table.span)


def _inline(operation: Any) -> Iterator[tuple[str, Table]]:
    """The records and paginations of a capability, of its parts and of the levels of its fan-outs."""
    if not isinstance(operation, dict):
        return
    for key in ("record", "pages"):
        if isinstance(operation.get(key), Table):
            yield key, operation[key]
    for key in ("parts", "each"):
        inner = operation.get(key)
        for item in inner if isinstance(inner, list) else [inner]:
            yield from _inline(item)
