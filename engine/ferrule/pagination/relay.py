"""GraphQL Relay pagination: `pageInfo { hasNextPage endCursor }` (GraphQL Cursor Connections Specification)."""

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


class RelayPages(Pages):
    """Send `endCursor` back as a variable while `hasNextPage` is true. A connection that is null has no pages."""

    kind: Literal["relay"]
    page_info: Text
    """Expression over the answer for the connection's `pageInfo` object."""
    variable: str = "after"
    """GraphQL variable that carries the cursor."""
    size_variable: str | None = None
    """GraphQL variable that carries the page size."""

    def compile(self, compiler: Compiler) -> Pager:
        paginator = RelayPaginator(self.variable, self.size_variable, compiler.expression(self.page_info))
        return self.pager(compiler, paginator, empty_page_ends=False)


@dataclass(frozen=True, slots=True)
class RelayPaginator:
    variable: str
    size_variable: str | None
    page_info: Expression

    @property
    def start(self) -> State:
        return {"cursor": None}

    def variables(self, state: State) -> Mapping[str, Any]:
        return state

    def apply(self, request: Request, state: State, size: int) -> Request:
        request = put(request, "body", f"variables.{self.size_variable}" if self.size_variable else None, size)
        return request if state["cursor"] is None else put(request, "body", f"variables.{self.variable}", state["cursor"])

    def advance(self, state: State, turn: Turn) -> State | None:
        info = self.page_info.find(turn.answer, turn.scope)
        if not isinstance(info, dict) or not info.get("hasNextPage"):
            return None
        if not info.get("endCursor"):
            raise UnexpectedAnswer("`hasNextPage` is true but `endCursor` is empty", origin=self.page_info.text.span)
        return {"cursor": info["endCursor"]}
