"""Where the nodes of a spec stand in its file: the keys that lead to each, and what a predicate can come to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ferrule.diagnostics import Span
from ferrule.source import Series, Table, Text

Keys = tuple[str, ...]


def paths(tree: Table) -> Iterator[tuple[Span, Keys]]:
    """The place of every text, mapping and list, with the keys that lead there; of an anchor's, those where it is first used.

    The key of a record's constant field has a place of its own: its path ends in an empty key.
    """
    seen: set[Span] = set()
    for span, path in _paths(tree, ()):
        if span not in seen:
            seen.add(span)
            yield span, path


def _paths(value: Any, path: Keys) -> Iterator[tuple[Span, Keys]]:
    if isinstance(value, Text):
        yield value.span, path
    if isinstance(value, Table):
        if path and not path[-1].isdecimal():
            yield value.span, path
        for key, inner in value.items():
            if in_record(path) and _is_constant(inner) and isinstance(key, Text):
                yield key.span, (*path, str(key), "")
            yield from _paths(inner, (*path, str(key)))
    if isinstance(value, Series):
        for number, inner in enumerate(value):
            yield from _paths(inner, (*path, str(number)))


def rows(value: Any) -> Iterator[tuple[int, tuple[Span, int]]]:
    """The lines of each text that runs over several, but for its first: the place of the text, and the column behind it."""
    if isinstance(value, Text):
        for number, row in enumerate(value.rows[1:], value.span.line + 1):
            yield number, (value.span, len(row) + 1)
    for inner in value.values() if isinstance(value, Table) else value if isinstance(value, Series) else ():
        yield from rows(inner)


def maps(value: Any) -> Iterator[tuple[Span, Table]]:
    """The mapping around each `map`, by the place of its `from`."""
    if isinstance(value, Table) and isinstance(value.get("from"), Text) and isinstance(value.get("map"), Table):
        yield value["from"].span, value
    for inner in value.values() if isinstance(value, Table) else value if isinstance(value, Series) else ():
        yield from maps(inner)


def in_record(path: Keys) -> bool:
    """Whether a mapping at `path` has fields of a record for keys."""
    inside = (
        path[path.index("record") :] if "record" in path and path[0] == "capabilities" else path[1:] if path[:1] == ("records",) else ()
    )
    return bool(inside) and "map" not in inside and not {"from", "value"} & {*inside[1:]}


def _is_constant(field_: Any) -> bool:
    """Whether a field of a record is the same for each record, whatever is in scope."""
    if isinstance(field_, Table):
        return [*map(str, field_)] == ["value"] and not _has_template(field_["value"])
    return not isinstance(field_, (Text, Series))


def _has_template(value: Any) -> bool:
    if isinstance(value, str):
        return any(mark in value for mark in ("{{", "{%"))
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(map(_has_template, items))


def branches_of(path: Keys) -> tuple[str, ...]:
    """What the predicate at `path` can come to: when it holds, and when not. Empty where it is none."""
    if in_record(path[:-1]) or not path:
        return ()
    within = {*path[:-1]}
    if path[-1] == "when":
        return ("matched", "passed over") if "errors" in within else ("true", "false")
    if path[-1] == "until":
        return ("true",) if "verify" in within else ("true", "false")
    return {"filter": ("kept", "left out"), "already": ("true", "false"), "absent": ("true", "false"), "accept": ("true",)}.get(
        path[-1], ()
    )
