"""A predicate that means success also holds of an error.

`absent`, `already`, `accept` and the `until` of a verification are asked before the error rules. One that reads the status is taken
to know what it speaks of. Where it also holds of an outage or of a refusal, the call would tell that nobody has access, or that a
write is done. Let each side of an `||` name its status, or a value that only the right answer has.

Reported:

    capabilities:
      delete_account:
        request: {delete: "/users/{{ inputs.account_id }}"}
        already: "status == `404` || !(body.active)"    # L444

Fine:

    capabilities:
      delete_account:
        request: {delete: "/users/{{ inputs.account_id }}"}
        already: "status == `404` || body.active == `false`"
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from ferrule.auth.session import SessionSpec
from ferrule.diagnostics import Code, Diagnostic
from ferrule.functions import Type
from ferrule.lint.infer import Names, Node, Pinned, Reader, pinned, tree, unpinned
from ferrule.lint.known import HEADERS, Known, one_of
from ferrule.lint.logic import node_reads, split
from ferrule.lint.subject import Subject
from ferrule.source import Text

CODE = Code("L444", "error-taken-for-answer", "error")

ERRORS = {
    500: "that the app failed",
    503: "that the app is down",
    429: "to come back later",
    403: "that one may not look",
    401: "that one is not let in",
}
"""Statuses that say nothing of what was asked for, and what they say instead."""
BODY = {"message": "error"}
"""A body that has nothing of the app's data."""


def _answer(status: int, body: Any) -> Known:
    members = {"status": one_of([status]), "headers": HEADERS, "body": one_of([body])}
    return Known(Type.OBJECT, members=members, closed=True)


ANSWERS = {status: (_answer(status, BODY), _answer(status, None)) for status in ERRORS}
"""How an app tells of each, with that body and without any."""


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Ask each predicate of every error, as the engine does (`ferrule.exchange`)."""
    once = {text.span: (text, names) for text, names in _predicates(subject)}
    for text, names in once.values():
        plain = str(text)
        status = _held(plain, pinned(plain, names))
        if status is not None:
            message = f"this also holds of a {status}, which says {ERRORS[status]}"
            yield Diagnostic(CODE, text.span, message, "name the status, or a value that only the right answer has")


@lru_cache(maxsize=1024)
def _held(text: str, read: Pinned) -> int | None:
    """The first error that a predicate holds of. What does not read the status counts only where it asks for something that
    an error without a body does not have."""
    names = unpinned(read)
    alternatives = [asked for alternative in split(tree(text), "or_expression") if (asked := _of_answer(alternative, names))[0]]
    reads_status = any("@.status" in read for _, read in alternatives)
    reader = Reader(names)
    for status, (answer, bare) in ANSWERS.items():
        for parts, _ in alternatives:
            if not all(True in reader.read(part, answer).truths for part in parts):
                continue
            if reads_status or any(reader.read(part, answer).truths - reader.read(part, bare).truths == {True} for part in parts):
                return status
        alternatives = [(parts, read) for parts, read in alternatives if read & {"@.status", "@"}]  # the others never differ
    return None


def _of_answer(alternative: Node, names: Names) -> tuple[list[Node], set[str]]:
    """The parts of an alternative that look at the answer, and what they read of it."""
    parts, read = [], set()
    for part in split(alternative, "and_expression"):
        found = {name for name in node_reads(part, names) if name.startswith("@")}
        if found:
            parts.append(part)
            read |= found
    return parts, read


def _predicates(subject: Subject) -> Iterator[tuple[Text, Names]]:
    for request in subject.requests:
        if request.spec.absent is not None:
            yield request.spec.absent, request.names
    for operation in subject.operations:
        for step in (*operation.prepare, *operation.steps):
            if step.spec.already is not None:
                yield step.spec.already, step.names
        for spec, request in operation.verify:
            yield spec.until, request.names
    for auth in subject.spec.auth.values():
        for login in auth.login if isinstance(auth, SessionSpec) else ():
            if login.accept is not None:
                yield login.accept, {}
