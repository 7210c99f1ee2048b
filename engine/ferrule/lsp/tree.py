"""The tree of a text that may not be YAML yet: its values with the offsets they run from and to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["mapping", "list", "scalar", "alias"]


@dataclass(slots=True, eq=False)
class Node:
    """A value: what it is, and the offsets it runs from and to."""

    kind: Kind
    start: int
    end: int
    column: int = 0
    """Of a mapping or a list in block style: where its entries start."""
    text: str = ""
    """Of a scalar its text; of an alias the name."""
    style: str = ""
    """How a scalar or a collection opens: a quote, `|`, `>`, `{`, `[`; empty for a plain scalar and for block style."""
    anchor: str | None = None
    anchor_at: int = 0
    entries: list[Entry] = field(default_factory=list)
    parent: Entry | None = None

    def get(self, key: str) -> Node | None:
        """The value of a key of a mapping."""
        entry = self.entry(key)
        return entry.value if entry else None

    def entry(self, key: str) -> Entry | None:
        """The entry of a key of a mapping."""
        return next((entry for entry in self.entries if entry.key is not None and entry.key.text == key), None)

    @property
    def keys(self) -> list[str]:
        """The keys of a mapping."""
        return [entry.key.text for entry in self.entries if entry.key is not None]

    @property
    def plain(self) -> Any:
        """What it says, as plain Python values: all text, numbers and booleans apart."""
        if self.kind == "mapping":
            return {entry.name: entry.value.plain if entry.value else None for entry in self.entries}
        if self.kind == "list":
            return [entry.value.plain if entry.value else None for entry in self.entries]
        return (
            self.text if self.style else _CONSTANTS.get(self.text, int(self.text) if re.fullmatch(r"-?\d{1,9}", self.text) else self.text)
        )


_CONSTANTS: dict[str, Any] = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(slots=True, eq=False)
class Entry:
    """A key with its value, or an item of a list."""

    owner: Node
    start: int
    key: Node | None = None
    value: Node | None = None
    colon: int | None = None
    """The offset behind the colon; None where there is none yet."""
    end: int = 0
    number: int = 0

    @property
    def name(self) -> str:
        """The key, or the number of the item."""
        return self.key.text if self.key else str(self.number)

    @property
    def path(self) -> tuple[str, ...]:
        """The keys that lead here."""
        return tuple(entry.name for entry in self.chain)

    @property
    def chain(self) -> list[Entry]:
        """The entries that lead here, this one last."""
        above = self.owner.parent.chain if self.owner.parent else []
        return [*above, self]


def nodes(node: Node) -> Iterator[Node]:
    """A node and all below it, keys left out."""
    yield node
    for entry in node.entries:
        if entry.value is not None:
            yield from nodes(entry.value)
