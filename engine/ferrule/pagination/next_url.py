"""Next-URL pagination: each answer holds the address of the page after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import urljoin

from ferrule.diagnostics import Span
from ferrule.errors import UnexpectedAnswer
from ferrule.expressions import Expression
from ferrule.http import Request, origin, shown_origin
from ferrule.pagination.pager import Pager, Pages, State, Turn
from ferrule.shape import Compiler
from ferrule.source import Text


class NextUrlPages(Pages):
    """Follow the address as it is, absolute or relative (RFC 3986, section 5). It must stay on the same origin."""

    kind: Literal["next_url"]
    next: Text
    """Expression over the answer for the next address: `body."@odata.nextLink"`."""

    def compile(self, compiler: Compiler) -> Pager:
        return self.pager(compiler, UrlPaginator(self.size_param, compiler.expression(self.next)), empty_page_ends=False)


@dataclass(frozen=True, slots=True)
class UrlPaginator:
    size_param: str | None
    next: Expression

    @property
    def start(self) -> State:
        return {"url": None}

    def variables(self, state: State) -> Mapping[str, Any]:
        return {}

    def apply(self, request: Request, state: State, size: int) -> Request:
        if state["url"] is None:
            return request if self.size_param is None else request.with_query(self.size_param, str(size))
        return follow(request, state["url"])

    def advance(self, state: State, turn: Turn) -> State | None:
        target = self.next.find(turn.answer, turn.scope)
        return {"url": resolve(target, turn, self.next)} if target else None


def follow(request: Request, url: str) -> Request:
    """The request sent to `url` instead. Raises `UnexpectedAnswer` where that is another origin: a credential goes only
    where the spec says, and a page token may have been made by anyone."""
    if origin(url) != origin(request.url):
        raise UnexpectedAnswer(f"the next page is at another origin, {shown_origin(origin(url))}", origin=request.origin)
    return replace(request, url=url, query=())


def resolve(target: Any, turn: Turn, expression: Expression) -> str:
    """The absolute address that `target` means on the page at `turn.url`."""
    if not isinstance(target, str):
        raise UnexpectedAnswer(f"`{expression.text}` gave {type(target).__name__} where an address was due", origin=expression.text.span)
    return joined(turn.url, target, expression.text.span)


def joined(base: str, target: str, origin: Span | None) -> str:
    """`target` as seen from `base` (RFC 3986, section 5). Raises `UnexpectedAnswer` where it is no address."""
    try:
        return urljoin(base, target)
    except ValueError:
        raise UnexpectedAnswer("the app's address of the next page is no address", origin=origin) from None
