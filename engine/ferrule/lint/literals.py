"""The texts that an expression writes out."""

from __future__ import annotations

from collections.abc import Iterator

from ferrule.diagnostics import Span
from ferrule.lint.infer import Node, tree
from ferrule.source import Text


def compared(text: Text, field: str) -> Iterator[str]:
    """The texts that a field of this name is compared with, by `==`, `!=` or `contains`."""
    return _words(tree(str(text)), field) if field in text else iter(())


def word_span(text: Text, word: str) -> Span:
    """The place of a literal in an expression; of the expression, where it is not written as it is."""
    for quote in "'\"`":
        offset = text.find(f"{quote}{word}{quote}")
        if offset >= 0:
            return text.at(offset, len(word) + 2)
    return text.span


def _words(node: Node, field: str) -> Iterator[str]:
    children = [child for child in node["children"] if isinstance(child, dict)]
    if node["type"] == "comparator" and node["value"] in ("eq", "ne") and any(_ends_in(child, field) for child in children):
        yield from (word for child in children for word in _texts(child))
    elif node["type"] == "function_expression" and node["value"] == "contains" and _ends_in(children[1], field):
        yield from _texts(children[0])
    else:
        for child in children:
            yield from _words(child, field)


def _texts(node: Node) -> Iterator[str]:
    if node["type"] == "literal":
        values = node["value"] if isinstance(node["value"], list) else [node["value"]]
        yield from (value for value in values if isinstance(value, str))
    elif node["type"] == "multi_select_list":
        for child in node["children"]:
            yield from _texts(child)


def _ends_in(node: Node, field: str) -> bool:
    if node["type"] in ("subexpression", "pipe"):
        return _ends_in(node["children"][-1], field)
    return bool(node["type"] == "field" and node["value"] == field)
