"""A request that makes something new is said to be repeatable.

A POST or PATCH is sent again after an unclear failure only where the spec says `repeatable: true`. In a capability that is not
idempotent that may make two accounts, unless `already` recognises the first one.

Reported:

    capabilities:
      create_account:
        request: {post: /users, json: {mail: "{{ inputs.email }}"}, repeatable: true}    # L421
        record: {id: id, status: {value: ACTIVE}}

Fine:

    capabilities:
      create_account:
        request: {post: /users, json: {mail: "{{ inputs.email }}"}}
        record: {id: id, status: {value: ACTIVE}}
"""

from __future__ import annotations

from collections.abc import Iterator

from ferrule.diagnostics import Code, Diagnostic
from ferrule.lint.subject import Subject

CODE = Code("L421", "repeated-write", "error")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Look at the steps of writes that must not happen twice. Nobody can tell of the app's own capabilities."""
    for operation in subject.operations:
        capability = operation.site.capability
        if capability.idempotent or capability.is_custom:
            continue
        for step in operation.steps:
            request = step.spec.request
            if not step.reads and request.repeatable and request.method in ("post", "patch") and step.spec.already is None:
                message = f"`{operation.site.name}` must not happen twice, and this request may be sent twice"
                hint = "leave out `repeatable`, or say with `already` how a second one is answered"
                yield Diagnostic(CODE, request.key_at("repeatable", otherwise=request.path.span), message, hint)
