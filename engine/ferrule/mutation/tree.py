"""A spec's YAML as mutators see it: each mapping and list once, with the keys that lead to it and what it is for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ferrule.coverage import in_record
from ferrule.diagnostics import Span
from ferrule.request import METHODS
from ferrule.source import Series, Table, Text

Keys = tuple[str, ...]
Container = Table | Series

BODIES = frozenset({"json", "form", "xml", "variables", "ldap"})
LISTS = frozenset({"steps", "prepare", "parts", "errors"})
_OWN = {"explode": "explode", "repeat": "repeat", "save": "save", "answer": "save", "query": "pairs", "headers": "pairs", "pages": "pager"}


@dataclass(frozen=True, slots=True)
class Site:
    """A mapping or a list of the file. What stands behind an anchor is one site, wherever it is used."""

    path: Keys
    value: Any
    role: str

    @property
    def is_table(self) -> bool:
        """A mapping, not a list."""
        return isinstance(self.value, Table)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing done to a spec: where, in words what, and what stands there instead: of the whole site, or of one text in it."""

    span: Span
    words: str
    value: Any
    text: Text | None = None


Mutator = Callable[[Site], Iterator[Change]]


def sites(tree: Table) -> Iterator[Site]:
    """Every mapping and list, in the order of the file."""
    seen: set[tuple[type, Span]] = set()

    def visit(value: Any, path: Keys) -> Iterator[Site]:
        if not isinstance(value, (Table, Series)) or (type(value), value.span) in seen:
            return
        seen.add((type(value), value.span))
        yield Site(path, value, role_of(path, value))
        for key, inner in value.items() if isinstance(value, Table) else enumerate(value):
            yield from visit(inner, (*path, str(key)))

    yield from visit(tree, ())


def role_of(path: Keys, value: Container) -> str:
    """What a mapping or a list is for; empty where no mutator has any business with it."""
    last, before = path[-1] if path else "", path[-2] if len(path) > 1 else ""
    if last == "ldap" and len(path) > 1:
        return "ldap"
    if BODIES & {*path[1:]} and not in_record(path):
        return "conditional" if isinstance(value, Table) and {*map(str, value)} == {"value", "when"} else "body"
    if isinstance(value, Series):
        return last if last in LISTS else ""
    if in_record(path):
        return "mapped" if "from" in value else "fixed" if [*map(str, value)] == ["value"] else "record"
    if before in ("query", "headers"):
        return "conditional" if "when" in value else ""
    if any(isinstance(value.get(method), Text) for method in METHODS) or (path and isinstance(value.get("ldap"), Table)):
        return "request"
    if before == "errors":
        return "rule"
    if (path[:1] == ("pagers",) and len(path) == 2) or last == "pages":
        return "pager"
    if path == ("http",):
        return "http"
    if path[:1] == ("capabilities",) and (len(path) == 2 or {before, last} & {"parts", "steps", "prepare", "each", "verify"}):
        return "holder"
    return _OWN.get(last, "")


# Values, changed


def without(table: Table, *keys: str) -> Table:
    """The mapping without some of its keys."""
    return Table({key: value for key, value in table.items() if str(key) not in keys}, table.span)


def with_value(table: Table, key: Any, value: Any) -> Table:
    """The mapping with another value under a key that it has."""
    return Table({each: value if each == key else old for each, old in table.items()}, table.span)


def added(table: Table, key: str, value: Any) -> Table:
    """The mapping with one more key."""
    return Table({**table, Text(key, table.span): value}, table.span)


def renamed(table: Table, key: str, name: str) -> Table:
    """The mapping with a key called otherwise."""
    return Table({Text(name, each.span) if each == key else each: value for each, value in table.items()}, table.span)


def items_without(series: Series, index: int) -> Series:
    """The list without one item."""
    return Series([*series[:index], *series[index + 1 :]], series.span, [*series.spans[:index], *series.spans[index + 1 :]])


def items_swapped(series: Series, index: int) -> Series:
    """The list with an item and the one behind it in each other's place."""
    order = [*range(len(series))]
    order[index], order[index + 1] = order[index + 1], order[index]
    return Series([series[i] for i in order], series.span, [series.spans[i] for i in order])


def said(text: Text, value: str) -> Text:
    """Another text at the same place."""
    return Text(value, text.span, quoted=text.quoted)


def span_of(table: Table, key: Any) -> Span:
    """The place of a key."""
    span: Span = getattr(next((each for each in table if each == key), None), "span", table.span)
    return span


def short(text: str) -> str:
    """A text for a message: one line, not too long."""
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:59] + "…"


def applied(value: Any, old: Table | Series | Text, new: Any) -> Any:
    """The tree with `new` at every place where `old` is used: an anchor may bring it to several. What did not change is the
    same object."""
    if type(value) is type(old) and value.span == old.span:
        return new
    if isinstance(value, Table):
        inner = {key: applied(each, old, new) for key, each in value.items()}
        return Table(inner, value.span) if any(inner[key] is not value[key] for key in inner) else value
    if isinstance(value, Series):
        items = [applied(each, old, new) for each in value]
        return Series(items, value.span, value.spans) if any(a is not b for a, b in zip(items, value, strict=True)) else value
    return value
