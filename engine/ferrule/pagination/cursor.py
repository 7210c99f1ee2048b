"""Cursor pagination: each answer names the page after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ferrule.expressions import Expression
from ferrule.http import Request
from ferrule.pagination.pager import Pager, Pages, State, Turn, put
from ferrule.shape import Compiler
from ferrule.source import Text


class CursorPages(Pages):
    """Send back the cursor found in the last answer, until there is none. Templates may read `page.cursor`."""

    kind: Literal["cursor"]
    next: Text
    """Expression over the answer for the next cursor, in the body or a header: `body.meta.next`, `headers."x-next"`."""

    def compile(self, compiler: Compiler) -> Pager:
        paginator = CursorPaginator(self.place, self.param, self.size_param, compiler.expression(self.next))
        return self.pager(compiler, paginator, empty_page_ends=False)


@dataclass(frozen=True, slots=True)
class CursorPaginator:
    place: str
    param: str | None
    size_param: str | None
    next: Expression
    name: str = "cursor"

    @property
    def start(self) -> State:
        return {self.name: None}

    def variables(self, state: State) -> Mapping[str, Any]:
        return state

    def apply(self, request: Request, state: State, size: int) -> Request:
        request = put(request, self.place, self.size_param, size)
        return request if state[self.name] is None else put(request, self.place, self.param, state[self.name])

    def advance(self, state: State, turn: Turn) -> State | None:
        cursor = self.next.find(turn.answer, turn.scope)
        return None if cursor is None or cursor == "" or cursor is False else {self.name: cursor}
