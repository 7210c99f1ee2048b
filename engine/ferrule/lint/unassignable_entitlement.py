"""Entitlements are said to be assignable, and nothing assigns them.

Callers offer an assignable entitlement to people who ask for access.

Reported:

    entitlement_types: {role: {label: Role}}
    capabilities:
      list_entitlements:
        request: {get: /roles}
        records: body.roles
        record:
          entitlement_type: {value: role}
          integration_specific_id: id
          integration_specific_resource_id: {value: ""}
          label: name
          is_assignable: true    # L426

Fine:

    entitlement_types: {role: {label: Role}}
    capabilities:
      list_entitlements:
        request: {get: /roles}
        records: body.roles
        record:
          entitlement_type: {value: role}
          integration_specific_id: id
          integration_specific_resource_id: {value: ""}
          label: name
          is_assignable: false
"""

from __future__ import annotations

from collections.abc import Iterator

from ferrule.diagnostics import Code, Diagnostic
from ferrule.lint.kinds import given
from ferrule.lint.places import field_span
from ferrule.lint.subject import Subject

CODE = Code("L426", "unassignable-entitlement", "warning")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Look at entitlements that are always assignable."""
    if "assign_entitlement" in subject.spec.capabilities:
        return
    for record in subject.records:
        if record.operation.name == "list_entitlements" and given(record, "is_assignable").values == (True,):
            message = "the entitlement is said to be assignable, and there is no `assign_entitlement`"
            yield Diagnostic(CODE, field_span(record, "is_assignable"), message, "say `is_assignable: false`, or add the capability")
