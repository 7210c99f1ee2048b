r"""Patterns that cannot be made slow by the text they look at.

A backtracking matcher may try every way of dividing a text between the repeats of a pattern, and the text comes from
outside. So a pattern is a literal, known when the spec is compiled; forms whose cost explodes are refused then; and from
the number of ways that are left follows how long a text the pattern may look at. Allowed are characters, sets, `\d` and
its like, `^`, `$`, `\b`, groups, `|`, and the repeats `* + ? {m,n}`, also lazy. Refused are back references, looking
around, and a repeat of something that itself varies in length or has alternatives.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

BUDGET = 50_000_000
"""Steps a search may take at most: about a second."""

LONGEST = 10_000
"""Characters of the longest text that any pattern may look at."""

SHORTEST = 64
"""A pattern that could not even look at a text of this length is refused."""

_TOKEN = re.compile(
    r"""
    (?P<flags>\A\(\?[ims]+\))
  | (?P<open>\((?:\?:|\?P<\w+>|(?!\?)))
  | (?P<close>\))
  | (?P<bar>\|)
  | (?P<repeat>(?:(?P<sign>[*+?])|\{(?P<low>\d*)(?P<to>,)?(?P<high>\d*)(?<!\{)\})[?]?)
  | (?P<anchor>[\^$]|\\[AbBZ])
  | (?P<atom>\[\^?\]?(?:\\.|[^\]\\])*\]|\\[^0-9]|\\0|[^\\(])
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern, and the longest text it may look at."""

    regex: re.Pattern[str]
    longest: int

    def search(self, text: str) -> re.Match[str] | None:
        """Where the pattern first occurs in the text, or None."""
        if len(text) > self.longest:
            raise ValueError(f"a text of {len(text)} characters is longer than the {self.longest} that this pattern may look at")
        return self.regex.search(text)


def read(source: str) -> Pattern:
    """The pattern written as `source`. Raises `ValueError` for one that is malformed, or could become slow."""
    try:
        regex = re.compile(source)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"not a pattern: {error}") from error
    ways, open_ended = _cost(source)
    starts = 0 if source.startswith(("^", r"\A")) and "|" not in source else 1
    longest = min(LONGEST, int((BUDGET / ways) ** (1 / max(1, open_ended + starts))))
    if longest < SHORTEST:
        raise ValueError("the pattern can match in too many ways: use fewer repeats and alternatives")
    return Pattern(regex, longest)


@dataclass(slots=True)
class _Group:
    """What was read of a group so far."""

    varies: bool = False
    alternatives: int = 1


def _cost(source: str) -> tuple[int, int]:
    """In how many ways the bounded parts of a pattern can match, and how many open-ended repeats it has beside them."""
    ways, open_ended, place, varies = 1, 0, 0, False
    groups = [_Group()]
    while place < len(source):
        token = _TOKEN.match(source, place)
        if token is None:
            raise ValueError(f"`{source[place : place + 4]}` is not allowed in a pattern")
        place = token.end()
        kind = token.lastgroup
        if kind == "open":
            groups.append(_Group())
        elif kind == "close":
            group = groups.pop()
            ways *= group.alternatives
            varies = group.varies or group.alternatives > 1
            groups[-1].varies |= varies
        elif kind == "bar":
            groups[-1].alternatives += 1
        elif kind == "repeat":
            low, high = _bounds(token)
            if varies and high != 1:
                raise ValueError(f"`{token[0]}` repeats something that itself varies")
            if high is None or high > SHORTEST:
                open_ended += 1
            else:
                ways *= high - low + 1
            groups[-1].varies |= low != high
        elif kind == "atom":
            varies = False
    return ways * groups[0].alternatives, open_ended


def _bounds(repeat: re.Match[str]) -> tuple[int, int | None]:
    if repeat["sign"]:
        return {"*": (0, None), "+": (1, None), "?": (0, 1)}[repeat["sign"]]
    low = int(repeat["low"] or 0)
    if not repeat["to"]:
        return low, low
    return low, int(repeat["high"]) if repeat["high"] else None
