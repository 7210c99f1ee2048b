"""Marks in a spec: the findings that are expected, on the line they are reported on.

    records: bdy.users        # expect: C313        a finding with this code on this line
    records: bdy.users        # expect: C313@10     and in this column
    app: {nam: A, vendor: B}  # expect: S201 S201   two of them
    when: |                   # expect +1: C310@5   on the line below: within a block scalar a comment would be text

Columns and lines count from 1. The set is exact: a finding that is not marked is one too many.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from ferrule.diagnostics import Diagnostic
from pages import in_frame

FRAMES = Path(__file__).parent / "frames"
_MARK = re.compile(r"#\s*expect(?:\s+(?P<away>[+-]\d+))?:(?P<codes>[^#\n]*)")
_CODE = re.compile(r"(?P<code>[A-Z]\d{3})(?:@(?P<column>\d+))?")
_FRAME = re.compile(r"# frame: (\w+)\n")

Mark = tuple[int, str, int | None]


def marks(text: str) -> list[Mark]:
    """Line, code and column, None where none is named, of every finding that is expected, in order."""
    found = []
    for number, row in enumerate(text.splitlines(), 1):
        for mark in _MARK.finditer(row):
            words = mark["codes"].split()
            codes = [_CODE.fullmatch(word) for word in words]
            if not words or None in codes:
                raise ValueError(f"line {number}: a mark has codes, such as `S201` or `S201@7`, not {mark['codes'].strip()!r}")
            found += [(number + int(mark["away"] or 0), c["code"], int(c["column"]) if c["column"] else None) for c in codes if c]
    return sorted(found, key=str)


def reported(diagnostics: Iterable[Diagnostic], expected: Iterable[Mark], lines: int = 0, columns: int = 0) -> list[Mark]:
    """What was reported, to be compared with `expected`: with columns where those name them. `lines` and `columns` are what
    a frame puts before the text that has the marks."""
    named = {(line, code) for line, code, column in expected if column is not None}
    found: list[Mark] = []
    for diagnostic in diagnostics:
        line, code = diagnostic.span.line - lines, diagnostic.code.id
        found.append((line, code, diagnostic.span.column - columns if (line, code) in named else None))
    return sorted(found, key=str)


def framed(text: str) -> tuple[str, int, int]:
    """The spec that a case stands for, and how many lines and columns its frame puts before it. A case that begins with
    `# frame: NAME` is a part, and stands in `frames/NAME.yaml`; any other is a whole file."""
    frame = _FRAME.match(text)
    if frame is None:
        return text, 0, 0
    around = (FRAMES / f"{frame[1]}.yaml").read_text("utf-8")
    place = re.search(r"^( *)# part\n", around, re.MULTILINE)
    assert place is not None
    return in_frame(around, text), around[: place.start()].count("\n"), len(place[1])
