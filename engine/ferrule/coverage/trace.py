"""What there is to run in a spec, and what was seen to run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from ferrule.coverage.places import Keys
from ferrule.diagnostics import Span
from ferrule.source import Table


@dataclass(frozen=True, slots=True)
class Node:
    """A place in a spec that can run."""

    span: Span
    kind: str
    where: str
    """The keys that lead to it, dots between them."""
    branches: tuple[str, ...] = ()
    """What it can come to, where it decides something."""


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
class Found:
    """The nodes found so far, and the keys that lead to each place of the file."""

    paths: Mapping[Span, Keys]
    maps: Mapping[Span, Table]
    """The mapping around each `map`, by the place of its `from`."""
    rows: Mapping[int, tuple[Span, int]]
    """The text that runs on over a line, and the column behind it there."""
    nodes: dict[Span, Node] = field(default_factory=dict)

    def around(self, span: Span) -> Span:
        """The place of the text that `span` is a part of, as the path is of an address; its own, where it is whole."""
        if span in self.paths:
            return span
        file, line, start, length = span
        whole = (s for s in self.paths if s[:2] == (file, line) and s.column <= start and start + length <= s.column + s.length)
        text, end = self.rows.get(line, (span, 0))
        return next(whole, text if start < end else span)

    def add(self, span: Span, kind: str, path: Keys, branches: tuple[str, ...] = ()) -> None:
        self.nodes.setdefault(span, Node(span, kind, ".".join(path), branches))
