r"""Places as a client counts them, and as findings do.

A client counts lines and columns from 0, the column in units of an encoding that both sides agree on (UTF-16 where they do not),
and ends a line with `\n`, `\r\n` or `\r` (Language Server Protocol 3.17, "Text Documents"). A finding counts from 1, in characters,
and its lines end where those of YAML 1.1 do, at U+0085, U+2028 and U+2029 too. Offsets into the text stand between the two.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Literal

from ferrule.diagnostics import Span

Encoding = Literal["utf-8", "utf-16", "utf-32"]

_LINES = re.compile(r"\r\n|\r|\n")
_YAML_LINES = re.compile("\r\n|[\r\n\x85\u2028\u2029]")


class Positions:
    """The lines of one text."""

    def __init__(self, text: str, encoding: Encoding = "utf-16") -> None:
        self.text, self.encoding = text, encoding
        self.starts = [0, *(found.end() for found in _LINES.finditer(text))]
        self.yaml_starts = [0, *(found.end() for found in _YAML_LINES.finditer(text))]

    def offset(self, line: int, character: int) -> int:
        """The offset of a client's place; the nearest there is, where the text has no such place."""
        if line < 0 or line >= len(self.starts):
            return 0 if line < 0 else len(self.text)
        start = self.starts[line]
        row = self.text[start : self.starts[line + 1] if line + 1 < len(self.starts) else len(self.text)].rstrip("\r\n")
        if row.isascii() or self.encoding == "utf-32":
            return start + min(max(character, 0), len(row))
        units = 0
        for place, char in enumerate(row):
            if units >= character:
                return start + place
            units += self.units(char)
        return start + len(row)

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, as a client counts them."""
        line = bisect_right(self.starts, offset) - 1
        return line, self.units(self.text[self.starts[line] : offset])

    def units(self, text: str) -> int:
        """How long a text is for the client."""
        if self.encoding == "utf-32" or text.isascii():
            return len(text)
        if self.encoding == "utf-8":
            return len(text.encode("utf-8", "surrogatepass"))
        return len(text.encode("utf-16-le", "surrogatepass")) // 2

    def range_of(self, span: Span) -> tuple[int, int]:
        """The offsets where a finding starts and ends: at least one character, and no further than its line."""
        line = min(max(span.line, 1), len(self.yaml_starts)) - 1
        ends = self.yaml_starts[line + 1] if line + 1 < len(self.yaml_starts) else len(self.text) + 1
        last = max(
            self.yaml_starts[line], len(self.text[self.yaml_starts[line] : ends].rstrip("\r\n\x85\u2028\u2029")) + self.yaml_starts[line]
        )
        mark = 1 if line == 0 and self.text.startswith("\ufeff") else 0
        start = min(self.yaml_starts[line] + span.column - 1 + mark, last)
        return start, min(start + max(span.length, 1), max(last, start))

    def at(self, line: int, column: int) -> int:
        """The offset of a place that counts as findings do."""
        return self.range_of(Span("", line, column))[0]
