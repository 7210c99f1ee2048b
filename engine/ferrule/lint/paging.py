"""The pagers of a spec, and where each stands."""

from __future__ import annotations

from collections.abc import Iterator

from ferrule.diagnostics import Span
from ferrule.lint.subject import Subject
from ferrule.pagination import Pagination

COUNTED = frozenset({"offset", "page", "scim"})
"""Kinds that count: nothing in the answer need name the next page."""


def every(subject: Subject) -> Iterator[tuple[Pagination, Span]]:
    """Every pager once, those with names first."""
    for name, pages in subject.spec.pagers.items():
        yield pages, subject.key("pagers", name)
    for operation in subject.operations:
        for part in operation.parts:
            for walk in part.walks:
                if walk.spec.pages is not None and not isinstance(walk.spec.pages, str):
                    yield walk.spec.pages, walk.spec.key_at("pages", otherwise=operation.site.origin)
