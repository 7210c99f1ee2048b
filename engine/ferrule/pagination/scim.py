"""SCIM pagination: `startIndex` counts from one, `count` is a wish (RFC 7644, section 3.4.2.4)."""

from __future__ import annotations

from typing import Literal

from ferrule.pagination.offset import OffsetPaginator, follow
from ferrule.pagination.pager import Pager, Pages
from ferrule.shape import Compiler, Flag
from ferrule.source import Text


class ScimPages(Pages):
    """Advance by the resources that came; end at `totalResults`, or at an empty page where that number is wrong.

    Servers may return fewer resources than `count` on any page, so a short page is no end.
    """

    kind: Literal["scim"]
    total: Text | None = Text("body.totalResults")
    """Expression over the answer for the number of all resources. Null for a server that gives the number on the page
    instead: then only an empty page ends the walk."""
    total_is_exact: Flag = False
    """Whether that number can be trusted. Servers count what the token may not see, or what is gone: if not, it may be too high."""

    def compile(self, compiler: Compiler) -> Pager:
        paginator = OffsetPaginator(self.place, self.param or "startIndex", self.size_param or "count", base=1)
        return self.pager(compiler, paginator, empty_page_ends=True, follow=follow)
