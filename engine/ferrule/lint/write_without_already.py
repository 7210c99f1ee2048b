"""A write cannot tell that there was nothing to do.

`already` recognises the app that is in the wanted state: the call succeeds and says that nothing was changed. Without it, asking
twice is an error, or is told as a change that never was.

Reported:

    capabilities:
      unassign_entitlement:    # L422
        request: {delete: "/teams/{{ inputs.resource_integration_specific_id }}/members/{{ inputs.account_integration_specific_id }}"}

Fine:

    capabilities:
      unassign_entitlement:
        request: {delete: "/teams/{{ inputs.resource_integration_specific_id }}/members/{{ inputs.account_integration_specific_id }}"}
        already: status == `404`
"""

from __future__ import annotations

from collections.abc import Iterator

from ferrule.diagnostics import Code, Diagnostic
from ferrule.lint.logic import reads
from ferrule.lint.sites import Described
from ferrule.lint.subject import Subject

CODE = Code("L422", "write-without-already", "warning")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Look at the writes that come to the same when they are asked twice. What an update wants is not one state."""
    for operation in subject.operations:
        capability = operation.site.capability
        is_write = capability.level == "write" and capability.idempotent and capability.name != "update_account"
        if is_write and operation.steps and not any(step.spec.already for step in operation.steps) and not _looks_first(operation):
            message = f"`{capability.name}` does not say how the app answers when it is done already"
            yield Diagnostic(CODE, operation.site.origin, message, "add `already:` to a step that looks, or to the one that writes")


def _looks_first(operation: Described) -> bool:
    """A step depends on what an earlier one saved."""
    saved = {name for step in operation.steps for name in step.spec.save}
    return any(step.spec.when and reads(step.spec.when, saved) & saved for step in operation.steps)
