"""The tables of docs/errors.md say what the engine does."""

import re
from pathlib import Path

from ferrule.errors import CODES, code_for_status

PAGE = (Path(__file__).parents[1] / "docs" / "errors.md").read_text()


def rows(heading: str) -> list[list[str]]:
    """The first table below a heading, without its own heading."""
    section = PAGE.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    table = re.search(r"(?:^\|.*\n)+", section, re.MULTILINE)
    assert table
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[0].splitlines()[2:]]


def test_every_code_with_what_follows_from_it():
    flags = ("retryable", "throttled", "refreshable")
    assert rows("Codes") == [
        [f"`{code.name}`", code.fault, code.category, ", ".join(flag for flag in flags if getattr(code, flag))] for code in CODES.values()
    ]


def test_every_status_with_its_code():
    table = {int(status): code.strip("`") for cell, code in rows("What a status means")[:-1] for status in cell.split(", ")}
    assert rows("What a status means")[-1] == ["any other", "`invalid_response`"]
    assert {status: table.get(status, "invalid_response") for status in range(300, 600)} == {
        status: code_for_status(status) for status in range(300, 600)
    }
