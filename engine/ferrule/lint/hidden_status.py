"""An unknown status of an account is taken for a known one.

With `else:` a state that the vendor adds next year is shown as if it were known, and nobody notices. Without it the engine
stops with an error that names the new state.

Reported:

    capabilities:
      list_accounts:
        request: {get: /users}
        records: body.users
        record:
          integration_specific_id: id
          user_status: {from: state, map: {suspended: SUSPENDED}, else: ACTIVE}    # L410

Fine:

    capabilities:
      list_accounts:
        request: {get: /users}
        records: body.users
        record:
          integration_specific_id: id
          user_status: {from: state, map: {suspended: SUSPENDED, active: ACTIVE}}
"""

from __future__ import annotations

from collections.abc import Iterator

from ferrule.diagnostics import Code, Diagnostic
from ferrule.lint.subject import Subject
from ferrule.source import Text
from ferrule.spec.record import MappedField

CODE = Code("L410", "hidden-status", "warning")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Look at the states of accounts."""
    for record in subject.records:
        field = record.fields.get("user_status")
        if isinstance(field, MappedField) and field.else_ is not None:
            span = field.else_.span if isinstance(field.else_, Text) else field.from_.span
            yield Diagnostic(CODE, span, f"any state that `map` lacks is taken for {field.else_}", "name every state under `map:`")
