"""What is found wrong with a spec, and how a person reads it.

Every finding carries a code, a place, one sentence and, where a fix is likely, a hint.
Codes are grouped by the stage that finds them: `Y1xx` YAML, `S2xx` shape, `C3xx` compile, `L4xx` lint, `R5xx` runtime.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

Severity = Literal["error", "warning"]


class Span(NamedTuple):  # of which a spec has thousands, and a tuple is made in a third of the time
    """A place in a file. Lines and columns count from 1; `length` is in characters, on that one line."""

    file: str
    line: int
    column: int
    length: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


NOWHERE = Span("<memory>", 1, 1)
"""The place of a value that no file holds."""


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of finding: its number, its name and how much it matters."""

    id: str
    name: str
    severity: Severity = "error"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding, at one place."""

    code: Code
    span: Span
    message: str
    hint: str | None = None

    def __str__(self) -> str:
        return f"{self.span}: {self.code.id} {self.message} [{self.code.name}]"


class SpecError(Exception):
    """A spec that cannot be used. `diagnostics` holds every finding once, in file order."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(sorted(dict.fromkeys(diagnostics), key=lambda d: (d.span.file, d.span.line, d.span.column, d.code.id)))
        super().__init__("\n".join(map(str, self.diagnostics)))


def file_name(path: Path) -> str:
    """The name that findings give a file: as short as it is from here."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` may stand for, or None when none is near."""
    names = list(known)
    same = next((name for name in names if name.lower() == word.lower()), None)
    return same or next(iter(difflib.get_close_matches(word, names, n=1, cutoff=0.6)), None)


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """A hint that names the known word nearest to `word`, or None when nothing is near."""
    near = nearest(word, known)
    return f"did you mean `{near}`?" if near else None


def render(diagnostic: Diagnostic, text: str | None) -> str:
    """The finding as a person reads it: the sentence, the line it is on with a caret below, the hint.

    `text` is the whole file the span points into; without it the source line is left out.
    """
    lines = [str(diagnostic)]
    rows = text.splitlines() if text is not None else []
    span = diagnostic.span
    if 0 < span.line <= len(rows):
        row, column = _window(rows[span.line - 1].replace("\t", " "), span.column - 1)
        room = max(1, min(span.length, len(row) - column))
        lines.append(f"{span.line:5} | {row}")
        lines.append(f"      | {' ' * column}^{'~' * (room - 1)}")
    if diagnostic.hint:
        lines.append(f"   hint: {diagnostic.hint}")
    return "\n".join(lines)


_WIDEST = 200
"""Characters of a line that are shown; of a longer one, those around the finding."""


def _window(row: str, column: int) -> tuple[str, int]:
    if len(row) <= _WIDEST:
        return row, column
    start = max(0, min(column - _WIDEST // 2, len(row) - _WIDEST))
    shown = row[start : start + _WIDEST]
    return (f"…{shown}", column - start + 1) if start else (shown, column)
