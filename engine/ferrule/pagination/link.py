"""Link-header pagination: `Link: <…>; rel="next"` (RFC 8288)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ferrule.errors import UnexpectedAnswer
from ferrule.http import Request
from ferrule.pagination.next_url import follow, joined
from ferrule.pagination.pager import Pager, Pages, State, Turn
from ferrule.shape import Compiler


class LinkPages(Pages):
    """Follow the link marked `next`, never taking it apart, until there is none."""

    kind: Literal["link"]
    header: str = "link"
    """The header that holds the links."""
    rel: str = "next"
    """The relation to follow."""

    def compile(self, compiler: Compiler) -> Pager:
        return self.pager(compiler, LinkPaginator(self.size_param, self.header.lower(), self.rel.lower()), empty_page_ends=False)


@dataclass(frozen=True, slots=True)
class LinkPaginator:
    size_param: str | None
    header: str = "link"
    rel: str = "next"

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
        header = turn.answer["headers"].get(self.header, "")
        target = links(header).get(self.rel)
        if target is None and _LINK.sub("", header).strip(" \t,;"):
            message = f"the header `{self.header}` cannot be read to its end: whether another page follows is unknown"
            raise UnexpectedAnswer(message, origin=turn.origin)
        return {"url": joined(turn.url, target, turn.origin)} if target else None


_LINK = re.compile(r"""<([^>]*)>((?:\s*;\s*[\w!#$&+\-.^`|~*]+(?:\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s";,]+))?)*)""")
_PARAMETER = re.compile(r""";\s*([\w!#$&+\-.^`|~*]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s";,]+)))?""")


def links(header: str) -> dict[str, str]:
    """Target by relation, the first of each; relations in lower case. Text that is no link is stepped over."""
    found: dict[str, str] = {}
    for target, parameters in _LINK.findall(header):
        for name, quoted, token in _PARAMETER.findall(parameters):
            if name.lower() == "rel":
                for relation in (quoted or token).lower().split():
                    found.setdefault(relation, target)
                break
    return found
