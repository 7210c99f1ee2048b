"""What may be written at a place: keys, values, names and functions."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ferrule.capabilities import CAPABILITIES
from ferrule.errors import CODES
from ferrule.functions import FUNCTIONS
from ferrule.lsp import goto
from ferrule.lsp.language import chosen, field_at, holder, in_record, is_model, keys_of, kinds, options_at, record_fields, shapes
from ferrule.lsp.names import Name, names_at, told
from ferrule.lsp.spot import Page, Spot
from ferrule.lsp.tree import Entry, Node
from ferrule.lsp.values import shown
from ferrule.spec.model import OperationSpec
from ferrule.templates import FILTERS

Kind = Literal["key", "value", "name", "function", "field", "reference"]

_LAST = re.compile(r"(?:(?P<path>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\.|(?P<dot>\.))?(?P<word>[A-Za-z_]\w*)?\Z")
_FILTER = re.compile(r"\|\s*\w*$")


@dataclass(frozen=True, slots=True)
class Item:
    """One proposal: `insert` replaces what stands between two offsets."""

    label: str
    kind: Kind
    doc: str
    insert: str
    start: int
    end: int


def complete(page: Page, offset: int) -> list[Item]:
    """Everything that may be written at an offset, what is required first."""
    spot = page.spot(offset)
    if _in_comment(page.text, offset):
        return []
    found = _keys(spot) if spot.cursor.part in ("key", "start") else _values(spot)
    return list({item.label: item for item in found}.values())


def _in_comment(text: str, offset: int) -> bool:
    line = text[text.rfind("\n", 0, offset) + 1 : offset]
    return re.search(r"(^|\s)#[^'\"]*$", line) is not None


# Keys


def _keys(spot: Spot) -> Iterator[Item]:
    node = spot.cursor.owner
    start = end = spot.offset
    colon = False
    if spot.cursor.part == "start" and spot.cursor.entry is not None:
        node = Node("mapping", start, end, parent=spot.cursor.entry)
    elif spot.cursor.node is not None:
        start, end = spot.cursor.node.start, spot.cursor.node.end
        colon = spot.cursor.entry is not None and spot.cursor.entry.colon is not None
    yield from _keys_of(spot, node, start, end, colon)


def _keys_of(spot: Spot, node: Node, start: int, end: int, colon: bool = False) -> Iterator[Item]:
    """The keys that a mapping may have and has not. What runs over several lines is text, and becomes no key."""
    if "\n" in spot.page.text[start:end]:
        return
    own = spot.cursor.entry.name if spot.cursor.part == "key" and spot.cursor.entry else ""
    taken = {*node.keys} - {own}
    offered = [*_by_models(node), *_by_contract(spot.page, node)]
    for name, doc, is_text in offered:
        if name not in taken:
            yield Item(name, "key", doc, name if colon else f"{name}: " if is_text else f"{name}:", start, end)


def _by_models(node: Node) -> Iterator[tuple[str, str, bool]]:
    keys = sorted(keys_of(node).values(), key=lambda key: (key.name != "kind", not key.required))
    for key in keys:
        nested = Entry(node, 0, Node("scalar", 0, 0, text=key.name))
        options = options_at(nested)
        yield key.name, key.doc, bool(node.style) or not options or not all(is_model(o) or typing.get_origin(o) is dict for o in options)


def _by_contract(page: Page, node: Node) -> Iterator[tuple[str, str, bool]]:
    """Capabilities, and fields of their records."""
    if node.parent is None:
        return
    if any(OperationSpec in typing.get_args(shape) for shape in shapes(node)):
        for name, capability in CAPABILITIES.items():
            if name not in ("info", "app_info", "list_connector_app_ids"):
                yield name, capability.description, bool(node.style)
    elif in_record(node):
        fields = record_fields(page.root, node)
        for info in sorted(fields.values(), key=lambda info: not info.required):
            yield info.name, told(info), True


# Values


def _values(spot: Spot) -> Iterator[Item]:
    entry, node = spot.entry, spot.cursor.node
    if entry is None:
        return
    if (node is not None and node.kind == "alias") or spot.before.startswith("*"):
        start, stop = (node.start + 1, node.end) if node is not None else (spot.offset, spot.offset)
        end = min(max(start, spot.offset), stop)
        yield from (Item(name, "reference", "An anchor.", name, start, end) for name in spot.page.anchors)
        return
    if _may_be_keys(spot, entry):
        start, end = (node.start, node.end) if node is not None else (spot.offset, spot.offset)
        options = chosen(options_at(entry), Node("mapping", start, end, parent=entry))
        if any(map(is_model, options)) or any(typing.get_origin(each) is dict for each in options):
            yield from _keys_of(spot, Node("mapping", start, end, parent=entry), start, end)
    if spot.code is not None:
        yield from _code(spot, entry)
    yield from _words(spot, entry)


def _may_be_keys(spot: Spot, entry: Entry) -> bool:
    """Whether what is typed may still become a key: the item of a list, or a word below its key."""
    node = spot.cursor.node
    if node is None:
        return entry.key is None
    between = spot.page.text[entry.colon or entry.start : node.start]
    return not node.style and (entry.key is None or "\n" in between)


def _words(spot: Spot, entry: Entry) -> Iterator[Item]:
    """Words that the value may be: of an enumeration, or names of what is defined elsewhere."""
    node = spot.cursor.node
    start, end = (spot.offset, spot.offset) if node is None else (node.start, node.end)
    if node is not None and node.style in ("'", '"'):
        start, end = start + 1, max(start + 1, end - 1)
    if node is not None and "\n" in spot.page.text[start:end]:
        return
    options = options_at(entry)
    for word, doc in _enumerated(spot, entry, options):
        yield Item(word, "value", doc, word, start, end)
    for target, doc in _references(spot, entry):
        yield Item(target, "reference", doc, target, start, end)


def _enumerated(spot: Spot, entry: Entry, options: Iterable[Any]) -> Iterator[tuple[str, str]]:
    found = holder(entry)
    if found is not None and entry.name == "kind" and entry.owner.parent is not None:
        yield from kinds(options_at(entry.owner.parent)).items()
    elif found is not None and found[1] is entry and entry.name == "code" and "when" in keys_of(entry.owner):
        yield from ((code, "Tried again by default." if info.retryable else "") for code, info in CODES.items())
    elif not in_record(entry.owner):
        for kind, doc in kinds(tuple(options)).items():
            yield f"{{kind: {kind}}}", doc
        for option in options:
            if typing.get_origin(option) is Literal:
                yield from ((str(value), "") for value in typing.get_args(option))
            elif option is bool:
                yield from (("true", ""), ("false", ""))
    info = field_at(spot.page.root, entry)
    if info is not None and _is_constant(entry):
        yield from ((value, info.doc) for value in info.values)
    if info is not None and info.kind == "boolean" and (_is_constant(entry) or not spot.before):
        yield from ((value, info.doc) for value in ("true", "false"))


def _is_constant(entry: Entry) -> bool:
    """Whether it is no expression: the constant of a field, or a value of a map."""
    return entry.name in ("value", "else") or (entry.owner.parent is not None and entry.owner.parent.name == "map")


def _references(spot: Spot, entry: Entry) -> Iterator[tuple[str, str]]:
    for section in goto.sections(spot.page, entry):
        for name in spot.page.names(*section):
            yield name, f"Defined under `{'.'.join(section)}`."
    if entry.name == "into" and len(entry.chain) > 1 and (capability := CAPABILITIES.get(entry.chain[1].name)) is not None:
        yield from ((name, capability.fields[name].doc) for name in capability.lists)


# Expressions and templates


def _code(spot: Spot, entry: Entry) -> Iterator[Item]:
    code, role = spot.code or "", spot.role
    if spot.in_quotes or role is None:
        return
    found = _LAST.search(code)
    assert found is not None
    word = found["word"] or ""
    place = (spot.offset - len(word), spot.offset)
    if role == "template" and _FILTER.search(code):
        yield from (Item(name, "function", doc, name, *place) for name, (doc, _) in FILTERS.items())
        return
    names = names_at(spot.page.root, entry, role)
    if found["path"]:
        yield from _below(spot, names, found["path"].split("."), place)
    elif not found["dot"]:
        yield from (Item(name, "name", each.doc, name, *place) for name, each in names.items())
        if role == "record":
            yield from _fields(spot, names, place)
        if role != "template":
            for name, function in FUNCTIONS.items():
                yield Item(name, "function", f"`{function}`\n\n{function.doc}", f"{name}(", *place)


def _below(spot: Spot, names: Mapping[str, Name], path: list[str], place: tuple[int, int]) -> Iterator[Item]:
    """The names below a dotted name: those that are declared, and those that a cassette shows."""
    at = names.get(path[0])
    for part in path[1:]:
        at = at.members.get(part) if at is not None else None
    for name, each in (at.members if at is not None else {}).items():
        yield Item(name, "name", each.doc, name, *place)
    for sample in spot.samples if spot.role != "template" else ():
        yield from _members(sample.part(".".join(path)), sample.cassette, place)


def _fields(spot: Spot, names: Mapping[str, Name], place: tuple[int, int]) -> Iterator[Item]:
    """The fields of a record: those that a cassette shows; of a finished one, those of the contract."""
    if spot.entry is not None and spot.entry.path[-1] == "dedupe":
        capability = CAPABILITIES.get(spot.entry.chain[1].name)
        yield from (Item(name, "field", told(info), name, *place) for name, info in (capability.fields if capability else {}).items())
    for sample in spot.samples:
        yield from (item for item in _members(sample.current, sample.cassette, place) if item.label not in names)


def _members(value: Any, cassette: str, place: tuple[int, int]) -> Iterator[Item]:
    for name, held in value.items() if isinstance(value, dict) else ():
        plain = re.fullmatch(r"[A-Za-z_]\w*", name) is not None
        yield Item(name, "field", f"In `{cassette}`: `{shown(held)[:80]}`", name if plain else f'"{name}"', *place)
