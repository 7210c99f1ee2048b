"""The table of docs/contract.md, made of the table of differences."""

from __future__ import annotations

import re

from referee.compare import table

MARK = "<!-- differences -->"
_TABLE = re.compile(re.escape(MARK) + r"\n(?:\|[^\n]*\n)*")


def with_table(text: str) -> str:
    """The page with the table as it has to be."""
    rows = [f"| {row['name']} | {row['sdk']} | {row['ferrule']} | {row['why']} |" for row in table()]
    lines = [MARK, "| Name | The SDK | Ferrule | Why |", "| --- | --- | --- | --- |", *rows, ""]
    return _TABLE.sub(lambda _: "\n".join(lines), text)
