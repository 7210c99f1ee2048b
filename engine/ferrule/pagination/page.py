"""Page-number pagination: the app counts pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ferrule.expressions import Expression
from ferrule.http import Request
from ferrule.pagination.pager import Pager, Pages, State, Turn, count_of, put
from ferrule.shape import Compiler, Count
from ferrule.source import Text


class NumberPages(Pages):
    """Ask for page after page. `page.number` counts from `base`."""

    kind: Literal["page"]
    base: Count = 1
    """The number of the first page: 1, or 0."""
    last: Text | None = None
    """Expression over the answer for the number of pages there are. The walk ends after that many."""

    def compile(self, compiler: Compiler) -> Pager:
        last = compiler.expression(self.last) if self.last is not None else None
        paginator = NumberPaginator(self.place, self.param, self.size_param, self.base, last)
        return self.pager(compiler, paginator, empty_page_ends=True, follow=lambda state, size: {"number": state["number"] + 1})


@dataclass(frozen=True, slots=True)
class NumberPaginator:
    place: str
    param: str | None
    size_param: str | None
    base: int = 1
    last: Expression | None = None

    @property
    def start(self) -> State:
        return {"number": self.base}

    def variables(self, state: State) -> Mapping[str, Any]:
        return state

    def apply(self, request: Request, state: State, size: int) -> Request:
        return put(put(request, self.place, self.size_param, size), self.place, self.param, state["number"])

    def advance(self, state: State, turn: Turn) -> State | None:
        number = state["number"] + 1
        count = count_of(self.last.find(turn.answer, turn.scope)) if self.last else None
        return None if count is not None and number - self.base >= count else {"number": number}
