"""Accounts can be deactivated, and the list shows all of them as active.

Whoever deactivates an account looks for it in the list afterwards. Where the list says nothing of an account's state, or always
the same, it will look as if nothing had happened.

Reported:

    capabilities:
      list_accounts:
        request: {get: /users}
        records: body.users
        record: {integration_specific_id: id, user_status: {value: ACTIVE}}    # L411
      deactivate_account:
        request: {post: "/users/{{ inputs.account_id }}/lock"}

Fine:

    capabilities:
      list_accounts:
        request: {get: /users}
        records: body.users
        record: {integration_specific_id: id, user_status: {from: locked, map: {true: SUSPENDED, false: ACTIVE}}}
      deactivate_account:
        request: {post: "/users/{{ inputs.account_id }}/lock"}
"""

from __future__ import annotations

from collections.abc import Iterator

from ferrule.diagnostics import Code, Diagnostic
from ferrule.lint.kinds import given, words
from ferrule.lint.places import field_span
from ferrule.lint.subject import Subject

CODE = Code("L411", "status-never-changes", "warning")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Compare the writes with the states that `list_accounts` shows."""
    if "deactivate_account" not in subject.spec.capabilities:
        return
    for record in subject.records:
        if record.operation.name == "list_accounts":
            shown = words(given(record, "user_status"))
            if shown is not None and shown <= {"ACTIVE"}:
                message = "`deactivate_account` makes accounts unusable, and " + (
                    "all of them show as ACTIVE" if shown else "they show no `user_status`"
                )
                yield Diagnostic(CODE, field_span(record, "user_status"), message, "read the state from the record")
