"""What is at an offset of a text that is being written: a key, a value, or the place of one that is not there yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ferrule.lsp.tree import Entry, Node, nodes


@dataclass(frozen=True, slots=True)
class Cursor:
    """What is at an offset.

    `key`: a key of the mapping `owner`, which may not be written yet. `value`: what stands behind the colon or the dash of
    `entry`. `start`: the line below an entry that has no value yet, where its first key or item may come.
    """

    part: Literal["key", "value", "start"]
    owner: Node
    entry: Entry | None
    node: Node | None
    offset: int


def cursor(root: Node, text: str, offset: int) -> Cursor:
    """What is at an offset of the text."""
    line = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    held = _deepest(root, offset)
    inside = _left_open(root, text, line, offset) or (held[-1] if held else None)
    if inside is not None and inside.style and inside.start < offset and (offset < inside.end or not _closed(inside, text)):
        return _inside(inside, offset) if inside.kind in ("mapping", "list") else Cursor("value", root, inside.parent, inside, offset)
    if not text[line:offset].strip():
        around = next((node for node in reversed(held) if node.style in ("{", "[") and node.start < offset and _closed(node, text)), None)
        return _inside(around, offset) if around is not None else _new_line(root, line, offset)
    return _on_line(root, line, offset)


def _closed(node: Node, text: str) -> bool:
    closing = {"{": "}", "[": "]"}.get(node.style, node.style)
    return node.end - node.start > 1 and text[node.end - 1 : node.end] == closing and closing not in ("|", ">", "*")


def _left_open(root: Node, text: str, line: int, offset: int) -> Node | None:
    """The innermost brackets that nothing closes, and nothing but white space stands behind: the place is still in them."""
    found = None
    for node in nodes(root):
        if node.style in ("{", "[") and node.end <= offset and not _closed(node, text) and not text[node.end : offset].strip():
            start = max(text.rfind("\n", 0, node.start), text.rfind("\r", 0, node.start)) + 1
            indent = len(text[start:]) - len(text[start:].lstrip(" -"))
            if node.start >= line or offset - line > indent:
                found = node
    return found


def _deepest(root: Node, offset: int) -> list[Node]:
    """The values around an offset, the innermost last."""
    found = [root]
    while True:
        inner = next((e.value for e in reversed(found[-1].entries) if e.value is not None and e.value.start <= offset <= e.value.end), None)
        if inner is None:
            return found[1:]
        found.append(inner)


def _inside(node: Node, offset: int) -> Cursor:
    """A place within brackets that no value of theirs covers."""
    entry = next((entry for entry in node.entries if entry.start <= offset <= entry.end), None)
    if node.kind == "list":
        return Cursor(
            "value", node, entry or Entry(node, offset, number=len(node.entries), end=offset), entry.value if entry else None, offset
        )
    if entry is not None and entry.colon is not None and offset >= entry.colon:
        return Cursor("value", node, entry, entry.value, offset)
    if entry is None:
        last = next((e for e in reversed(node.entries) if e.end < offset), None)
        if last is not None and last.colon is not None and last.value is None and "," not in _between(node, last.end, offset):
            return Cursor("value", node, last, None, offset)
    return Cursor("key", node, entry, entry.key if entry else None, offset)


def _between(node: Node, start: int, offset: int) -> str:
    following = next((entry.start for entry in node.entries if entry.start > start), None)
    return "," if following is not None and following <= offset else ""


def _open_at(root: Node, line: int) -> list[Node]:
    """The block collections that the last entries before a line are in, the innermost last."""
    found = [root]
    while True:
        last = next((entry for entry in reversed(found[-1].entries) if entry.start < line), None)
        inner = last.value if last else None
        if inner is None or inner.style or inner.kind not in ("mapping", "list") or inner.start >= line:
            return found
        found.append(inner)


def _new_line(root: Node, line: int, offset: int) -> Cursor:
    """A place with nothing before it on its line: how far it is indented says what may come."""
    column = offset - line
    for node in reversed(_open_at(root, line)):
        if node.column > column:
            continue
        last = next((entry for entry in reversed(node.entries) if entry.start < line), None)
        own = next((entry for entry in node.entries if entry.start == offset), None)
        may_start = last is not None and (last.value is None or last.value.start >= line) and (last.colon or node.kind == "list")
        if own is None and may_start and last is not None and (column > node.column or node.kind == "list"):
            below = last.value
            if below is not None and below.kind == "mapping" and below.column == column and not below.style:
                return Cursor("key", below, None, None, offset)
            return Cursor("start", node, last, None, offset)
        if node.kind == "mapping":
            return Cursor("key", node, own, own.key if own else None, offset)
    return Cursor("key", root, None, None, offset)


def _on_line(root: Node, line: int, offset: int) -> Cursor:
    """A place behind something: the last entry that starts on this line before it decides."""
    found: Entry | None = None
    stack = list(root.entries)
    while stack:
        entry = stack.pop()
        if entry.start <= offset and (found is None or entry.start >= found.start):
            found = entry
        if entry.value is not None and entry.value.start <= offset:
            stack.extend(entry.value.entries)
    if found is None:
        return Cursor("key", root, None, None, offset)
    if found.key is not None and (found.colon is None or offset < found.colon):
        return Cursor("key", found.owner, found, found.key, offset)
    value = found.value
    if value is not None and value.kind in ("mapping", "list"):
        return Cursor("value", found.owner, found, None, offset)
    return Cursor("value", found.owner, found, value if value is not None and value.start <= offset else None, offset)
