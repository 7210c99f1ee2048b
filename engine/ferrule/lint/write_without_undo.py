"""A write of several requests leaves half of it behind when a later one fails.

What cannot simply be asked again, as a new account, is taken back by `undo` when a later step fails.

Reported:

    capabilities:
      create_account:
        steps:
          - request: {post: /users, json: {mail: "{{ inputs.email }}"}}    # L424
            save: {id: body.id}
          - request: {put: "/teams/all/members/{{ id }}"}
        record: {id: id, status: {value: ACTIVE}}

Fine:

    capabilities:
      create_account:
        steps:
          - request: {post: /users, json: {mail: "{{ inputs.email }}"}}
            save: {id: body.id}
            undo: {delete: "/users/{{ id }}"}
          - request: {put: "/teams/all/members/{{ id }}"}
        record: {id: id, status: {value: ACTIVE}}
"""

from __future__ import annotations

from collections.abc import Iterator

from ferrule.diagnostics import Code, Diagnostic
from ferrule.lint.subject import Subject

CODE = Code("L424", "write-without-undo", "warning")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Look at the steps before the last one that writes, where the whole cannot be asked twice."""
    for operation in subject.operations:
        capability = operation.site.capability
        if capability.level != "write" or capability.idempotent or capability.is_custom:
            continue
        writing = [step for step in operation.steps if not step.reads]
        for step in writing[:-1]:
            if step.spec.undo is None:
                message = "when a later step fails, what this one did stays behind"
                yield Diagnostic(CODE, step.spec.request.path.span, message, "add `undo:` with the request that takes it back")
