"""What templates write: the names they read, how each value is treated, and the leaves of a request that hold them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from jinja2 import nodes

from ferrule.diagnostics import Span
from ferrule.request import RequestSpec
from ferrule.source import Text
from ferrule.template_tree import path_of, tree_of

Path = tuple[str, ...]
Where = Literal["path", "base_url", "query", "headers", "json", "form", "xml", "graphql", "text", "ldap"]


class Leaf(NamedTuple):
    """One template of a request, the key it stands under, and the conditions it is under."""

    text: Text
    where: Where
    key: str = ""
    whens: tuple[Text, ...] = ()


class Reading(NamedTuple):
    """One name that a template reads: `("inputs", "email")`."""

    path: Path
    filters: tuple[str, ...]
    """What is done to the value, in order."""
    guarded: bool
    """A `default`, an `or` or an `if` sees to it that a missing value does no harm."""
    whole: bool
    """The template is this value and nothing else."""
    tested: bool = False
    """It decides what is written, and is not written itself."""


class Leaves:
    """What is found in a request or a part of one, read as the compiler reads it: `{value, when}` is a condition."""

    def __init__(self) -> None:
        self.templates: list[Leaf] = []
        self.conditions: list[Text] = []

    def add(self, value: Any, where: Where, key: str = "", whens: tuple[Text, ...] = ()) -> None:
        """Look at everything below a value."""
        if isinstance(value, Text):
            if is_filled_in(value):
                self.templates.append(Leaf(value, where, key, whens))
        elif isinstance(value, dict):
            if len(value) == 2 and set(map(str, value)) == {"value", "when"}:
                when = value["when"]
                if isinstance(when, Text):
                    self.conditions.append(when)
                    whens = (*whens, when)
                self.add(value["value"], where, key, whens)
                return
            for name, item in value.items():
                self.add(item, where, str(name), whens)
        elif isinstance(value, list):
            for item in value:
                self.add(item, where, key, whens)


def leaves(request: RequestSpec) -> Leaves:
    """What is found in a request."""
    found = Leaves()
    found.add(request.path, "path")
    found.add(request.base_url, "base_url")
    found.add(request.query, "query")
    found.add(request.headers, "headers")
    found.add(request.json_, "json")
    found.add(request.form, "form")
    found.add(request.xml, "xml")
    if request.graphql is not None:
        found.add(request.graphql.variables, "graphql")
    found.add(request.text, "text")
    if request.ldap is not None:
        found.add(request.ldap.values, "ldap")
    return found


def is_filled_in(text: str) -> bool:
    """Whether anything is filled in."""
    return "{{" in text or "{%" in text


def readings(text: str) -> tuple[Reading, ...]:
    """Every name that a template reads."""
    return _read(str(text)) if is_filled_in(text) else ()


@lru_cache(maxsize=8192)
def _read(text: str) -> tuple[Reading, ...]:
    pieces = _pieces(text)
    whole = len(pieces) == 1 and path_of(pieces[0]) is not None
    return tuple([reading for node in pieces for reading in _readings(node, (), False, whole, {})])


def _pieces(text: str) -> list[nodes.Node]:
    """What a template is made of, one after the other."""
    tree = tree_of(text)
    return [piece for node in tree.body for piece in (node.nodes if isinstance(node, nodes.Output) else [node])]


def literals(text: str) -> str:
    """The text of a template without what is filled in."""
    if not is_filled_in(text):
        return text
    return "".join(map(_literal, _pieces(str(text))))


def _literal(piece: nodes.Node) -> str:
    if isinstance(piece, nodes.TemplateData):
        return piece.data
    return "".join(data.data for data in piece.find_all(nodes.TemplateData)) if isinstance(piece, nodes.Stmt) else ""


def at(text: Text, reading: Reading) -> Span:
    """The place of a name in a template."""
    word = ".".join(reading.path)
    offset = text.find(word)
    return text.at(offset, len(word)) if offset >= 0 else text.span


def _readings(node: nodes.Node, filters: tuple[str, ...], guarded: bool, whole: bool, items: Mapping[str, Path]) -> Iterator[Reading]:
    """`items` are the names of loops, each with the list that it is an item of."""
    path = path_of(node)
    if path is not None:
        if path[0] not in items:
            yield Reading(path, filters, guarded, whole)
        elif items[path[0]]:
            yield Reading(items[path[0]], filters, guarded, whole)
        return
    if isinstance(node, nodes.Filter):
        guarded = guarded or node.name == "default"
        if node.node is not None:
            yield from _readings(node.node, (node.name, *filters), guarded, whole, items)
        for argument in node.args:
            yield from _readings(argument, (), guarded, False, items)
        return
    if isinstance(node, nodes.For):
        names = [name.name for name in node.find_all(nodes.Name) if name.ctx == "store"]
        items = {**items, **dict.fromkeys(names, path_of(node.iter) or ()), "loop": ()}
    if isinstance(node, (nodes.If, nodes.CondExpr, nodes.Or, nodes.And, nodes.For, nodes.Test)):
        guarded = True
    for name, child in _children(node):
        for reading in _readings(child, filters, guarded, False if guarded else whole, items):
            yield reading._replace(tested=True) if name in ("test", "iter") else reading


def _children(node: nodes.Node) -> Iterator[tuple[str, nodes.Node]]:
    for name, value in node.iter_fields(exclude=("target",)):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, nodes.Node):
                yield name, child
