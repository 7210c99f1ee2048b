"""What a new version of a description breaks in specs that the old one agreed with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ferrule.against.description import Description
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


def drift(old: Description, new: Description, plans: Iterable[Plan]) -> list[Drift]:
    """Each spec held against both versions. Read them with `strict`: what a version no longer names is then seen to be
    gone, even where it says that there may be more than it names."""
    found = []
    for plan in plans:
        before, after = check(plan, old).diagnostics, check(plan, new).diagnostics
        known, still = set(map(_key, before)), set(map(_key, after))
        broken = tuple(diagnostic for diagnostic in after if _key(diagnostic) not in known)
        mended = tuple(diagnostic for diagnostic in before if _key(diagnostic) not in still)
        found.append(Drift(plan, broken, mended))
    return found


def _key(diagnostic: Diagnostic) -> tuple[object, ...]:
    """A finding without its words on what the description has instead, which differ from version to version."""
    return diagnostic.code.id, diagnostic.span, diagnostic.message
