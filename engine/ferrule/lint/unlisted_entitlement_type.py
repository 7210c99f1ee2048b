"""An entitlement type is declared, and no entitlement is of that type.

People see the types that `info` declares. One without entitlements can be neither held nor given: it is left over, or the list
forgets it.

Reported:

    entitlement_types:
      role: {label: Role}
      licence: {label: Licence}    # L405
    capabilities:
      list_entitlements:
        rows: [{id: admin, label: Administrator}]
        record:
          entitlement_type: {value: role}
          integration_specific_id: id
          integration_specific_resource_id: {value: ""}
          label: label

Fine:

    entitlement_types:
      role: {label: Role}
    capabilities:
      list_entitlements:
        rows: [{id: admin, label: Administrator}]
        record:
          entitlement_type: {value: role}
          integration_specific_id: id
          integration_specific_resource_id: {value: ""}
          label: label
"""

from __future__ import annotations

from collections.abc import Iterator

from ferrule.diagnostics import Code, Diagnostic
from ferrule.lint.kinds import listed
from ferrule.lint.subject import Subject

CODE = Code("L405", "unlisted-entitlement-type", "warning")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Compare the types with those of `list_entitlements`, where all of those are known."""
    found = listed(subject, "entitlement_type", ("list_entitlements",))
    for name in subject.spec.entitlement_types if found is not None else ():
        if name not in (found or ()):
            message = f"`list_entitlements` lists no entitlement of the type `{name}`"
            yield Diagnostic(CODE, subject.key("entitlement_types", name), message, "list them, or remove the type")
