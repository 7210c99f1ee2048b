"""Which names an expression reads."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

Node = dict[str, Any]


def names_read(tree: Node, declared: Collection[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The names read at the root, declared names and fields of the value; and those of them that are declared.

    As `ferrule.expressions.writer` has it: a declared name means itself where it starts an expression; after a `.` or a `|`
    it is a field of what stands to the left.
    """
    kind, children = tree["type"], tree["children"]
    if kind == "field" or (kind == "subexpression" and all(child["type"] == "field" for child in children)):
        name = (children[0] if children else tree)["value"]  # a dotted name, as most are
        return frozenset((name,)), frozenset((name,) if name in declared else ())
    reader = _Reader(declared)
    reader.read(tree, root=True)
    return frozenset(reader.reads), frozenset(reader.used)


class _Reader:
    def __init__(self, declared: Collection[str]) -> None:
        self.declared = declared
        self.reads: set[str] = set()
        self.used: set[str] = set()

    def read(self, node: Node, *, root: bool, fresh: bool = True) -> bool:
        """Note what a node reads of the root, where `root` says that it is read of the root, and `fresh` that it starts an
        expression. Gives whether the node's value is the root itself."""
        kind, children = node["type"], node["children"]
        if kind in ("current", "identity"):
            return root
        if kind == "field":
            self._field(node["value"], root, fresh)
        elif kind in ("subexpression", "index_expression", "pipe"):
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

    def _field(self, name: str, root: bool, fresh: bool) -> None:
        if fresh and name in self.declared:
            self.used.add(name)
            self.reads.add(name)
        elif root:
            self.reads.add(name)


_CONTINUE = frozenset({"and_expression", "comparator", "flatten", "key_val_pair", "not_expression", "or_expression"})
"""Nodes whose first child goes on where they stand themselves."""
