"""A write sends no request that writes.

A GET may be answered from a cache, and is sent again whenever it fails. An app that changes something at a GET is rare; a path
under the wrong method is not.

Reported:

    capabilities:
      delete_account:
        request: {get: "/users/{{ inputs.account_id }}/delete"}    # L427

Fine:

    capabilities:
      delete_account:
        request: {delete: "/users/{{ inputs.account_id }}"}
"""

from __future__ import annotations

from collections.abc import Iterator

from ferrule.diagnostics import Code, Diagnostic
from ferrule.lint.subject import Subject

CODE = Code("L427", "write-that-only-reads", "error")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Look at the methods of all steps of a write."""
    for operation in subject.operations:
        capability = operation.site.capability
        if capability.level == "write" and not capability.is_custom and operation.steps and all(step.reads for step in operation.steps):
            span = operation.steps[-1].spec.request.path.span
            yield Diagnostic(CODE, span, f"`{capability.name}` sends nothing that writes", "use the method that the app documents")
