"""Offset pagination: the app counts records, and is told how many to skip."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ferrule.errors import UnexpectedAnswer
from ferrule.expressions import Expression
from ferrule.http import Request
from ferrule.pagination.pager import Behind, Pager, Pages, State, Turn, put
from ferrule.shape import Compiler, Count
from ferrule.source import Text


class OffsetPages(Pages):
    """Skip what was read. `page.offset` counts from `base`."""

    kind: Literal["offset"]
    base: Count = 0
    """The offset of the first record: 0, or 1 where the app counts from one."""
    advance_by: Literal["rows", "limit"] = "rows"
    """By the records that came, or by the number asked for, of apps that filter after they cut the page. `total` then counts
    what the app looked at, and an empty page is no end before it is reached."""
    applied_size: Text | None = None
    """Expression over the answer for the page size the app really used, where it may lower what was asked."""

    def compile(self, compiler: Compiler) -> Pager:
        applied = compiler.expression(self.applied_size) if self.applied_size is not None else None
        by_limit = self.advance_by == "limit"
        paginator = OffsetPaginator(self.place, self.param, self.size_param, self.base, by_limit, applied)
        if not by_limit:
            return self.pager(compiler, paginator, empty_page_ends=True, follow=follow)
        behind: Behind = lambda state: state["offset"] - self.base  # noqa: E731
        return self.pager(compiler, paginator, empty_page_ends=self.total is None, behind=behind, follow=follow)


def follow(state: State, size: int) -> State:
    """The offset behind a full page."""
    return {"offset": state["offset"] + size}


@dataclass(frozen=True, slots=True)
class OffsetPaginator:
    place: str
    param: str | None
    size_param: str | None
    base: int = 0
    by_limit: bool = False
    applied: Expression | None = None

    @property
    def start(self) -> State:
        return {"offset": self.base}

    def variables(self, state: State) -> Mapping[str, Any]:
        return state

    def apply(self, request: Request, state: State, size: int) -> Request:
        return put(put(request, self.place, self.size_param, size), self.place, self.param, state["offset"])

    def advance(self, state: State, turn: Turn) -> State | None:
        size = self.applied.find(turn.answer, turn.scope) if self.applied else turn.size
        if not isinstance(size, int) or size < 1:
            assert self.applied is not None
            raise UnexpectedAnswer(f"the page size in the answer is {size!r}, not a count", origin=self.applied.text.span)
        return {"offset": state["offset"] + (size if self.by_limit else len(turn.records))}
