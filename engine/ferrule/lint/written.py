"""What templates write: the names they read, how each value is treated, and the leaves of a request that hold them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

from jinja2 import nodes

from ferrule.diagnostics import Span
from ferrule.request import BODIES, RequestSpec
from ferrule.source import Text
from ferrule.template_tree import path_of, tree_of

Path = tuple[str, ...]
Where = Literal["path", "base_url", "query", "headers", "json", "form", "xml", "graphql", "text", "ldap"]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One text of a request, with the keys that lead to it and the conditions it is under."""

    text: Text
    where: Where
    keys: tuple[str, ...] = ()
    whens: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """One name that a template reads: `("inputs", "email")`."""

    path: tuple[str, ...]
    filters: tuple[str, ...]
    """What is done to the value, in order."""
    guarded: bool
    """A `default`, an `or` or an `if` sees to it that a missing value does no harm."""
    whole: bool
    """The template is this value and nothing else."""
    tested: bool = False
    """It decides what is written, and is not written itself."""


def leaves(request: RequestSpec) -> Iterator[Leaf]:
    """Every text that a request is made of."""
    yield Leaf(request.path, "path")
    if request.base_url is not None:
        yield Leaf(request.base_url, "base_url")
    yield from texts(request.query, "query")
    yield from texts(request.headers, "headers")
    for body in BODIES:
        if body == "graphql" and request.graphql is not None:
            yield from texts(request.graphql.variables, "graphql")
        elif body != "graphql":
            yield from texts(getattr(request, "json_" if body == "json" else body), body)  # type: ignore[arg-type]
    if request.ldap is not None:
        yield from texts(request.ldap.values, "ldap")


def texts(value: Any, where: Where, keys: tuple[str, ...] = (), whens: tuple[Text, ...] = ()) -> Iterator[Leaf]:
    """Every text below a value, read as the compiler reads it: `{value, when}` is a condition."""
    if isinstance(value, Text):
        yield Leaf(value, where, keys, whens)
    elif isinstance(value, dict):
        if set(map(str, value)) == {"value", "when"}:
            when = value["when"]
            yield from texts(value["value"], where, keys, (*whens, when) if isinstance(when, Text) else whens)
            return
        for key, item in value.items():
            yield from texts(item, where, (*keys, str(key)), whens)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item, where, keys, whens)


def conditions(value: Any) -> Iterator[Text]:
    """Every `when` of a leaf below a value."""
    if isinstance(value, dict):
        if set(map(str, value)) == {"value", "when"} and isinstance(value["when"], Text):
            yield value["when"]
        for item in value.values():
            yield from conditions(item)
    elif isinstance(value, list):
        for item in value:
            yield from conditions(item)


def is_template(text: str) -> bool:
    """Whether anything is filled in."""
    return "{{" in text or "{%" in text


@lru_cache(maxsize=8192)
def readings(text: str) -> tuple[Reading, ...]:
    """Every name that a template reads."""
    if not is_template(text):
        return ()
    tree = tree_of(text)
    body = tree.body[0].nodes if len(tree.body) == 1 and isinstance(tree.body[0], nodes.Output) else []
    whole = len(body) == 1 and path_of(body[0]) is not None
    return tuple(_readings(tree, (), False, whole, {}))


def literals(text: str) -> str:
    """The text of a template without what is filled in."""
    if not is_template(text):
        return text
    return "".join(data.data for data in tree_of(text).find_all(nodes.TemplateData))


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
            yield replace(reading, tested=True) if name in ("test", "iter") else reading


def _children(node: nodes.Node) -> Iterator[tuple[str, nodes.Node]]:
    for name, value in node.iter_fields(exclude=("target",)):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, nodes.Node):
                yield name, child
