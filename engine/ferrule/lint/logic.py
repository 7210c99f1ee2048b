"""Predicates taken apart: what one holds together with `&&` and `||`, and whether it says as much as another."""

from __future__ import annotations

import json
from collections.abc import Collection
from functools import lru_cache

from ferrule.lint.infer import Node, tree


def parts(text: str) -> frozenset[str]:
    """What a predicate asks, each part of its `&&` in a form that is the same however it is written."""
    return _parts(str(text))


@lru_cache(maxsize=1024)
def _parts(text: str) -> frozenset[str]:
    return conjuncts(tree(text))


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


def reads(text: str, names: Collection[str]) -> frozenset[str]:
    """What an expression reads where it starts: declared names as they are, `@.id` for a field of the value it is applied
    to, `@` for that value as a whole."""
    return _reads(str(text), frozenset(names))


@lru_cache(maxsize=4096)
def _reads(text: str, names: frozenset[str]) -> frozenset[str]:
    return node_reads(tree(text), names)


def node_reads(node: Node, names: Collection[str]) -> frozenset[str]:
    """The same of a node."""
    found: set[str] = set()
    _read(node, names, True, True, found)
    return frozenset(found)


def _read(node: Node, names: Collection[str], root: bool, fresh: bool, found: set[str]) -> None:
    """`root` says that the current value is still the one the expression is applied to; `fresh` that a name starts here."""
    kind, children = node["type"], node["children"]
    if kind == "field":
        name = node["value"]
        if fresh and name in names:
            found.add(name)
        elif root:
            found.add(f"@.{name}")
    elif kind in ("current", "identity"):
        if root:
            found.add("@")
    elif kind in _CHAINS:
        _read_chain(children, names, root, fresh, found)
    elif kind in ("projection", "value_projection", "filter_projection", "flatten"):
        _read(children[0], names, root, fresh, found)
        for place, child in enumerate(children[1:], 1):
            _read(child, names, False, kind == "filter_projection" and place == 2, found)
    elif kind == "expref":
        _read(children[0], names, False, True, found)
    else:
        starts = kind in ("multi_select_list", "multi_select_dict", "key_val_pair", "function_expression")
        for place, child in enumerate(children):
            if isinstance(child, dict):
                _read(child, names, root, starts or place > 0 or fresh, found)


def _read_chain(children: list[Node], names: Collection[str], root: bool, fresh: bool, found: set[str]) -> None:
    """What stands behind `@.` or `@ |` is still of the value that the expression is applied to."""
    for child in children:
        if root and _is_current(child) and child is not children[-1]:
            fresh = False
            continue
        if root and child["type"] in ("index", "slice"):
            found.add("@")
        _read(child, names, root, fresh, found)
        root = fresh = False


_CHAINS = ("subexpression", "index_expression", "pipe")


def _is_current(node: Node) -> bool:
    """`@`, or what comes to the same: `@ | @`."""
    if node["type"] in _CHAINS:
        return all(map(_is_current, node["children"]))
    return bool(node["type"] in ("current", "identity"))
