"""A page is taken for the last one that need not be.

Apps filter after they cut a page, and lower the size they are asked for, so a short page is an end only where the app never
gives fewer for another reason; that needs `max_size`, and the app must be told the size. Where the app itself names the next
page, an empty page may have another behind it.

Reported:

    pagers:
      counted: {kind: offset, param: offset, size_param: limit, short_page_ends: true}    # L432
      named: {kind: cursor, param: after, next: body.next, empty_page_ends: true}    # L432

Fine:

    pagers:
      counted: {kind: offset, param: offset, size_param: limit, short_page_ends: true, max_size: 100}
      named: {kind: cursor, param: after, next: body.next}
"""

from __future__ import annotations

from collections.abc import Iterator

from ferrule.diagnostics import Code, Diagnostic
from ferrule.lint.paging import every
from ferrule.lint.subject import Subject

CODE = Code("L432", "early-end", "warning")

NAMED = frozenset({"cursor", "link", "next_url", "relay"})
"""Kinds in which the app names the next page."""


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Look at every pager, and at the requests that use it."""
    for pages, origin in every(subject):
        if pages.kind in NAMED and pages.empty_page_ends:
            message = "the app names the next page, and an empty one may have another behind it"
            yield Diagnostic(CODE, pages.key_at("empty_page_ends", otherwise=origin), message, "leave out `empty_page_ends`")
        if pages.short_page_ends and pages.max_size is None:
            message = "a page is short as well where the app gives fewer than it is asked for"
            yield Diagnostic(
                CODE, pages.key_at("short_page_ends", otherwise=origin), message, "say with `max_size` the most it gives per page"
            )
    yield from _untold(subject)


def _untold(subject: Subject) -> Iterator[Diagnostic]:
    for operation in subject.operations:
        for walk in (walk for part in operation.parts for walk in part.walks):
            pages, request = walk.pages, walk.request
            if pages is None or request is None or not pages.short_page_ends or pages.max_size is None:
                continue
            told = pages.size_param or getattr(pages, "size_variable", None) or pages.kind == "scim"
            if not told and not any(reading.path[:2] == ("page", "size") for _, reading in request.readings):
                message = "a page is judged by a size that the app is not told"
                span = pages.key_at("short_page_ends", otherwise=request.spec.path.span)
                yield Diagnostic(CODE, span, message, "send it with `size_param`, or write `{{ page.size }}`")
