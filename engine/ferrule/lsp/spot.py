"""A document, and a place in it: what all that an editor asks is about."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

from ferrule.lsp.cursor import Cursor, cursor
from ferrule.lsp.language import Role, role
from ferrule.lsp.outline import outline
from ferrule.lsp.tree import Entry, Node, nodes
from ferrule.lsp.values import Sample, Samples

_QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*'?|"(?:[^"\\]|\\.)*"?|`(?:[^`\\]|\\.)*`?""", re.DOTALL)
_OPEN = re.compile(r"\{\{|\{%")
_CLOSE = re.compile(r"\}\}|%\}")
_WORDS = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")


@dataclass(frozen=True)
class Page:
    """The text of a document, as far as it can be read, and what its cassettes gave when it last compiled."""

    text: str
    samples: Samples = field(default_factory=dict)

    @cached_property
    def root(self) -> Node:
        """Its outline."""
        return outline(self.text)

    @cached_property
    def anchors(self) -> dict[str, Node]:
        """What stands behind each anchor."""
        return {node.anchor: node for node in nodes(self.root) if node.anchor}

    def spot(self, offset: int) -> Spot:
        """What is at an offset."""
        return Spot(self, cursor(self.root, self.text, offset), offset)

    def section(self, *path: str) -> Node | None:
        """What stands under these keys."""
        found: Node | None = self.root
        for key in path:
            found = found.get(key) if found is not None and found.kind == "mapping" else None
        return found

    def names(self, *path: str) -> list[str]:
        """The keys of what stands there."""
        found = self.section(*path)
        return found.keys if found is not None and found.kind == "mapping" else []


@dataclass(frozen=True)
class Spot:
    """A place in a document."""

    page: Page
    cursor: Cursor
    offset: int

    @property
    def entry(self) -> Entry | None:
        """The entry whose value it is in."""
        return self.cursor.entry if self.cursor.part == "value" else None

    @cached_property
    def role(self) -> Role | None:
        """What the text is that it is in."""
        return role(self.entry) if self.entry is not None and not (self.cursor.node and self.cursor.node.kind == "alias") else None

    @cached_property
    def before(self) -> str:
        """Of the text that it is in, what stands before it, quotes taken off."""
        node = self.cursor.node
        if node is None:
            return ""
        raw = self.page.text[node.start : self.offset]
        if node.style in ("'", '"'):
            raw = raw[1:].replace("''", "'") if node.style == "'" else re.sub(r"\\(.)", r"\1", raw[1:])
        return raw.split("\n", 1)[-1] if node.style in ("|", ">") else raw

    @cached_property
    def in_template(self) -> str | None:
        """What stands before it between the braces of a template; None outside of them."""
        opened = list(_OPEN.finditer(self.before))
        if not opened or _CLOSE.search(self.before, opened[-1].end()):
            return None
        return self.before[opened[-1].end() :]

    @property
    def code(self) -> str | None:
        """What stands before it of an expression, or of a template between its braces; None where there is neither."""
        return self.in_template if self.role == "template" else self.before if self.role is not None else None

    @property
    def in_quotes(self) -> bool:
        """Whether it is within a text or a literal of an expression."""
        code = self.code or ""
        last = list(_QUOTED.finditer(code))
        return bool(last) and last[-1].end() == len(code) and not (len(last[-1][0]) > 1 and last[-1][0].endswith(last[-1][0][0]))

    @cached_property
    def words(self) -> tuple[str, int, int] | None:
        """The dotted name that it is on, up to the word that it is on; the offsets of that word."""
        node = self.cursor.node
        if node is None:
            return None
        for found in _WORDS.finditer(self.page.text, node.start, node.end):
            if found.start() <= self.offset <= found.end():
                start = max(self.page.text.rfind(".", found.start(), self.offset) + 1, found.start())
                end = self.page.text.find(".", self.offset, found.end())
                end = found.end() if end < 0 else end
                return self.page.text[found.start() : end], start, end
        return None

    @property
    def samples(self) -> tuple[Sample, ...]:
        """What the text that it is in gave; where it is new, what others in the same place were asked."""
        if self.entry is None:
            return ()
        path = self.entry.path
        found = self.page.samples.get(path)
        if found is not None or self.role == "template":
            return found or ()
        beside = (held for keys, held in self.page.samples.items() if keys[:-1] == path[:-1] and self.role == "record")
        return next((held for held in beside if held[0].current is not None), ())
