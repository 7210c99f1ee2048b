"""Predicates taken apart: what one holds together with `&&` and `||`, and whether it says as much as another."""

from __future__ import annotations

import json

from ferrule.lint.infer import Node, tree


def parts(text: str) -> frozenset[str]:
    """What a predicate asks, each part of its `&&` in a form that is the same however it is written."""
    return conjuncts(tree(str(text)))


def conjuncts(node: Node) -> frozenset[str]:
    """The parts of a node's `&&`, each in one form."""
    return frozenset(map(form, split(node, "and_expression")))


def split(node: Node, kind: str) -> list[Node]:
    """The nodes that `&&` (`and_expression`) or `||` (`or_expression`) holds together."""
    if node["type"] != kind:
        return [node]
    return [part for child in node["children"] for part in split(child, kind)]


def form(node: Node) -> str:
    """A text that two nodes share only where they ask the same. `a == b` and `b == a` do."""
    return json.dumps(_form(node), sort_keys=True, default=str)


def _form(node: Node) -> object:
    children = [_form(child) if isinstance(child, dict) else child for child in node["children"]]
    if node["type"] == "comparator" and node["value"] in ("eq", "ne"):
        children.sort(key=lambda child: json.dumps(child, sort_keys=True, default=str))
    return [node["type"], node.get("value"), children]
