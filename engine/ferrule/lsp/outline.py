"""YAML as far as it can be read: a tree with offsets, of text that is being written.

While somebody types, a file is hardly ever YAML. So the tree is made from indentation and brackets by a reader that refuses
nothing: a quote or a bracket that is not closed ends where the indentation falls back, a line that is no key yet is a key
without a colon. What the file means is told by `ferrule.source`; here it only counts where things are.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from ferrule.lsp.tree import Entry, Node

MOST_DEPTH = 80
"""Values within one another; what is deeper is text."""

_BREAK = "\r\n"
_KEY = re.compile(
    r"""("(?:[^"\\\r\n]|\\.)*"|'(?:[^'\r\n]|'')*'|[^\s,\[\]{}\#&*!|>'"%@`][^\r\n]*?)[ \t]*:(?=[ \t\r\n]|$)""",
    re.VERBOSE | re.MULTILINE,
)
_ITEM = re.compile(r"-(?=[ \t\r\n]|$)", re.MULTILINE)
_COMMENT_IN_KEY = re.compile(r"[ \t]#")
_PROPERTY = re.compile(r"[&!][^\s,\[\]{}]*")
_WORD = re.compile(r"[^\s,\[\]{}]*")
_PLAIN = re.compile(r"[^\r\n]*?(?=[ \t]+#|[ \t]*(?:[\r\n]|$))", re.MULTILINE)
_PLAIN_IN_FLOW = re.compile(r"(?:[^\r\n,\[\]{}:#]|:(?![ \t\r\n,\[\]{}]|$)|(?<![ \t])#)*", re.MULTILINE)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}


def outline(text: str) -> Node:
    """The tree of a text: always a mapping, which may be empty."""
    return _Reader(text).document()


class _Reader:
    """Reads from `at` on, and always goes forward."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.depth = text, 0, 0
        self.lines = [0, *(found.end() for found in re.finditer(r"\r\n|\r|\n", text))]

    def document(self) -> Node:
        root = Node("mapping", 0, len(self.text))
        while self.skip():
            before = self.at
            column = self.column
            found = self.block(None)
            if found is not None and found.kind == "mapping" and found.style == "":
                root.column = column if not root.entries else root.column
                root.entries += found.entries
            elif found is not None and found.kind == "scalar":
                root.entries.append(Entry(root, found.start, key=found, end=found.end))
            self.at = max(self.at, before + 1)
        for entry in root.entries:
            entry.owner = root
        return root

    # where it stands

    @property
    def column(self) -> int:
        return self.at - self.lines[bisect_right(self.lines, self.at) - 1]

    def char(self) -> str:
        return self.text[self.at : self.at + 1]

    def blanks(self) -> None:
        while self.char() in (" ", "\t") and self.char():
            self.at += 1

    def line_ends(self) -> bool:
        """Nothing more on this line but a comment."""
        return self.char() in ("", "\r", "\n") or (self.char() == "#" and self.text[self.at - 1 : self.at] in ("", " ", "\t", "\r", "\n"))

    def to_line_end(self) -> None:
        while self.char() and self.char() not in _BREAK:
            self.at += 1

    def skip(self) -> bool:
        """Go to what is more than white space and comments. Whether there is any."""
        while self.char():
            if self.char().isspace() or self.char() == "\ufeff":
                self.at += 1
            elif self.line_ends() or (self.column == 0 and self.text.startswith(("---", "..."), self.at)):
                self.to_line_end()
            else:
                return True
        return False

    # block style

    def value(self, owner: int, entry: Entry | None) -> Node | None:
        """What stands behind a colon or a dash: on this line, or on the next ones if they are indented deeper than `owner`."""
        self.blanks()
        properties = self.properties()
        if self.line_ends():
            here = self.at
            if not self.skip():
                return None
            is_list = bool(_ITEM.match(self.text, self.at)) and entry is not None and entry.key is not None
            if self.column < owner or (self.column == owner and not is_list):
                self.at = here
                return None
            return self.marked(self.block(entry), properties)
        if _ITEM.match(self.text, self.at) or (entry is not None and entry.key is None and self.key() is not None):
            return self.marked(self.block(entry), properties)
        return self.marked(self.inline(owner, entry), properties)

    def properties(self) -> tuple[str, int] | None:
        """The anchor before a value; a tag is stepped over."""
        anchor = None
        while self.char() in ("&", "!") and self.char():
            found = _PROPERTY.match(self.text, self.at)
            assert found is not None
            if self.char() == "&":
                anchor = (found[0][1:], self.at)
            self.at = found.end()
            self.blanks()
        return anchor

    def marked(self, node: Node | None, anchor: tuple[str, int] | None) -> Node | None:
        if node is not None and anchor is not None:
            node.anchor, node.anchor_at = anchor
        return node

    def key(self) -> re.Match[str] | None:
        """The key that stands here, if one does."""
        found = _KEY.match(self.text, self.at)
        return None if found is None or _COMMENT_IN_KEY.search(found[1]) else found

    def block(self, parent: Entry | None) -> Node | None:
        """A value that starts here, where nothing stands before it on its line but dashes."""
        if self.depth >= MOST_DEPTH:
            return self.plain()
        self.depth += 1
        try:
            column = self.column
            if _ITEM.match(self.text, self.at):
                return self.list(column, parent)
            if self.key() is not None:
                return self.mapping(column, parent)
            return self.inline(column - 1, parent)
        finally:
            self.depth -= 1

    def mapping(self, column: int, parent: Entry | None) -> Node:
        node = Node("mapping", self.at, self.at, column, parent=parent)
        while self.skip() and self.column >= column:
            if self.column > column:
                self.stray(node)
                continue
            if _ITEM.match(self.text, self.at):
                break
            entry = Entry(node, self.at, number=len(node.entries))
            node.entries.append(entry)
            found = self.key()
            if found is None:
                entry.key = self.plain()
            else:
                entry.key = Node("scalar", found.start(1), found.end(1), text=_cooked(found[1]), style=_quote(found[1]), parent=None)
                self.at = entry.colon = found.end()
                entry.value = self.value(column, entry)
            node.end = entry.end = max(self.at_text_end(), entry.key.end)
        if not node.entries:
            self.at += 1
        return node

    def stray(self, node: Node) -> None:
        """A line that is indented deeper than anything allows: the value of the entry above it, if that has none."""
        last = node.entries[-1] if node.entries else None
        before = self.at
        found = self.block(last if last and last.value is None else None)
        if last is not None and last.value is None and last.colon is not None:
            last.value = found
            node.end = last.end = self.at_text_end()
        self.at = max(self.at, before + 1)

    def list(self, column: int, parent: Entry | None) -> Node:
        node = Node("list", self.at, self.at, column, parent=parent)
        while self.skip() and self.column == column and _ITEM.match(self.text, self.at):
            entry = Entry(node, self.at, number=len(node.entries))
            node.entries.append(entry)
            self.at += 1
            entry.value = self.value(column, entry)
            node.end = entry.end = self.at_text_end()
        return node

    def at_text_end(self) -> int:
        """Where the text ended that was read last."""
        end = self.at
        while end and self.text[end - 1].isspace():
            end -= 1
        return end

    def inline(self, owner: int, parent: Entry | None) -> Node:
        """A value that is no block collection."""
        char = self.char()
        if char in ("{", "["):
            node = self.flow(owner, parent)
        elif char in ("'", '"'):
            node = self.quoted(owner)
        elif char in ("|", ">"):
            node = self.literal(owner)
        elif char == "*":
            node = self.alias()
        else:
            node = self.plain(owner)
        node.parent = parent
        return node

    def alias(self) -> Node:
        found = _WORD.match(self.text, self.at)
        assert found is not None
        start, self.at = self.at, found.end()
        return Node("alias", start, self.at, text=found[0][1:], style="*")

    def plain(self, owner: int | None = None) -> Node:
        """Text without quotes. It goes on below where lines are indented deeper than `owner` and are no keys."""
        found = _PLAIN.match(self.text, self.at)
        assert found is not None
        start = self.at
        end = self.at = found.end()
        words = [found[0]]
        while owner is not None and self.skip() and self.column > owner and not self.key() and not _ITEM.match(self.text, self.at):
            more = _PLAIN.match(self.text, self.at)
            assert more is not None
            words.append(more[0])
            end = self.at = max(more.end(), self.at + 1)
        self.at = end
        return Node("scalar", start, end, text=" ".join(words))

    def quoted(self, owner: int) -> Node:
        start, quote = self.at, self.char()
        self.at += 1
        first_end = None
        while self.char():
            char = self.char()
            if self.text.startswith("\\" if quote == '"' else "''", self.at):
                self.at += 2
            elif char == quote:
                self.at += 1
                return self.scalar(start)
            elif char in _BREAK:
                first_end = self.at if first_end is None else first_end
                while self.char() and self.char().isspace():
                    self.at += 1
                if self.column <= owner:
                    break
            else:
                self.at += 1
        self.at = min(self.at, len(self.text)) if first_end is None else first_end
        return self.scalar(start)

    def scalar(self, start: int) -> Node:
        raw = self.text[start : self.at]
        return Node("scalar", start, self.at, text=_cooked(raw), style=raw[0])

    def literal(self, owner: int) -> Node:
        """A block scalar: all lines that are indented deeper than `owner`."""
        start, style = self.at, self.char()
        self.to_line_end()
        end = self.at
        rows = []
        while self.char():
            self.at += 2 if self.text.startswith("\r\n", self.at) else 1
            line = self.at
            self.blanks()
            is_blank = self.char() in ("", "\r", "\n")
            if not is_blank and self.column <= owner:
                self.at = line
                break
            self.to_line_end()
            rows.append(self.text[line : self.at].strip())
            end = end if is_blank else self.at
        self.at = end
        return Node("scalar", start, end, text="\n".join(rows).strip(), style=style)

    # flow style

    def flow(self, owner: int, parent: Entry | None) -> Node:
        """A mapping or a list in brackets. Where it is not closed, it ends before the line that is not indented any more."""
        opening = self.char()
        node = Node("mapping" if opening == "{" else "list", self.at, self.at, style=opening, parent=parent)
        self.at += 1
        self.depth += 1
        while self.within(owner):
            char = self.char()
            if char in ("}", "]"):
                self.at += 1
                break
            if char == ",":
                self.at += 1
                continue
            before = self.at
            self.flow_entry(node, owner)
            self.at = max(self.at, before + 1)
        self.depth -= 1
        node.end = self.at
        return node

    def within(self, owner: int) -> bool:
        """Go to what is next within brackets. Whether there is any."""
        here = self.at
        if self.skip() and (not {*_BREAK} & {*self.text[here : self.at]} or self.column > owner or self.char() in ("}", "]")):
            return True
        self.at = here
        return False

    def flow_entry(self, node: Node, owner: int) -> None:
        entry = Entry(node, self.at, number=len(node.entries))
        node.entries.append(entry)
        if node.kind == "list":
            entry.value = self.flow_value(owner, entry)
            self.blanks()
            if self.char() == ":" and entry.value.kind == "scalar":
                entry.value = self.single_pair(entry.value, owner, entry)
        else:
            entry.key = self.quoted(owner) if self.char() in ("'", '"') else self.flow_plain()
            self.blanks()
            self.flow_pair(entry, owner)
        entry.end = self.at

    def flow_pair(self, entry: Entry, owner: int) -> None:
        """The colon behind a key, and what stands behind it."""
        if self.char() == ":":
            self.at += 1
            entry.colon = self.at
            if self.within(owner) and self.char() not in (",", "}", "]"):
                entry.value = self.flow_value(owner, entry)

    def single_pair(self, key: Node, owner: int, parent: Entry) -> Node:
        """A mapping of one entry without braces, as a list in brackets may hold it."""
        node = Node("mapping", key.start, self.at, parent=parent)
        entry = Entry(node, key.start, key=key)
        node.entries.append(entry)
        self.flow_pair(entry, owner)
        node.end = entry.end = self.at
        return node

    def flow_value(self, owner: int, entry: Entry) -> Node:
        properties = self.properties()
        char = self.char()
        if char in ("{", "[") and self.depth < MOST_DEPTH:
            node = self.flow(owner, entry)
        elif char in ("'", '"'):
            node = self.quoted(owner)
        elif char == "*":
            node = self.alias()
        else:
            node = self.flow_plain()
        node.parent = entry
        self.marked(node, properties)
        return node

    def flow_plain(self) -> Node:
        found = _PLAIN_IN_FLOW.match(self.text, self.at)
        assert found is not None
        start, text = self.at, found[0].rstrip()
        self.at += len(text)
        return Node("scalar", start, self.at, text=text)


def _quote(raw: str) -> str:
    return raw[0] if raw[:1] in ("'", '"') else ""


def _cooked(raw: str) -> str:
    """The text between quotes; as it is without them."""
    quote = _quote(raw)
    if not quote:
        return raw
    inner = raw[1:-1] if len(raw) > 1 and raw.endswith(quote) else raw[1:]
    if quote == "'":
        return inner.replace("''", "'")
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), inner)
