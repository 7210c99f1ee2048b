"""Which parts of a value expressions read: what a decoder may leave out of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

Node = dict[str, Any]


@dataclass(slots=True)
class ValuePart:
    """A place in a value, and what is read below it."""

    fields: dict[str, ValuePart] = field(default_factory=dict)
    """The fields that are read, where it is an object."""
    items: ValuePart | None = None
    """What is read of each item, where it is a list."""
    whole: bool = False
    """All of it is read."""
    slotted: bool = False
    """It comes as an object with a slot for each field that is read, and not as a mapping."""

    def field(self, name: str) -> ValuePart:
        """The field of that name."""
        return self.fields.setdefault(name, ValuePart())

    def slot(self, name: str) -> str:
        """The slot of a field."""
        return f"f{list(self.fields).index(name)}"

    def put_in_slots(self) -> None:
        """Have this part, and all parts below it that are not read whole, come in slots."""
        self.slotted = not self.whole
        for part in self.fields.values() if self.slotted else ():
            if part.fields:
                part.put_in_slots()

    def read(self, tree: Node, names: Collection[str] = ()) -> None:
        """Note what an expression reads of the value here, where `names` are declared."""
        _whole(self._read(tree, names, True))

    def find(self, tree: Node) -> ValuePart | None:
        """The place of an expression that is a dotted name, or one with something else for where it is absent; None of any other."""
        kind, children = tree["type"], tree["children"]
        if kind == "field":
            return self.field(tree["value"])
        if kind == "or_expression":
            self.read(children[1])
            return self.find(children[0])
        if kind in ("subexpression", "pipe"):
            found: ValuePart | None = self
            for child in children:
                found = found and found.find(child)
            return found
        return None

    def _read(self, node: Node, names: Collection[str], fresh: bool) -> ValuePart | None:
        """Note what a node reads of the value here. Gives the place that the node's value is; None where it is made of others.

        A declared name means itself where it starts an expression, which `fresh` says; see `ferrule.expressions.writer`.
        """
        kind, children = node["type"], node["children"]
        if kind in ("current", "identity", "index", "slice"):
            return self
        if kind == "field":
            return None if fresh and node["value"] in names else self.field(node["value"])
        if kind in ("subexpression", "pipe"):
            found = self._read(children[0], names, fresh)
            for child in children[1:]:
                found = found and found._read(child, names, False)
            return found
        if kind in ("projection", "value_projection", "filter_projection", "flatten", "index_expression"):
            _whole(self._read(children[0], names, fresh))  # what stands right of it reads what is whole already
            return None
        if kind in _CONTINUE:
            _whole(self._read(children[0], names, fresh))
            children = children[1:]
        for child in children:
            if isinstance(child, dict):
                _whole(self._read(child, names, True))
        return None


_CONTINUE = frozenset({"and_expression", "comparator", "key_val_pair", "not_expression", "or_expression"})
"""Nodes whose first child goes on where they stand themselves."""


def _whole(part: ValuePart | None) -> None:
    if part is not None:
        part.whole = True
