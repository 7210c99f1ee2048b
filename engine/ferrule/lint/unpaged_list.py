"""A list that grows with the tenant is read in one answer.

Most apps cut a list at some size and say nothing of it. A request without `pages` takes the first part for the whole. Where the
app really gives everything at once, an ignore says so, with the page that promises it.

Reported:

    capabilities:
      list_accounts:
        request: {get: /users}    # L433
        records: body.users
        record: {integration_specific_id: id}

Fine:

    capabilities:
      list_accounts:
        request: {get: /users}
        pages: {kind: cursor, next: body.next, param: after}
        records: body.users
        record: {integration_specific_id: id}
"""

from __future__ import annotations

from collections.abc import Iterator

from ferrule.diagnostics import Code, Diagnostic
from ferrule.lint.sites import Described
from ferrule.lint.subject import Subject

CODE = Code("L433", "unpaged-list", "warning")

_OF_TENANT = frozenset({"settings", "page"})


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Look at lists of the whole tenant, each address once. What is asked per record is as long as the record has it."""
    seen: set[tuple[str, str]] = set()
    for operation in subject.operations:
        if _is_export(operation):
            continue
        for walk in (walk for part in operation.parts for walk in part.walks):
            if walk.request is None or walk.pages is not None or walk.is_single:
                continue
            request = walk.request.spec
            names = {reading.path[0] for _, reading in walk.request.readings}
            if names <= _OF_TENANT and (request.method, request.path) not in seen:
                seen.add((request.method, request.path))
                message = f"nothing asks for a second page of `{request.path}`"
                yield Diagnostic(CODE, request.path.span, message, "add `pages:`, or an ignore that says why one answer holds everything")


def _is_export(operation: Described) -> bool:
    """A job made the list before, and its result is whole."""
    return any(step.spec.repeat for step in operation.prepare)
