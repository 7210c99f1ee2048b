"""What came of holding a spec against a description: the findings, and how much of the spec they speak for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ferrule.diagnostics import Code, Diagnostic, Span

UNKNOWN_PATH = Code("A601", "unknown-path")
UNKNOWN_METHOD = Code("A602", "unknown-method")
OTHER_BASE = Code("A603", "other-base-path", "warning")
UNKNOWN_PARAMETER = Code("A611", "unknown-parameter")
MISSING_PARAMETER = Code("A612", "missing-parameter")
PARAMETER_VALUE = Code("A613", "parameter-value")
PAGE_SIZE = Code("A614", "page-size")
UNKNOWN_PROPERTY = Code("A621", "unknown-property")
MISSING_PROPERTY = Code("A622", "missing-property")
PROPERTY_VALUE = Code("A623", "property-value")
BODY_KIND = Code("A624", "body-kind")
MISSING_BODY = Code("A625", "missing-body")
UNKNOWN_FIELD = Code("A631", "unknown-answer-field")
ANSWER_TYPE = Code("A632", "answer-type")
UNKNOWN_VALUE = Code("A633", "unknown-answer-value", "warning")
UNMAPPED_VALUE = Code("A634", "unmapped-answer-value")
ERROR_FIELD = Code("A641", "unknown-error-field", "warning")

CODES = (
    *(UNKNOWN_PATH, UNKNOWN_METHOD, OTHER_BASE, UNKNOWN_PARAMETER, MISSING_PARAMETER, PARAMETER_VALUE, PAGE_SIZE),
    *(UNKNOWN_PROPERTY, MISSING_PROPERTY, PROPERTY_VALUE, BODY_KIND, MISSING_BODY),
    *(UNKNOWN_FIELD, ANSWER_TYPE, UNKNOWN_VALUE, UNMAPPED_VALUE, ERROR_FIELD),
)
"""Every code of this series but `A600`, which says that a description cannot be read."""


@dataclass(frozen=True, slots=True)
class Unchecked:
    """A request or an expression that the description says nothing about, and why that is."""

    what: str
    """`request` or `expression`."""
    span: Span
    why: str


@dataclass(frozen=True, slots=True)
class Report:
    """A spec against a description. A place that is looked at twice, under an alias, is counted once."""

    diagnostics: tuple[Diagnostic, ...]
    requests: int
    """How many requests were found in the description."""
    expressions: int
    """How many expressions over answers were followed through their schemas."""
    unchecked: tuple[Unchecked, ...]

    @property
    def lines(self) -> Iterator[str]:
        """How much was looked at, in words."""
        for what, count in (("request", self.requests), ("expression", self.expressions)):
            missed = sum(each.what == what for each in self.unchecked)
            yield f"{count} {what}{'' if count == 1 else 's'} checked, {missed} the description says nothing of"
