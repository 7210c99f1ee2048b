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
from functools import partial
from pathlib import Path

from ferrule.compile import compile_spec
from ferrule.coverage.figures import Coverage, Missed, lcov
from ferrule.coverage.places import branches_of, in_record, maps, paths, rows
from ferrule.coverage.trace import Found, Node, Trace
from ferrule.coverage.walks import with_pagers
from ferrule.coverage.watching import WatchingCompiler, WatchingWire
from ferrule.replay import Report, cassettes_of, replay_cassette
from ferrule.source import Table, read
from ferrule.spec.load import load
from ferrule.spec.model import ConnectorSpec
from ferrule.wire.cassette_file import Cassette, load_cassette

__all__ = ["Coverage", "Missed", "Node", "Trace", "branches_of", "cover", "covered", "in_record", "lcov", "paths"]


def cover(spec: Path, file: str | None = None) -> tuple[Coverage, list[Report]]:
    """What the cassettes of the spec at `spec` make run, and how their replay went. Raises `SpecError`."""
    shown = file or str(spec.relative_to(Path.cwd()) if spec.is_relative_to(Path.cwd()) else spec)
    tree = read(spec.read_bytes().decode("utf-8-sig"), shown)
    cassettes = [(path, load_cassette(path)) for path in cassettes_of(spec)]
    return covered(load(tree), tree, shown, cassettes)


def covered(spec: ConnectorSpec, tree: Table, file: str, cassettes: list[tuple[Path, Cassette]]) -> tuple[Coverage, list[Report]]:
    """The same for a spec that is loaded and cassettes that are."""
    trace, found = Trace(), Found(dict(paths(tree)), dict(maps(tree)), dict(rows(tree)))
    plan = compile_spec(spec, tree, file, partial(WatchingCompiler, trace, found))
    plan = with_pagers(plan, trace, found)
    for place, path in found.paths.items():
        if path[-1:] == ("",):
            found.add(place, "field", path[:-1])
    reports = [asyncio.run(replay_cassette(plan, cassette, path, WatchingWire(cassette, trace))) for path, cassette in cassettes]
    nodes = sorted(found.nodes.values(), key=lambda node: (node.span.line, node.span.column))
    return Coverage(spec.app.id, file, tuple(nodes), trace), reports
