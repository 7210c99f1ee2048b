"""How much of a spec ran: the share of its nodes and branches, each one that was missed, and the tracefile for editors."""

from __future__ import annotations

from dataclasses import dataclass

from ferrule.coverage.trace import Node, Trace


@dataclass(frozen=True, slots=True)
class Missed:
    """A node that did not run, or a branch that none of its runs came to."""

    node: Node
    branch: str | None = None

    def __str__(self) -> str:
        words = "never ran" if self.branch is None else f"never {self.branch}"
        return f"{self.node.span}: {self.node.kind} `{self.node.where}` {words}"


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
