"""Which names an expression reads."""

from __future__ import annotations

from typing import Any, NamedTuple

Node = dict[str, Any]


class Names(NamedTuple):
    """The names in an expression, whichever of them are declared."""

    first: frozenset[str]
    """Those that start an expression: a declared one means itself there."""
    of_root: frozenset[str]
    """Those that are fields of the value, unless they are declared."""
    paths: frozenset[tuple[str, str]]
    """`a.b` for each place where a field is read below a field."""


def names_in(tree: Node) -> Names:
    """The names in the tree of an expression.

    As `ferrule.expressions.writer` has it: a declared name means itself where it starts an expression; after a `.` or a `|`
    it is a field of what stands to the left.
    """
    reader = _Reader()
    reader.read(tree, root=True)
    return Names(frozenset(reader.first), frozenset(reader.of_root), frozenset(reader.paths))


class _Reader:
    def __init__(self) -> None:
        self.first: set[str] = set()
        self.of_root: set[str] = set()
        self.paths: set[tuple[str, str]] = set()

    def read(self, node: Node, *, root: bool, fresh: bool = True) -> bool:
        """Note what a node reads of the root, where `root` says that it is read of the root, and `fresh` that it starts an
        expression. Gives whether the node's value is the root itself."""
        kind, children = node["type"], node["children"]
        if kind in ("current", "identity"):
            return root
        if kind == "field":
            if fresh:
                self.first.add(node["value"])
            if root:
                self.of_root.add(node["value"])
        elif kind in ("subexpression", "index_expression", "pipe"):
            if kind == "subexpression" and children[0]["type"] == children[1]["type"] == "field":
                self.paths.add((children[0]["value"], children[1]["value"]))
            for child in children:
                root, fresh = self.read(child, root=root, fresh=fresh), False
            return root
        elif kind in ("projection", "value_projection", "filter_projection"):
            base, right, *condition = children
            self.read(base, root=root, fresh=fresh)
            self.read(right, root=False, fresh=False)
            for part in condition:
                self.read(part, root=False)
        elif kind == "expref":
            self.read(children[0], root=False)
        elif kind not in ("literal", "index", "slice"):
            for place, child in enumerate(children):
                self.read(child, root=root, fresh=fresh if place == 0 and kind in _CONTINUE else True)
        return False


_CONTINUE = frozenset({"and_expression", "comparator", "flatten", "key_val_pair", "not_expression", "or_expression"})
"""Nodes whose first child goes on where they stand themselves."""
