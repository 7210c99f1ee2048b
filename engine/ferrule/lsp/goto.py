"""Where what stands at a place is defined."""

from __future__ import annotations

import re

from ferrule.lsp.language import holder, in_record
from ferrule.lsp.names import Name, names_at
from ferrule.lsp.spot import Page, Spot
from ferrule.lsp.tree import Entry
from ferrule.request import RequestSpec
from ferrule.spec.model import EntitlementTypeSpec, SourceSpec

Section = tuple[str, ...]

_WORD = re.compile(r"\w+")

_FIELDS: dict[str, Section] = {
    "entitlement_type": ("entitlement_types",),
    "integration_specific_entitlement_id": ("entitlement_types",),
    "resource_type": ("resource_types",),
}
"""Fields of a record whose constant is the name of a type."""


def sections(page: Page, entry: Entry) -> list[Section]:
    """The parts of the file where the name is defined that the value of an entry may be."""
    if entry.name in ("value", "else") and entry.owner.parent is not None and in_record(entry.owner.parent.owner):
        return [section for section in [_FIELDS.get(entry.owner.parent.name)] if section]
    found = holder(entry)
    if found is None or found[1] is not entry:
        return []
    model, name = found[0], entry.name
    if issubclass(model, SourceSpec) and name in ("pages", "record"):
        return [("pagers" if name == "pages" else "records",)]
    if model is RequestSpec and name == "budget":
        return [("http", "budgets")]
    return [("resource_types",)] if model is EntitlementTypeSpec and name == "resource_type" else []


def definition(page: Page, offset: int) -> tuple[int, int] | None:
    """The offsets of the name where it is defined; None where nothing is, or it is defined elsewhere."""
    spot = page.spot(offset)
    node = spot.cursor.node
    if node is not None and node.kind == "alias":
        target = page.anchors.get(node.text)
        return (target.anchor_at, target.anchor_at + len(node.text) + 1) if target is not None else None
    if spot.cursor.part == "key":
        return _attribute(page, spot)
    if spot.entry is None or node is None:
        return None
    for section in sections(page, spot.entry):
        held = page.section(*section)
        entry = held.entry(node.text) if held is not None else None
        if entry is not None and entry.key is not None:
            return entry.key.start, entry.key.end
    named = name_at(spot)
    if named is None or named.at is None:
        return None
    word = _WORD.match(page.text, named.at)
    return named.at, word.end() if word is not None else named.at


def name_at(spot: Spot) -> Name | None:
    """The declared name that a place in an expression or a template is on."""
    if spot.entry is None or spot.role is None or spot.code is None or spot.words is None or spot.in_quotes:
        return None
    first, *rest = spot.words[0].split(".")
    found = names_at(spot.page.root, spot.entry, spot.role).get(first)
    for part in rest:
        found = found.members.get(part) if found is not None else None
    return found


def _attribute(page: Page, spot: Spot) -> tuple[int, int] | None:
    """Where a custom attribute is declared that a record gives."""
    entry, declared = spot.cursor.entry, page.section("custom_attributes")
    above = entry.owner.parent if entry is not None else None
    if entry is None or above is None or above.name != "custom_attributes" or declared is None or declared.kind != "list":
        return None
    for item in declared.entries:
        name = item.value.get("name") if item.value is not None else None
        if name is not None and name.text == entry.name:
            return name.start, name.end
    return None
