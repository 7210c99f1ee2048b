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

from ferrule.diagnostics import Code, Diagnostic
from ferrule.functions import Type
from ferrule.lint.infer import Names, Node, Reader, tree
from ferrule.lint.known import ANYTHING, HEADERS, NUMBER, Known, one_of
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
    cases = [_cases(text, names) for text in texts] if len(texts) > 1 and rules else []
    for place in range(max(1, len(before)), len(cases)):
        hider = next((text for text, other in zip(texts, cases[:place], strict=False) if _covers(other, cases[place])), None)
        if hider is not None and cases[place]:
            message = f"this rule never decides: the predicate on line {hider.span.line} takes all it would hold of"
            yield Diagnostic(CODE, texts[place].span, message, "put the narrower rule first")


Cases = dict[int, list[frozenset[str]]]
"""For each status of which a predicate may hold: what it asks besides, one set for each part of its `||`."""


def _covers(broad: Cases, narrow: Cases) -> bool:
    return all(any(wide <= tight for wide in broad.get(status, ())) for status, alternatives in narrow.items() for tight in alternatives)


def _cases(text: Text, names: Names) -> Cases:
    alternatives = split(tree(str(text)), "or_expression")
    if "status" not in text:
        asked = _asked(alternatives, NUMBER, names)
        return dict.fromkeys(STATUSES, asked) if asked else {}
    found = {status: _asked(alternatives, one_of([status]), names) for status in STATUSES}
    return {status: asked for status, asked in found.items() if asked}


def _asked(alternatives: list[Node], status: Known, names: Names) -> list[frozenset[str]]:
    answer = Known(Type.OBJECT, members={"status": status, "headers": HEADERS, "body": ANYTHING}, closed=True)
    return [rest for alternative in alternatives if (rest := _rest(alternative, answer, names)) is not None]


def _rest(node: Node, answer: Known, names: Names) -> frozenset[str] | None:
    """What an alternative asks besides the status; None where it cannot hold."""
    reader = Reader(names)
    rest = set()
    for part in split(node, "and_expression"):
        truths = reader.read(part, answer).truths
        if True not in truths:
            return None
        if False in truths:
            rest.add(form(part))
    return frozenset(rest)
