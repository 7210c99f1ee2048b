"""`# ferrule: ignore[L401] reason` silences a finding of its line, or of the next one where it stands alone on a line."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from ferrule.diagnostics import Diagnostic, Span

_IGNORE = re.compile(r"(?:^|(?<=\s))#\s*ferrule:\s*ignore\[([^\]\n]*)\][ \t]*(.*)$")
_BETWEEN = re.compile(r"[\s,]+")


@dataclass(frozen=True, slots=True)
class Ignore:
    """One such comment: the line it is about, the codes it names, and why."""

    span: Span
    line: int
    codes: tuple[str, ...]
    reason: str
    text: str

    def place(self, code: str) -> Span:
        """The place of a code it names."""
        return Span(self.span.file, self.span.line, self.span.column + self.text.find(code), len(code))

    def without(self, code: str) -> str:
        """The comment without a code; empty where it names no other."""
        kept = [other for other in self.codes if other != code]
        start, end = self.text.index("[") + 1, self.text.index("]")
        return f"{self.text[:start]}{', '.join(kept)}{self.text[end:]}" if kept else ""


def ignores(text: str, file: str) -> Iterator[Ignore]:
    """Every ignore of a file."""
    rows = text.splitlines() if "ignore[" in text else []
    for number, row in enumerate(rows, 1):
        found = _IGNORE.search(row) if "ignore[" in row else None
        if found is not None:
            alone = not row[: found.start()].strip()
            codes = tuple(dict.fromkeys(code for code in _BETWEEN.split(found[1]) if code))
            span = Span(file, number, found.start() + 1, len(found[0]))
            yield Ignore(span, _next(rows, number) if alone else number, codes, found[2].strip(), found[0])


def _next(rows: list[str], number: int) -> int:
    """The next line that is more than a comment."""
    return next((line for line, row in enumerate(rows[number:], number + 1) if row.strip() and not row.lstrip().startswith("#")), number)


Used = frozenset[tuple[int, str]]
"""The lines of ignores, with the codes that they silence something of."""


def silence(found: Iterable[Diagnostic], comments: Collection[Ignore]) -> tuple[list[Diagnostic], Used]:
    """The findings that are left, and which ignores were of use."""
    left: list[Diagnostic] = []
    used: set[tuple[int, str]] = set()
    for finding in found:
        about = [ignore for ignore in comments if ignore.line == finding.span.line and finding.code.id in ignore.codes]
        used.update((ignore.span.line, finding.code.id) for ignore in about)
        if not about:
            left.append(finding)
    return left, frozenset(used)
