"""Keyset pagination: the last record of a page says where the next one starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ferrule.errors import UnexpectedAnswer
from ferrule.expressions import Expression
from ferrule.http import Request
from ferrule.pagination.pager import Pager, Pages, State, Turn, put
from ferrule.shape import Compiler
from ferrule.source import Text


class KeysetPages(Pages):
    """Ask for what comes after the last record. Templates may read `page.after`."""

    kind: Literal["keyset"]
    key: Text
    """Expression over the last record for the value to go on after. The app must sort by it."""

    def compile(self, compiler: Compiler) -> Pager:
        paginator = KeysetPaginator(self.place, self.param, self.size_param, compiler.record_expression(self.key))
        return self.pager(compiler, paginator, empty_page_ends=True)


@dataclass(frozen=True, slots=True)
class KeysetPaginator:
    place: str
    param: str | None
    size_param: str | None
    key: Expression

    @property
    def start(self) -> State:
        return {"after": None}

    def variables(self, state: State) -> Mapping[str, Any]:
        return state

    def apply(self, request: Request, state: State, size: int) -> Request:
        request = put(request, self.place, self.size_param, size)
        return request if state["after"] is None else put(request, self.place, self.param, state["after"])

    def advance(self, state: State, turn: Turn) -> State | None:
        if not turn.records:
            return None
        after = self.key.find(turn.records[-1], turn.scope)
        if after is None:
            raise UnexpectedAnswer(f"the last record has no `{self.key.text}` to go on after", origin=self.key.text.span)
        return {"after": after}
