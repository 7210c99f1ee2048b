"""A predicate that is always true, or never.

A status is a number and a header is text, so `status == '404'` compares what can never be equal. A rule, a filter or a condition
that cannot go both ways is a slip, or says nothing.

Reported:

    http:
      base_url: https://api.acme.example
      errors:
        - {when: "status == '429'", code: rate_limit}    # L442

Fine:

    http:
      base_url: https://api.acme.example
      errors:
        - {when: status == `429`, code: rate_limit}
"""

from __future__ import annotations

from collections.abc import Iterator

from ferrule.diagnostics import Code, Diagnostic
from ferrule.lint.sites import Spot
from ferrule.lint.subject import Subject

CODE = Code("L442", "constant-predicate", "error")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Look at everything of which only the truth counts."""
    for spot in subject.spots:
        truths = spot.gives.truths if spot.predicate else None
        if truths is not None and len(truths) < 2:
            yield Diagnostic(CODE, spot.text.span, f"this {_said(spot, truths)}", _hint(spot))


def _said(spot: Spot, truths: frozenset[bool]) -> str:
    if not truths:
        return "can never be evaluated, and so never holds"
    return "always holds" if True in truths else "never holds"


def _hint(spot: Spot) -> str | None:
    if "status" in spot.text and "'" in spot.text:
        return "a status is a number: write it in backticks"
    return None
