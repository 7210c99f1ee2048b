"""Nothing ends the pagination.

A walk ends where the app names no further page, or where an empty page, a total or a flag says so. Without any of them only the
engine's guards stop it, with an error.

Reported:

    pagers:
      numbered: {kind: page, param: page, empty_page_ends: false}    # L431
      skipping: {kind: cursor, param: skip, next: length(body.users)}    # L431

Fine:

    pagers:
      numbered: {kind: page, param: page, last: body.pages}
      named: {kind: cursor, param: after, next: body.next}
"""

from __future__ import annotations

from collections.abc import Iterator

from ferrule.diagnostics import Code, Diagnostic
from ferrule.lint.infer import infer
from ferrule.lint.known import ANSWER
from ferrule.lint.paging import COUNTED, every
from ferrule.lint.subject import Subject
from ferrule.pagination.pager import Pages
from ferrule.source import Text

CODE = Code("L431", "endless-pager", "error")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Look at every pager, used or not."""
    for pages, origin in every(subject):
        next_ = getattr(pages, "next", None)
        if _has_signal(pages):
            continue
        if isinstance(next_, Text) and False not in infer(next_, ANSWER, {"settings": subject.settings}).truths:
            yield Diagnostic(
                CODE,
                next_.span,
                f"`{next_}` is never empty, so that there is always a next page",
                "say with `more` or `total` where it ends",
            )
        if pages.kind in COUNTED and pages.empty_page_ends is False:
            message = "an empty page is no end here, and nothing else ends the walk"
            yield Diagnostic(CODE, pages.key_at("empty_page_ends", otherwise=origin), message, "add `more`, `total` or `last`")


def _has_signal(pages: Pages) -> bool:
    total = pages.total is not None and pages.total_is_exact
    return bool(total or pages.more or pages.short_page_ends or pages.empty_page_ends or getattr(pages, "last", None))
