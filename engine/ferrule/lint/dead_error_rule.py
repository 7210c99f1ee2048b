"""An error rule that never decides, because one before it does.

The first rule that holds decides. A rule is dead where all answers it would hold of are taken by `absent` or by the rules above
it. The narrow rule stands first.

Reported:

    http:
      base_url: https://api.acme.example
      errors:
        - {when: status == `403`, code: permission_denied}
        - {when: "status == `403` && body.error == 'quota'", code: rate_limit}    # L441

Fine:

    http:
      base_url: https://api.acme.example
      errors:
        - {when: "status == `403` && body.error == 'quota'", code: rate_limit}
        - {when: status == `403`, code: permission_denied}
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from ferrule.diagnostics import Code, Diagnostic
from ferrule.functions import Type
from ferrule.lint.infer import Names, Node, Pinned, Reader, pinned, tree, unpinned
from ferrule.lint.known import ANSWER, ANYTHING, HEADERS, Known, one_of
from ferrule.lint.logic import form, split
from ferrule.lint.subject import Subject
from ferrule.outcome import ErrorRuleSpec
from ferrule.source import Text

CODE = Code("L441", "dead-error-rule", "warning")

STATUSES = (
    200,
    201,
    202,
    204,
    302,
    400,
    401,
    403,
    404,
    405,
    406,
    408,
    409,
    410,
    412,
    413,
    415,
    418,
    422,
    423,
    429,
    500,
    501,
    502,
    503,
    504,
)
"""Every status that a rule is likely to tell from another."""


def _answer(status: Known) -> Known:
    return Known(Type.OBJECT, members={"status": status, "headers": HEADERS, "body": ANYTHING}, closed=True)


ANSWERS = {status: _answer(one_of([status])) for status in STATUSES}


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Look at the rules of each request, and at those of all."""
    names = {"settings": subject.settings}
    yield from _rules([], subject.spec.http.errors, names)
    once = {request.spec.path.span: request for request in subject.requests if request.spec.errors}
    for request in once.values():
        absent = request.spec.absent
        yield from _rules([absent] if absent is not None else [], request.spec.errors, request.names)
    for _, auth in subject.tokens:
        yield from _rules([], auth.errors, names)


def _rules(before: Sequence[Text], rules: Sequence[ErrorRuleSpec], names: Names) -> Iterator[Diagnostic]:
    texts = [*before, *(rule.when for rule in rules)]
    cases = [_cases(text, pinned(text, names)) for text in map(str, texts)] if len(texts) > 1 and rules else []
    for place in range(max(1, len(before)), len(cases)):
        hider = next((text for text, other in zip(texts, cases[:place], strict=False) if _covers(other, cases[place])), None)
        if hider is not None and cases[place]:
            message = f"this rule never decides: the predicate on line {hider.span.line} takes all it would hold of"
            yield Diagnostic(CODE, texts[place].span, message, "put the narrower rule first")


Cases = dict[int, list[frozenset[str]]]
"""For each status of which a predicate may hold: what it asks besides, one set for each part of its `||`."""


def _covers(broad: Cases, narrow: Cases) -> bool:
    return all(any(wide <= tight for wide in broad.get(status, ())) for status, alternatives in narrow.items() for tight in alternatives)


@lru_cache(maxsize=1024)
def _cases(text: str, read: Pinned) -> Cases:
    """What the alternatives of a predicate ask besides the status, for each status that they can hold of."""
    names = unpinned(read)
    alternatives = [split(alternative, "and_expression") for alternative in split(tree(text), "or_expression")]
    of_status = [[part for part in parts if _reads_status(part)] for parts in alternatives]
    usual = [_rest([part for part in parts if not _reads_status(part)], ANSWER, names) for parts in alternatives]
    found = {}
    for status, answer in ANSWERS.items():
        asked = [
            rest | more
            for parts, rest in zip(of_status, usual, strict=True)
            if rest is not None and (more := _rest(parts, answer, names)) is not None
        ]
        if asked:
            found[status] = asked
    return found


def _reads_status(node: Node) -> bool:
    """Whether the status, or the answer as a whole, is named anywhere in it."""
    return (
        node.get("value") == "status"
        or node["type"] == "current"
        or any(_reads_status(child) for child in node["children"] if isinstance(child, dict))
    )


def _rest(parts: list[Node], answer: Known, names: Names) -> frozenset[str] | None:
    """What the parts of an alternative ask besides the status; None where one cannot hold."""
    reader = Reader(names)
    rest = set()
    for part in parts:
        truths = reader.read(part, answer).truths
        if True not in truths:
            return None
        if False in truths:
            rest.add(form(part))
    return frozenset(rest)
