"""What a new version of a description breaks in specs that the old one agreed with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ferrule.against.description import Description
from ferrule.against.report import UNKNOWN_VALUE, UNMAPPED_VALUE, Report
from ferrule.against.walk import check
from ferrule.diagnostics import Diagnostic
from ferrule.plan import Plan


@dataclass(frozen=True, slots=True)
class Drift:
    """One spec between two versions of a description."""

    plan: Plan
    broken: tuple[Diagnostic, ...]
    """What the new version contradicts and the old one did not."""
    mended: tuple[Diagnostic, ...]
    """What the old version contradicted and the new one does not."""
    is_described: bool
    """The old version speaks of this connector: it has most of its requests, and contradicts few of them."""


def drift(old: Description, new: Description, plans: Iterable[Plan]) -> list[Drift]:
    """Each spec held against both versions. Read them with `strict`: what a version no longer names is then seen to be
    gone, even where it says that there may be more than it names."""
    found = []
    for plan in plans:
        before, after = check(plan, old), check(plan, new)
        known, still = set(map(_key, before.diagnostics)), set(map(_key, after.diagnostics))
        broken = tuple(diagnostic for diagnostic in after.diagnostics if _key(diagnostic) not in known)
        mended = tuple(diagnostic for diagnostic in before.diagnostics if _key(diagnostic) not in still)
        found.append(Drift(plan, broken, mended, _speaks_of(before)))
    return found


def _key(diagnostic: Diagnostic) -> tuple[object, ...]:
    """A finding by its place: names of schemas and of operations change from version to version. Of values, which ones."""
    which = diagnostic.message if diagnostic.code in (UNKNOWN_VALUE, UNMAPPED_VALUE) else ""
    return diagnostic.code.id, diagnostic.span, which


def _speaks_of(report: Report) -> bool:
    missed = sum(each.what == "request" for each in report.unchecked)
    return report.requests > missed and 4 * len(report.diagnostics) <= report.requests + report.expressions
