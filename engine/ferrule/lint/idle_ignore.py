"""An ignore silences nothing.

What it was for is gone, or stands on another line. An ignore is about the findings of lint on its own line or, where it stands
alone on a line, on the next one. What stands in the way of a plan cannot be ignored. `--fix` removes what is idle. An ignore of
a code of `--against` is judged where a description is given that speaks of all that stands on the line; `--fix` leaves it.

Reported:

    # ferrule: ignore[L462] a server on this machine    # L499
    http: {base_url: http://localhost:8080}

Fine:

    # ferrule: ignore[L462] the lift has no other interface
    http: {base_url: http://lift.acme.example}
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from ferrule.diagnostics import Code, Diagnostic
from ferrule.lint.ignores import Ignore, Used, ignores

CODE = Code("L499", "idle-ignore", "warning")

_IN_THE_WAY = ("Y", "S", "C")
"""What codes of the stages before lint begin with."""


def check(comments: Iterable[Ignore], used: Used, checked: Collection[str]) -> Iterator[Diagnostic]:
    """Compare the ignores with what they silenced. `checked` are the codes that were looked for."""
    for ignore in comments:
        for code in ignore.codes:
            in_the_way = code.startswith(_IN_THE_WAY)
            if (ignore.span.line, code) not in used and (code in checked or in_the_way):
                hint = "what stands in the way of a plan cannot be ignored" if in_the_way else "remove it"
                yield Diagnostic(CODE, ignore.place(code), f"there is no {code} to ignore here", hint)


def of_descriptions(comments: Iterable[Ignore], used: Used, unchecked: Collection[int]) -> Iterator[Diagnostic]:
    """Compare the ignores of what a vendor's description contradicts with what they silenced. `unchecked` are the lines of which
    the description does not say all."""
    about = [replace(each, codes=tuple(code for code in each.codes if code.startswith("A"))) for each in comments]
    judged = [each for each in about if each.line not in unchecked]
    return check(judged, used, {code for each in judged for code in each.codes})


def fix(text: str, finding: Diagnostic) -> str:
    """The file without the code, or without the whole ignore where it names no other."""
    rows = text.splitlines(keepends=True)
    ignore = next(ignore for ignore in ignores(text, finding.span.file) if ignore.span.line == finding.span.line)
    row = rows[finding.span.line - 1]
    before, code = row[: ignore.span.column - 1], row[finding.span.column - 1 :][: finding.span.length]
    left = ignore.without(code)
    ending = row[len(row.rstrip("\r\n")) :]
    kept = f"{before}{left}" if left else before.rstrip()
    rows[finding.span.line - 1] = kept + ending if kept else ""
    return "".join(rows)
