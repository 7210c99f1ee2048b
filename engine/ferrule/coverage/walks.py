"""Paginations that note how walks go on and how they end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ferrule.coverage.trace import Found, Trace
from ferrule.diagnostics import NOWHERE, Span
from ferrule.pagination import Pager, Pagination, Position, Turn
from ferrule.plan import Loop, Operation, Part, Plan
from ferrule.source import Text
from ferrule.spec.model import ConnectorSpec, OperationSpec


def with_pagers(plan: Plan, trace: Trace, found: Found) -> Plan:
    """The plan with paginations that note how walks go on and end."""

    def watched(loop: Loop, pages: Pagination | None) -> Loop:
        if loop.pager is None or pages is None:
            return loop
        branches = _branches(pages)
        found.add(pages.span, "pagination", found.paths.get(pages.span, ()), branches)
        own = {name: getattr(loop.pager, name) for name in Pager.__slots__}
        return replace(loop, pager=_WatchedPager(**own, span=pages.span, natural=_NATURAL.get(pages.kind, "an empty page"), trace=trace))

    def part(part: Part, levels: list[Pagination | None]) -> Part:
        return replace(part, loops=tuple(watched(loop, pages) for loop, pages in zip(part.loops, levels, strict=True)))

    def operation(name: str, operation: Operation) -> Operation:
        spec = plan.spec.capabilities.get(name)
        if spec is None:
            return operation
        levels = list(_levels(spec, plan.spec))
        return replace(operation, parts=tuple(part(made, pages) for made, pages in zip(operation.parts, levels, strict=False)))

    return replace(plan, operations={name: operation(name, made) for name, made in plan.operations.items()})


def _levels(spec: OperationSpec, connector: ConnectorSpec) -> Iterator[list[Pagination | None]]:
    """For each part the paginations of its walks, the outermost first."""
    for part in spec.parts if spec.parts is not None else [spec]:
        each = part.each if isinstance(part.each, list) else [part.each] if part.each else []
        yield [connector.pagers[level.pages] if isinstance(level.pages, Text) else level.pages for level in (*each, part)]


_NATURAL = {"cursor": "`next`", "next_url": "`next`", "relay": "`page_info`", "link": "the header", "page": "`last`"}
"""What of a kind leads nowhere on the last page."""


def _branches(pages: Pagination) -> tuple[str, ...]:
    """That a walk goes on, and each signal that can end it. An empty page is one where no other is named."""
    ends = [_NATURAL[pages.kind]] if pages.kind in _NATURAL and (pages.kind != "page" or pages.last) else []
    ends += [f"`{name}`" for name in ("more", "total") if getattr(pages, name)]
    ends += ["a short page"] if pages.short_page_ends else []
    if pages.empty_page_ends or not ends:
        ends.append("an empty page")
    return ("went on", *(f"ended by {end}" for end in ends))


@dataclass(frozen=True, slots=True)
class _WatchedPager(Pager):
    """A pager that notes what each page leads to, and every reason for an end."""

    span: Span = NOWHERE
    natural: str = ""
    trace: Trace = field(default_factory=Trace)

    def advance(self, position: Position | None, turn: Turn) -> Position | None:
        following = Pager.advance(self, position, turn)
        if following is not None:
            self.trace.note(self.span, "went on")
        elif self.paginator.advance(self.state(position), turn) is None:
            self.trace.note(self.span, f"ended by {self.natural}")
        return following

    def _ends(self, turn: Turn, seen: int, total: int | None, more: bool | None) -> bool:
        reasons = {
            "`more`": more is False,
            "`total`": total is not None and seen >= total and not more,
            "an empty page": self.empty_page_ends and not turn.records,
            "a short page": self.short_page_ends and len(turn.records) < turn.size,
        }
        for reason, holds in reasons.items():
            if holds:
                self.trace.note(self.span, f"ended by {reason}")
        return Pager._ends(self, turn, seen, total, more)
