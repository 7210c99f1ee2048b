"""Where two values of JSON differ, told by path: `$.members[2].role`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any


class _Nothing:
    """No value at all, which null is not."""

    def __repr__(self) -> str:
        return "nothing"


NOTHING = _Nothing()


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where `left` and `right` are not the same; `NOTHING` where a side has no value there."""

    path: str
    left: Any
    right: Any

    def told(self, left: str, right: str) -> str:
        """The difference in a line: `$.limit: asked 50, recorded 100`."""
        return f"{self.path}: {left} {brief(self.left)}, {right} {brief(self.right)}"


def differences(left: Any, right: Any, path: str = "$") -> Iterator[Difference]:
    """Every place where the two differ. Lists are aligned first, so that one item more does not make all behind it differ."""
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        for key in {**left, **right}:
            yield from differences(left.get(key, NOTHING), right.get(key, NOTHING), f"{path}.{key}")
    elif isinstance(left, list) and isinstance(right, list):
        yield from _lists(left, right, path)
    elif left is NOTHING or right is NOTHING or canonical(left) != canonical(right):
        yield Difference(path, left, right)


def _lists(left: list[Any], right: list[Any], path: str) -> Iterator[Difference]:
    mine_all, theirs_all = [canonical(v) for v in left], [canonical(v) for v in right]
    if mine_all == theirs_all:
        return
    matcher = SequenceMatcher(None, mine_all, theirs_all, autojunk=False)
    for tag, start, end, other, other_end in matcher.get_opcodes():
        if tag == "equal":
            continue
        for i in range(max(end - start, other_end - other)):
            mine = left[start + i] if start + i < end else NOTHING
            theirs = right[other + i] if other + i < other_end else NOTHING
            at = start + i if mine is not NOTHING else other + i
            yield from differences(mine, theirs, f"{path}[{at}]")


def canonical(value: Any) -> str:
    """One text for all writings of the same JSON value. `1`, `1.0`, `"1"` and `true` are four values."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=repr)


def brief(value: Any, room: int = 120) -> str:
    """A value in one short line."""
    text = "nothing" if value is NOTHING else canonical(value)
    return text if len(text) <= room else f"{text[: room - 1]}…"
