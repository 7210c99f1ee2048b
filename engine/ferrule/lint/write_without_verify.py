"""A write is taken for done because the app accepted it.

Apps accept what they do later, or not at all. `verify` reads back what was written; a `repeat` that waits for the wanted state
does the same, and so does a last request with error rules for what does not show.

Reported:

    capabilities:
      delete_account:    # L423
        request: {delete: "/users/{{ inputs.account_id }}"}

Fine:

    capabilities:
      delete_account:
        request: {delete: "/users/{{ inputs.account_id }}"}
        verify: {request: {get: "/users/{{ inputs.account_id }}"}, until: status == `404`}
"""

from __future__ import annotations

from collections.abc import Iterator

from ferrule.diagnostics import Code, Diagnostic
from ferrule.lint.sites import Described
from ferrule.lint.subject import Subject

CODE = Code("L423", "write-without-verify", "warning")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Look at the writes that lead to a state one can ask for. Of a new account the answer itself tells."""
    for operation in subject.operations:
        capability = operation.site.capability
        if capability.level == "write" and capability.idempotent and operation.steps and not _is_read_back(operation):
            message = f"`{capability.name}` never looks whether the app did it"
            yield Diagnostic(CODE, operation.site.origin, message, "add `verify:` with a request that shows it")


def _is_read_back(operation: Described) -> bool:
    """With `verify`, with a `repeat`, or by a last request that refuses what does not show."""
    last = operation.steps[-1]
    return bool(operation.verify) or any(step.spec.repeat for step in operation.steps) or (last.reads and bool(last.spec.request.errors))
