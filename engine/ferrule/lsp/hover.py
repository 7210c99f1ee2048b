"""What is to be known of what stands at a place: the manual, and what cassettes gave there."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from ferrule.capabilities import CAPABILITIES
from ferrule.functions import FUNCTIONS
from ferrule.lint import PAGES
from ferrule.lsp import goto
from ferrule.lsp.language import field_at, in_record, keys_of, kinds, options_at, record_fields
from ferrule.lsp.names import told
from ferrule.lsp.spot import Page, Spot
from ferrule.lsp.tree import Entry, Node
from ferrule.lsp.values import Sample, shown
from ferrule.templates import FILTERS

_IGNORE = re.compile(r"#\s*ferrule:\s*ignore\[([^\]\n]*)\]")
_CODE = re.compile(r"[A-Z]\d{3}")
_PAGES = {code.id: (code, page) for code, page in PAGES.items()}


def hover(page: Page, offset: int) -> tuple[str, int, int] | None:
    """Markdown on what stands at an offset, and the offsets of what it is about."""
    ignored = _ignored(page.text, offset)
    if ignored is not None:
        return ignored
    spot = page.spot(offset)
    node, entry = spot.cursor.node, spot.cursor.entry
    if node is None or entry is None or not node.start <= offset <= node.end:
        return None
    if spot.cursor.part == "key":
        said = "\n\n".join(_key(page, entry))
        return (said, node.start, node.end) if said else None
    said = "\n\n".join([*_value(spot, entry), *_samples(spot)])
    start, end = spot.words[1:] if spot.words is not None and spot.role is not None else (node.start, node.end)
    return (said, start, end) if said else None


def rule_page(code: str) -> str | None:
    """The manual page of a code of lint."""
    if code not in _PAGES:
        return None
    found, page = _PAGES[code]
    return f"**{found.id} {found.name}** ({found.severity})\n\n{page}"


def _ignored(text: str, offset: int) -> tuple[str, int, int] | None:
    start = text.rfind("\n", 0, offset) + 1
    end = text.find("\n", offset)
    for comment in _IGNORE.finditer(text, start, len(text) if end < 0 else end):
        for code in _CODE.finditer(text, comment.start(1), comment.end(1)):
            page = rule_page(code[0]) if code.start() <= offset <= code.end() else None
            if page is not None:
                return page, code.start(), code.end()
    return None


# Keys


def _key(page: Page, entry: Entry) -> Iterator[str]:
    """What a key means."""
    if in_record(entry.owner):
        info = record_fields(page.root, entry.owner).get(entry.name)
        if info is not None:
            yield f"**{entry.name}**: {told(info)}"
            return
    key = keys_of(entry.owner).get(entry.name)
    if key is not None:
        yield f"**{key.name}**{' (required)' if key.required else ''}: {key.doc}"
        found = kinds(options_at(entry))
        if found:
            yield "Kinds: " + ", ".join(f"`{name}`" for name in found)
        return
    above = entry.owner.parent
    if above is not None and above.name == "capabilities" and entry.name in CAPABILITIES:
        yield from _capability(entry.name)
    elif above is not None and above.name == "custom_attributes":
        yield from _attribute(page, entry.name)
    elif above is not None and (key := keys_of(above.owner).get(above.name)) is not None:
        yield f"**{entry.name}**, a name of yours under `{above.name}`: {key.doc}"


def _capability(name: str) -> Iterator[str]:
    capability = CAPABILITIES[name]
    yield f"**{name}**: {capability.description}"
    if capability.inputs:
        yield "Inputs:\n" + "\n".join(f"- `{info.name}`: {told(info)}" for info in capability.inputs.values())
    if capability.fields:
        yield "Record:\n" + "\n".join(f"- `{info.name}`: {told(info)}" for info in capability.fields.values())


def _attribute(page: Page, name: str) -> Iterator[str]:
    declared = page.section("custom_attributes")
    for item in declared.entries if declared is not None and declared.kind == "list" else []:
        said = item.value.plain if item.value is not None else {}
        if isinstance(said, dict) and said.get("name") == name:
            yield f"**{name}**, a custom attribute ({said.get('type') or 'string'}). {said.get('description') or ''}".rstrip()


# Values


def _value(spot: Spot, entry: Entry) -> Iterator[str]:
    """What a value is: a kind, a name of something, or the word of an expression that the place is on."""
    node = spot.cursor.node
    assert node is not None
    if node.kind == "alias":
        target = spot.page.anchors.get(node.text)
        if target is not None:
            yield f"**&{node.text}**:\n\n{_block(spot.page, target)}"
        return
    if entry.name == "kind" and entry.owner.parent is not None:
        doc = kinds(options_at(entry.owner.parent)).get(node.text)
        if doc:
            yield f"**{node.text}**: {doc}"
            return
    for section in goto.sections(spot.page, entry):
        held = spot.page.section(*section)
        target = held.get(node.text) if held is not None else None
        if target is not None:
            yield f"**{node.text}**, under `{'.'.join(section)}`:\n\n{_block(spot.page, target)}"
            return
    word = _word(spot)
    if word:
        yield word
    elif entry.key is not None and spot.code is None:
        yield from _key(spot.page, entry)
        if (info := field_at(spot.page.root, entry)) is not None and entry.name in ("value", "else"):
            yield f"**{info.name}**: {told(info)}"


def _block(page: Page, node: Node) -> str:
    """The text of a value, cut where it is long."""
    column = node.start - page.text.rfind("\n", 0, node.start) - 1
    rows = textwrap.dedent(" " * (column if node.style == "" else 0) + page.text[node.start : node.end]).splitlines()
    return "```yaml\n" + "\n".join(rows[:20] + (["…"] if len(rows) > 20 else [])) + "\n```"


def _word(spot: Spot) -> str | None:
    """What the word means that the place is on, in an expression or a template."""
    if spot.code is None or spot.words is None or spot.in_quotes:
        return None
    path, start, end = spot.words
    called = spot.page.text[end : end + 1] == "("
    if spot.role != "template" and called and path in FUNCTIONS:
        return f"`{FUNCTIONS[path]}` → {FUNCTIONS[path].returns}\n\n{FUNCTIONS[path].doc}"
    if spot.role == "template" and path in FILTERS and re.search(r"\|\s*$", spot.page.text[:start]):
        return f"`{path}`, a filter: {FILTERS[path][0]}"
    named = goto.name_at(spot)
    return f"**{path}**: {named.doc}" if named is not None else None


# What cassettes gave


def _samples(spot: Spot) -> Iterator[str]:
    """What the text gave; where the place is on a part of a path that it starts with, what that part gave."""
    samples = spot.page.samples.get(spot.entry.path, ()) if spot.entry is not None else ()
    node = spot.cursor.node
    if not samples or node is None:
        return
    text, values = node.text, [(sample, sample.value) for sample in samples]
    if spot.role != "template" and spot.words is not None:
        path, _, end = spot.words
        begins = spot.page.text[:end].endswith(path) and end - len(path) == node.start + (node.style in ("'", '"'))
        if begins and path != text and "." in text and spot.page.text[end : end + 1] != "(":
            text, values = path, [(sample, sample.part(path)) for sample in samples]
    yield f"`{' '.join(text.split())}` gave"
    yield from (_told(sample, value) for sample, value in values)


def _told(sample: Sample, value: object) -> str:
    where = f"in `{sample.capability}` of the cassette `{sample.cassette}`"
    if sample.failure is not None:
        return f"{where}: it failed, {sample.failure}"
    return f"{where}:\n```json\n{shown(value)}\n```"
