"""What all pagination kinds share: how a walk ends, and how it is kept from going round in circles.

A kind says how one page leads to the next. This file decides whether there is a next one. The signals compose: the walk
ends when the kind has nowhere to go, `more` is false, `total` is reached and `more` does not say otherwise, an empty page
comes (where `empty_page_ends`), or a short page comes (where `short_page_ends`). Signals that contradict each other are
an error, never a quiet end.

The position is a small JSON value, and the guards keep their memory in it, so they hold across processes:
`s` the kind's state, `n` pages walked, `r` records seen, `d` a digest of the last page, `c` the smallest total named so far,
`t` a digest of an earlier state. `d` and `t` are a `PageMark` and a `StateMark` until they are written out. `t` moves at each
power of two, which finds any cycle of states with constant memory (Brent's algorithm).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Annotated, Any, Literal, Protocol

import orjson
from pydantic import Field

from ferrule.diagnostics import Span
from ferrule.errors import UnexpectedAnswer
from ferrule.expressions import Expression
from ferrule.http import Request
from ferrule.shape import Compiler, Count, Flag, SpecModel
from ferrule.source import Text

State = dict[str, Any]
Position = dict[str, Any]

Follow = Callable[[State, int], State]
"""The state before the next page, if the page that `state` stands before has as many records as it is asked for."""

Behind = Callable[[State], int]
"""How many records the app has behind it when it stands before a page, where it counts others than those it gave."""

MAX_PAGES = 1_000_000
"""No walk has more pages than this; one that does is taken for endless."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What is known when a page has come: the answer and the names in scope, its records, the size asked for, the address
    that was asked, and the place in the spec that describes the request."""

    answer: Mapping[str, Any]
    scope: Mapping[str, Any]
    records: list[Any]
    size: int
    url: str
    origin: Span
    whole: Callable[[], list[Any]] | None = None
    """The records with all they hold, where `records` hold only what is read of them."""


@dataclass(frozen=True, slots=True)
class PageMark:
    """What tells a page from the one before it: how many records, the first and the last of them. `whole` gives the records with
    all they hold, where those here hold only what is read. The text of a mark is its digest."""

    count: int
    first: Any
    last: Any
    whole: Callable[[], list[Any]] | None = None

    @classmethod
    def of(cls, turn: Turn) -> PageMark | None:
        """The mark of a page; None of one without records."""
        return cls(len(turn.records), turn.records[0], turn.records[-1], turn.whole) if turn.records else None

    def same(self, before: Any) -> bool:
        """Whether this is the page that `before`, a mark or its text, was made of."""
        if isinstance(before, PageMark) and (self.count, self.first, self.last) != (before.count, before.first, before.last):
            return False
        return before is not None and str(self) == str(before)

    def __str__(self) -> str:
        if self.whole is None:
            return _digest([self.count, self.first, self.last])
        records = self.whole()
        return _digest([self.count, records[0], records[-1]])


@dataclass(frozen=True, slots=True)
class StateMark:
    """What tells whether a walk stands where it stood before. The text of a mark is its digest."""

    state: State

    def same(self, before: Any) -> bool:
        """Whether this is the state that `before`, a mark or its text, was made of."""
        return (not isinstance(before, StateMark) or self.state == before.state) and str(self) == str(before)

    def __str__(self) -> str:
        return _digest(self.state)


class Paginator(Protocol):
    """How one page leads to the next. Three pure functions over a small state."""

    @property
    def start(self) -> State:
        """The state before the first page."""

    def variables(self, state: State) -> Mapping[str, Any]:
        """What templates may read under `page.` besides `size`."""

    def apply(self, request: Request, state: State, size: int) -> Request:
        """The request for the page that `state` stands before."""

    def advance(self, state: State, turn: Turn) -> State | None:
        """The state before the next page, or None when the answer leads nowhere."""


class Placement(SpecModel):
    """Where pagination writes its values into the request."""

    place: Annotated[Literal["query", "header", "body"], Field(alias="in")] = "query"
    """Where `param` and `size_param` go. In a body, a dotted name leads to a nested field: `variables.after`."""
    param: str | None = None
    """Name that carries the position. Left out, the request's templates write it themselves (`{{ page.cursor }}`)."""
    size_param: str | None = None
    """Name that carries the page size. Left out, templates write `{{ page.size }}`, or the app is not told."""


class Pages(Placement):
    """What every kind of pagination has."""

    size: Annotated[Count, Field(gt=0)] = 100
    """Records asked for per page when the caller names no size."""
    max_size: Annotated[Count, Field(gt=0)] | None = None
    """The most the app gives per page. A larger wish is lowered to it, so that the app never clamps in silence."""
    more: Text | None = None
    """Expression over the answer that says whether more pages follow. False, 0, null and what is empty say that none do."""
    total: Text | None = None
    """Expression over the answer for the number of all records."""
    total_is_exact: Flag = True
    """Whether `total` can be trusted. If not, it may be too high: it still ends a walk, but an earlier end is no contradiction."""
    empty_page_ends: Flag | None = None
    """Whether a page without records is the end. By default so where the position is counted, not where the app names it."""
    short_page_ends: Flag = False
    """Whether a page with fewer records than asked for is the end. Only where the app promises it."""

    def pager(
        self,
        compiler: Compiler,
        paginator: Paginator,
        *,
        empty_page_ends: bool,
        behind: Behind | None = None,
        follow: Follow | None = None,
    ) -> Pager:
        """The compiled pager: this kind's own steps within the signals and guards of all kinds."""
        return Pager(
            paginator=paginator,
            size=min(self.size, self.max_size or self.size),
            max_size=self.max_size,
            more=compiler.expression(self.more) if self.more is not None else None,
            total=compiler.expression(self.total) if self.total is not None else None,
            exact=self.total_is_exact,
            empty_page_ends=empty_page_ends if self.empty_page_ends is None else self.empty_page_ends,
            short_page_ends=self.short_page_ends,
            behind=behind,
            follow=follow,
        )


def put(request: Request, place: str, name: str | None, value: Any) -> Request:
    """The request with `value` under `name`, at the place the spec chose."""
    if name is None:
        return request
    if place == "body":
        return request.with_body(tuple(name.split(".")), value)
    return request.with_header(name, str(value)) if place == "header" else request.with_query(name, str(value))


@dataclass(frozen=True, slots=True)
class Pager:
    """A compiled pagination: the kind's steps, the end signals and the guards."""

    paginator: Paginator
    size: int = 100
    max_size: int | None = None
    more: Expression | None = None
    total: Expression | None = None
    exact: bool = True
    empty_page_ends: bool = False
    short_page_ends: bool = False
    behind: Behind | None = None
    """What is compared with the total; without it, the records seen."""
    follow: Follow | None = None
    """Where the app counts: how its count goes on."""

    def ahead(self, position: Position, size: int, most: int) -> list[State]:
        """The states of the next pages, at most so many: the one at `position`, and those behind it as far as the total goes
        that the app has named, and that can be trusted."""
        states, seen, total = [self.state(position)], position["r"], position.get("c", 0) if self.exact else 0
        while self.follow is not None and len(states) < most:
            after, seen = self.follow(states[-1], size), seen + size
            if (seen if self.behind is None else self.behind(after)) >= total:
                break
            states.append(after)
        return states

    def page_size(self, wanted: int | None) -> int:
        """The size to ask the app for when the caller wants `wanted`."""
        size = wanted or self.size
        return min(size, self.max_size) if self.max_size else size

    def state(self, position: Position | None) -> State:
        """The kind's state at `position`."""
        state: State = position["s"] if position else self.paginator.start
        return state

    def advance(self, position: Position | None, turn: Turn) -> Position | None:
        """The position before the next page, or None at the end of the walk.

        Raises `UnexpectedAnswer` when the walk makes no progress, or when the signals contradict each other.
        """
        state = self.state(position)
        before: Position = position or {"n": 0, "r": 0, "d": None, "t": StateMark(state)}
        seen, page = before["r"] + len(turn.records), PageMark.of(turn)
        if page is not None and page.same(before["d"]):
            raise UnexpectedAnswer(
                f"the app gave the same page twice, after {before['r']} records",
                origin=turn.origin, hint="it may ignore the position it is sent, or repeat its last page: declare `more` or `total`",
            )  # fmt: skip
        total = None if self.total is None else count_of(self.total.find(turn.answer, turn.scope))
        more = None if self.more is None else bool(self.more.find(turn.answer, turn.scope))
        least = min((known for known in (before.get("c"), total) if known is not None), default=None)
        counted = seen if self.behind is None else self.behind(self.paginator.advance(state, turn) or state)
        after = None if self._ends(turn, counted, total, more) else self.paginator.advance(state, turn)
        if after is None:
            self._check_end(counted, least, more, turn.origin)
            return None
        return {**self._guarded(after, before, seen, page, turn.origin), **({} if least is None else {"c": least})}

    def _guarded(self, after: State, before: Position, seen: int, page: PageMark | None, origin: Span) -> Position:
        pages, mark = before["n"] + 1, before["t"]
        here = StateMark(after)
        if here.same(mark):
            raise UnexpectedAnswer(
                f"pagination goes round in a circle after {pages} pages",
                origin=origin,
                hint="the app names a page again that was walked before",
            )
        if pages > MAX_PAGES:
            raise UnexpectedAnswer(f"more than {MAX_PAGES} pages", origin=origin, hint="declare the signal that ends the walk")
        return {"s": after, "n": pages, "r": seen, "d": page, "t": here if pages & (pages - 1) == 0 else mark}

    def _ends(self, turn: Turn, seen: int, total: int | None, more: bool | None) -> bool:
        """Whether any signal but the kind's own says that this page is the last. A total ends nothing where the app says
        that more pages follow: the flag is about this page, the total about a tenant that changes meanwhile."""
        reached = total is not None and seen >= total and not more
        empty = self.empty_page_ends and not turn.records
        short = self.short_page_ends and len(turn.records) < turn.size
        return more is False or reached or empty or short

    def _check_end(self, seen: int, least: int | None, more: bool | None, origin: Span) -> None:
        """Refuse an end that the app's own words contradict. `least` is the smallest total it named on the way: what was
        added during the walk is not missed."""
        if least is not None and self.exact and seen < least:
            raise UnexpectedAnswer(
                f"the app counts {least} records but the pages ended after {seen}",
                origin=origin, hint="if its count cannot be trusted, say `total_is_exact: false`",
            )  # fmt: skip
        if more:
            raise UnexpectedAnswer(f"the app says more pages follow, but leads to none after {seen} records", origin=origin)


def count_of(value: Any) -> int | None:
    """A count that an answer gives, as a number or, in a header, as text; None where it gives none."""
    if isinstance(value, str) and value.isdecimal() and len(value) < 19:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _digest(value: Any) -> str:
    return blake2b(orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS, default=str), digest_size=6).hexdigest()
