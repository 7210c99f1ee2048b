"""Two answers to the same input: where they differ, and which of those differences have a name.

`differences.yaml` is the table. A row without `cases` may occur anywhere; a row with them must occur in each of those cases.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
ABSENT = "(absent)"
TOKEN = "(a page token)"


@dataclass(frozen=True)
class Difference:
    """One place where the two answers are not the same."""

    path: str
    theirs: Any
    ours: Any

    def __str__(self) -> str:
        return f"{self.path}: theirs {self.theirs!r}, ours {self.ours!r}"


@dataclass(frozen=True)
class Place:
    """One place where a difference on purpose shows, and in which cases."""

    name: str
    path: str
    theirs: Any = None
    ours: Any = None
    cases: tuple[str, ...] = ()
    may: tuple[str, ...] = ("*",)

    def shows(self, difference: Difference, case: str) -> bool:
        """Whether this is the difference that a case shows."""
        return (
            any(fnmatchcase(case, pattern) for pattern in self.cases or self.may)
            and fnmatchcase(difference.path, self.path)
            and all(fits(*pair) for pair in ((self.theirs, difference.theirs), (self.ours, difference.ours)))
        )

    def must_show(self, case: str) -> bool:
        """Whether it has to show in a case."""
        return any(fnmatchcase(case, pattern) for pattern in self.cases)


def fits(wanted: Any, found: Any) -> bool:
    """Whether a value is the one that the table has; `null-value` is a null, and nothing is any value."""
    return wanted is None or (found is None if wanted == "null-value" else found == wanted)


def table() -> list[dict[str, Any]]:
    """The rows of the table of differences."""
    rows: list[dict[str, Any]] = yaml.safe_load((FOLDER / "differences.yaml").read_text())
    return rows


def places() -> list[Place]:
    """All places of all rows."""
    tuples = ("cases", "may")
    return [
        Place(row["name"], **{key: tuple(value) if key in tuples else value for key, value in place.items()})
        for row in table()
        for place in row["where"]
    ]


def differences(theirs: dict[str, Any], ours: dict[str, Any]) -> list[Difference]:
    """Where two envelopes differ.

    Where one is an error and the other an answer, that is the one difference. What follows from an error's code is compared only
    where the codes are the same, and page tokens only by whether there is one: each side alone can read its own.
    """
    outcomes = outcome(theirs), outcome(ours)
    if "answer" in outcomes and outcomes[0] != outcomes[1]:
        return [Difference("outcome", *outcomes)]
    found = walk("", theirs, ours)
    return [one for one in found if outcomes[0] == outcomes[1] or not one.path.startswith("error.error_metadata")]


def outcome(envelope: dict[str, Any]) -> str:
    """The code of an error, or that it is none."""
    return str(envelope["error"]["error_code"]) if envelope.get("is_error") else "answer"


def walk(path: str, theirs: Any, ours: Any) -> Iterator[Difference]:
    """Every leaf where two JSON values differ; true is not 1, and a list of another length is one difference."""
    if path == "page.token" and theirs and ours:
        return
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for key in [*theirs, *(key for key in ours if key not in theirs)]:
            yield from walk(f"{path}.{key}".lstrip("."), theirs.get(key, ABSENT), ours.get(key, ABSENT))
    elif isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
        for number, (one, other) in enumerate(zip(theirs, ours, strict=True)):
            yield from walk(f"{path}.{number}", one, other)
    elif type(theirs) is not type(ours) or theirs != ours:
        yield Difference(path, theirs, ours)


def unnamed(found: list[Difference], case: str, named: list[Place]) -> list[str]:
    """What is wrong with the differences of a case: those without a name, and names that do not show."""
    nameless = [str(difference) for difference in found if not any(place.shows(difference, case) for place in named)]
    missing = [
        f"`{place.name}` does not show at {place.path}"
        for place in named
        if place.must_show(case) and not any(place.shows(difference, case) for difference in found)
    ]
    return nameless + missing
