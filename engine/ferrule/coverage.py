"""Which nodes of a spec its cassettes make run.

A node is a request, an expression, a template, a constant field of a record, or a pagination. One that decides something
has branches, and each of them counts: a predicate was true and was false, each entry of a `map` was met, a walk went on and
was ended by each signal that its pagination names.

The spec is compiled by a compiler that watches. The runtime is the ordinary one and knows nothing of it: whatever it asks
an expression or a template for is noted with its place, and a wire notes what is sent. A node is its place in the file: what
stands behind an anchor, or under `records:` and `pagers:`, counts once, whoever uses it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from ferrule.compile import compile_spec
from ferrule.compile.compiler import Names, SpecCompiler
from ferrule.diagnostics import NOWHERE, Span
from ferrule.escapes import Landing
from ferrule.expressions import Expression, Row, RowField, one_by_one
from ferrule.http import Request, Response
from ferrule.pagination import Pager, Pagination, Position, Turn
from ferrule.plan import Loop, Operation, Part, Plan
from ferrule.replay import Report, cassettes_of, replay_cassette
from ferrule.request import truth
from ferrule.source import Scalar, Series, Table, Text, read
from ferrule.spec.load import load
from ferrule.spec.model import ConnectorSpec, OperationSpec
from ferrule.templates import Template
from ferrule.wire.cassette import CassetteWire
from ferrule.wire.cassette_file import Cassette, load_cassette

Keys = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """A place in a spec that can run."""

    span: Span
    kind: str
    where: str
    """The keys that lead to it, dots between them."""
    branches: tuple[str, ...] = ()
    """What it can come to, where it decides something."""


@dataclass(frozen=True, slots=True)
class Missed:
    """A node that did not run, or a branch that none of its runs came to."""

    node: Node
    branch: str | None = None

    def __str__(self) -> str:
        words = "never ran" if self.branch is None else f"never {self.branch}"
        return f"{self.node.span}: {self.node.kind} `{self.node.where}` {words}"


@dataclass(slots=True)
class Trace:
    """What was noted while cassettes were replayed."""

    runs: Counter[Span] = field(default_factory=Counter)
    taken: Counter[tuple[Span, str]] = field(default_factory=Counter)

    def note(self, span: Span, branch: str | None = None) -> None:
        """One run of what stands at `span`, and the branch that it took."""
        self.runs[span] += 1
        if branch is not None:
            self.taken[span, branch] += 1


@dataclass(frozen=True, slots=True)
class Coverage:
    """The nodes of a spec, and which of them ran."""

    app: str
    file: str
    nodes: tuple[Node, ...]
    trace: Trace

    @property
    def count(self) -> int:
        """All there is to run: a node, or each of its branches."""
        return sum(len(node.branches) or 1 for node in self.nodes)

    @property
    def missed(self) -> list[Missed]:
        """What did not run, in the order of the file."""
        return [missed for node in self.nodes for missed in self._missed(node)]

    @property
    def percent(self) -> float:
        """How much of it ran."""
        return 100 * (self.count - len(self.missed)) / self.count if self.count else 100.0

    def _missed(self, node: Node) -> list[Missed]:
        if not node.branches:
            return [] if self.trace.runs[node.span] else [Missed(node)]
        return [Missed(node, branch) for branch in node.branches if not self.trace.taken[node.span, branch]]


def cover(spec: Path, file: str | None = None) -> tuple[Coverage, list[Report]]:
    """What the cassettes of the spec at `spec` make run, and how their replay went. Raises `SpecError`."""
    shown = file or str(spec.relative_to(Path.cwd()) if spec.is_relative_to(Path.cwd()) else spec)
    tree = read(spec.read_bytes().decode("utf-8-sig"), shown)
    cassettes = [(path, load_cassette(path)) for path in cassettes_of(spec)]
    return covered(load(tree), tree, shown, cassettes)


def covered(spec: ConnectorSpec, tree: Table, file: str, cassettes: list[tuple[Path, Cassette]]) -> tuple[Coverage, list[Report]]:
    """The same for a spec that is loaded and cassettes that are."""
    trace, found = Trace(), _Found(dict(paths(tree)), dict(_maps(tree)))
    plan = compile_spec(spec, tree, file, partial(_Watching, trace, found))
    plan = _with_pagers(plan, trace, found)
    for place, path in found.paths.items():
        if path[-1:] == ("",):
            found.add(place, "field", path[:-1])
    reports = [asyncio.run(replay_cassette(plan, cassette, path, _WatchedWire(cassette, trace))) for path, cassette in cassettes]
    nodes = sorted(found.nodes.values(), key=lambda node: (node.span.line, node.span.column))
    return Coverage(spec.app.id, file, tuple(nodes), trace), reports


# Where things stand


@dataclass(frozen=True, slots=True)
class _Found:
    """The nodes found so far, and the keys that lead to each place of the file."""

    paths: Mapping[Span, Keys]
    maps: Mapping[Span, Table]
    """The mapping around each `map`, by the place of its `from`."""
    nodes: dict[Span, Node] = field(default_factory=dict)

    def add(self, span: Span, kind: str, path: Keys, branches: tuple[str, ...] = ()) -> None:
        self.nodes.setdefault(span, Node(span, kind, ".".join(path), branches))


def paths(tree: Table) -> Iterator[tuple[Span, Keys]]:
    """The place of every text, mapping and list, with the keys that lead there; of an anchor's, those where it is first used.

    The key of a record's constant field has a place of its own: its path ends in an empty key.
    """
    seen: set[Span] = set()
    for span, path in _paths(tree, ()):
        if span not in seen:
            seen.add(span)
            yield span, path


def _paths(value: Any, path: Keys) -> Iterator[tuple[Span, Keys]]:
    if isinstance(value, Text):
        yield value.span, path
    if isinstance(value, Table):
        if path and not path[-1].isdecimal():
            yield value.span, path
        for key, inner in value.items():
            if in_record(path) and _is_constant(inner) and isinstance(key, Text):
                yield key.span, (*path, str(key), "")
            yield from _paths(inner, (*path, str(key)))
    if isinstance(value, Series):
        for number, inner in enumerate(value):
            yield from _paths(inner, (*path, str(number)))


def _maps(value: Any) -> Iterator[tuple[Span, Table]]:
    if isinstance(value, Table) and isinstance(value.get("from"), Text) and isinstance(value.get("map"), Table):
        yield value["from"].span, value
    for inner in value.values() if isinstance(value, Table) else value if isinstance(value, Series) else ():
        yield from _maps(inner)


def in_record(path: Keys) -> bool:
    """Whether a mapping at `path` has fields of a record for keys."""
    inside = (
        path[path.index("record") :] if "record" in path and path[0] == "capabilities" else path[1:] if path[:1] == ("records",) else ()
    )
    return bool(inside) and "map" not in inside and not {"from", "value"} & {*inside[1:]}


def _is_constant(field_: Any) -> bool:
    """Whether a field of a record is the same for each record, whatever is in scope."""
    if isinstance(field_, Table):
        return [*map(str, field_)] == ["value"] and not _has_template(field_["value"])
    return not isinstance(field_, (Text, Series))


def _has_template(value: Any) -> bool:
    if isinstance(value, str):
        return any(mark in value for mark in ("{{", "{%"))
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(map(_has_template, items))


def branches_of(path: Keys) -> tuple[str, ...]:
    """What the predicate at `path` can come to: when it holds, and when not. Empty where it is none."""
    if in_record(path[:-1]) or not path:
        return ()
    within = {*path[:-1]}
    if path[-1] == "when":
        return ("matched", "passed over") if "errors" in within else ("true", "false")
    if path[-1] == "until":
        return ("true",) if "verify" in within else ("true", "false")
    return {"filter": ("kept", "left out"), "already": ("true", "false"), "absent": ("true", "false"), "accept": ("true",)}.get(
        path[-1], ()
    )


# Watching


class _Watching(SpecCompiler):
    """A compiler whose expressions and templates note when they are asked."""

    def __init__(self, trace: Trace, found: _Found, names: Names) -> None:
        super().__init__(names)
        self.trace, self.nodes = trace, found

    def template(self, text: Text, landing: Landing = "leaf") -> Template:
        made = super().template(text, landing)
        if text.span == NOWHERE or (made.constant and landing != "path"):
            return made
        path = self.nodes.paths.get(text.span, ())
        self.nodes.add(text.span, "request" if landing == "path" else "template", path)
        if landing == "path":
            return made

        def render(scope: Mapping[str, Any]) -> Any:
            self.trace.note(text.span)
            return made.render(scope)

        return replace(made, render=render)

    def expression(self, text: Text) -> Expression:
        return self._watched(super().expression(text))

    def record_expression(self, text: Text) -> Expression:
        return self._watched(super().record_expression(text))

    def scope_expression(self, text: Text) -> Expression:
        return self._watched(super().scope_expression(text))

    def row(self, fields: Mapping[str, RowField]) -> Row:
        find, keys = one_by_one(fields), [name.span for name in fields if isinstance(name, Text)]

        def row(record: Any, scope: Mapping[str, Any]) -> dict[str, Any]:
            for key in keys:
                self.trace.note(key)
            return find(record, scope)

        return row

    def _watched(self, expression: Expression) -> Expression:
        span = expression.text.span
        if span == NOWHERE:
            return expression
        path = self.nodes.paths.get(span, ())
        if (around := self.nodes.maps.get(span)) is not None:
            labels = _labels(around)
            self.nodes.add(span, "map", path[:-1], tuple(labels.values()))
            return replace(expression, find=_mapped(self.trace, expression, labels))
        branches = branches_of(path)
        watch = _predicate(self.trace, expression, branches) if branches else _plain(self.trace, expression)
        self.nodes.add(span, "error rule" if branches[:1] == ("matched",) else "predicate" if branches else "expression", path, branches)
        return replace(expression, find=watch)


Find = Callable[[Any, Mapping[str, Any]], Any]


def _plain(trace: Trace, expression: Expression) -> Find:
    def find(current: Any, scope: Mapping[str, Any]) -> Any:
        trace.note(expression.text.span)
        return expression.find(current, scope)

    return find


def _labels(around: Table) -> dict[Any, str]:
    """For each value that a map has, and for all others where it says `else`, the name of its branch."""
    labels: dict[Any, str] = {_entry(key.value if isinstance(key, Scalar) else str(key)): f"met `{key}`" for key in around["map"]}
    return labels | ({None: "took `else`"} if "else" in around else {})


def _entry(value: Any) -> tuple[str, Any]:
    return ("str", str(value)) if isinstance(value, str) else (type(value).__name__, value if isinstance(value, (int, float)) else None)


def _mapped(trace: Trace, expression: Expression, labels: Mapping[Any, str]) -> Find:
    def find(current: Any, scope: Mapping[str, Any]) -> Any:
        found = expression.find(current, scope)
        trace.note(expression.text.span, labels.get(_entry(found)) or labels.get(None))
        return found

    return find


def _predicate(trace: Trace, expression: Expression, branches: tuple[str, ...]) -> Find:
    """Notes whether it held. The exchange asks once more without the body, to see whether a predicate needs one: that is no
    answer, and is told by the headers, which are the very same object."""
    before: list[Any] = [None]

    def find(current: Any, scope: Mapping[str, Any]) -> Any:
        answered = isinstance(current, dict) and {"status", "headers", "body"} == current.keys()
        probe = answered and current["body"] is None and current["headers"] is before[0]
        if answered and current["body"] is not None:
            before[0] = current["headers"]
        holds = False
        try:
            found = expression.find(current, scope)
            holds = truth(found)
        finally:
            if not probe:
                trace.note(expression.text.span, branches[0] if holds else branches[-1] if len(branches) > 1 else "false")
        return found

    return find


class _WatchedWire(CassetteWire):
    """Plays a cassette, and notes which requests were sent."""

    def __init__(self, cassette: Cassette, trace: Trace) -> None:
        super().__init__(cassette)
        self.trace = trace

    async def send(self, request: Request, content: bytes | None, content_type: str | None) -> Response:
        if request.origin is not None:
            self.trace.note(request.origin)
        return await super().send(request, content, content_type)


# Paginations


def _with_pagers(plan: Plan, trace: Trace, found: _Found) -> Plan:
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


# Reports


def lcov(coverages: list[Coverage]) -> str:
    """A tracefile as lcov's `geninfo` describes it, which editors read. A line ran as often as the node on it that ran least."""
    return "".join(_record(coverage) for coverage in coverages)


def _record(coverage: Coverage) -> str:
    runs, taken = coverage.trace.runs, coverage.trace.taken
    lines: dict[int, int] = {}
    branches = []
    for block, node in enumerate(coverage.nodes):
        line = node.span.line
        lines[line] = min(lines.get(line, runs[node.span]), runs[node.span])
        for number, branch in enumerate(node.branches):
            branches.append((line, block, number, taken[node.span, branch] if runs[node.span] else None))
    rows = [f"BRDA:{line},{block},{number},{'-' if count is None else count}" for line, block, number, count in branches]
    rows += [f"BRF:{len(branches)}", f"BRH:{sum(bool(count) for *_, count in branches)}"]
    rows += [f"DA:{line},{count}" for line, count in sorted(lines.items())]
    rows += [f"LF:{len(lines)}", f"LH:{sum(bool(count) for count in lines.values())}"]
    return "\n".join(("TN:", f"SF:{coverage.file}", *rows, "end_of_record", ""))
