"""`dedupe` takes different records for the same.

Its key must hold all fields by which the contract tells records apart. With fewer, of two records that differ in the others
only the first is given.

Reported:

    capabilities:
      find_entitlement_associations:
        request: {get: /members}
        records: body.members
        dedupe: account_id    # L434
        record: {account_id: user, integration_specific_entitlement_id: role, integration_specific_resource_id: team}

Fine:

    capabilities:
      find_entitlement_associations:
        request: {get: /members}
        records: body.members
        dedupe: "[account_id, integration_specific_entitlement_id, integration_specific_resource_id]"
        record: {account_id: user, integration_specific_entitlement_id: role, integration_specific_resource_id: team}
"""

from __future__ import annotations

from collections.abc import Iterator

from ferrule.diagnostics import Code, Diagnostic
from ferrule.lint.logic import reads
from ferrule.lint.subject import Subject
from ferrule.source import Text

CODE = Code("L434", "lossy-dedupe", "error")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Compare the key with the contract's."""
    for operation in subject.operations:
        dedupe = operation.site.spec.dedupe
        key = dedupe if isinstance(dedupe, Text) or dedupe is None else dedupe.key
        wanted = operation.site.capability.key
        if key is None or not wanted:
            continue
        found = reads(key, ())
        missing = [name for name in wanted if f"@.{name}" not in found]
        if missing and "@" not in found:
            message = f"records that differ in {', '.join(f'`{name}`' for name in missing)} count as the same"
            whole = ", ".join(wanted)
            yield Diagnostic(CODE, key.span, message, f"write `{whole if len(wanted) == 1 else f'[{whole}]'}`")
