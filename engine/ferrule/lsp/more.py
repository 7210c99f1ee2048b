"""Symbols of a document, and remedies for what was found in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ferrule.diagnostics import Diagnostic
from ferrule.lint import FIXES, fixed
from ferrule.lsp.positions import Positions
from ferrule.lsp.tree import Entry, Node

_MEANT = re.compile(r"did you mean `([^`]+)`\?")


@dataclass(frozen=True, slots=True)
class Symbol:
    """A key with the offsets of all that belongs to it, and those of the key itself."""

    name: str
    start: int
    end: int
    key: tuple[int, int]
    inner: tuple[Symbol, ...]


def symbols(root: Node, depth: int = 2) -> tuple[Symbol, ...]:
    """The sections of a spec, and what each of them defines: capabilities, pagers, records, types."""
    return tuple(_symbol(entry, depth) for entry in root.entries if entry.key is not None and entry.colon is not None)


def _symbol(entry: Entry, depth: int) -> Symbol:
    assert entry.key is not None
    inner = symbols(entry.value, depth - 1) if depth > 1 and entry.value is not None and entry.value.kind == "mapping" else ()
    key = (entry.key.start, entry.key.end)
    return Symbol(entry.name, entry.start, max(entry.end, entry.key.end), key, inner)


@dataclass(frozen=True, slots=True)
class Remedy:
    """A change that takes a finding away: `text` for what stands between two offsets."""

    title: str
    finding: Diagnostic
    start: int
    end: int
    text: str


def remedies(text: str, found: Iterable[Diagnostic], positions: Positions) -> Iterator[Remedy]:
    """What `--fix` would do for each finding, and the word that a hint thinks was meant."""
    for finding in found:
        if finding.code in FIXES:
            yield Remedy(finding.hint or finding.message, finding, *_difference(text, fixed(text, [finding])))
        meant = _MEANT.fullmatch(finding.hint or "")
        if meant is not None:
            start, end = positions.range_of(finding.span)
            if text[start:end] in re.findall(r"`([^`]+)`", finding.message):
                yield Remedy(f"write `{meant[1]}`", finding, start, end, meant[1])


def _difference(before: str, after: str) -> tuple[int, int, str]:
    """The one stretch in which two texts differ: its offsets in the first, and what the second has there."""
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    same = 0
    while same < min(len(before), len(after)) - start and before[-1 - same] == after[-1 - same]:
        same += 1
    return start, len(before) - same, after[start : len(after) - same]
