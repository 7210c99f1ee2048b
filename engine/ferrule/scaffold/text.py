"""Writes a spec as text: in the order and the style of the bundled specs, with comments.

A spec is a tree of plain values, and its comments stand beside it by path. PyYAML writes no comments, and a library that
keeps them (ruamel.yaml) would have to be told for every mapping whether it runs over lines, and knows YAML's idea of a
plain word where ours counts. PyYAML still says which text may stand without quotes.
"""

from __future__ import annotations

import io
import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.emitter import Emitter

Path = tuple[str | int, ...]
"""Where a value stands in a spec: `("capabilities", "list_accounts", "request")`."""

DECIDE = "DECIDE: "
"""Starts a comment on what a person must decide."""

_WIDTH = 120
_ONE_BELOW_THE_OTHER = frozenset({"parts", "steps", "errors"})
"""Lists whose items stand on lines of their own."""
_SECTIONS = frozenset({"http", "pagers", "records", "settings", "auth", "resource_types", "entitlement_types", "capabilities"})
_CONTINUED = "  "


@dataclass(frozen=True, slots=True)
class Decision:
    """Something that a person must decide, and the line that says so."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Written:
    """A spec as text. `paths` tells what each line is about."""

    text: str
    paths: Mapping[int, Path]


def decisions(text: str) -> list[Decision]:
    """What a spec still leaves to a person, in the order of the file: its comments that begin with `DECIDE:`."""
    found: list[Decision] = []
    open_ = False
    for number, line in enumerate(text.splitlines(), 1):
        comment = line.strip().removeprefix("# ") if line.lstrip().startswith("# ") else None
        if comment is not None and comment.startswith(DECIDE):
            found.append(Decision(number, comment.removeprefix(DECIDE).strip()))
            open_ = True
        elif comment is not None and open_ and comment.startswith(_CONTINUED):
            found[-1] = Decision(found[-1].line, f"{found[-1].text} {comment.strip()}")
        else:
            open_ = False
    return found


def write(tree: Mapping[str, Any], notes: Mapping[Path, Sequence[str]], head: Sequence[str] = ()) -> Written:
    """The spec with its comments, each above the line of its path. Those of `head` come first."""
    lines = [line for note in head for line in _comment(note, 0)]
    paths: dict[int, Path] = {}
    for path, line in _mapping(tree, (), 0, notes):
        apart = (len(path) == 1 and path[0] not in ("ferrule",)) or (len(path) == 2 and path[0] == "capabilities")
        if apart and lines and path not in paths.values() and lines[-1] != "capabilities:":
            lines.append("")
        lines.append(line)
        paths[len(lines)] = path
    return Written("\n".join(lines) + "\n", paths)


def _mapping(value: Mapping[str, Any], path: Path, indent: int, notes: Mapping[Path, Sequence[str]]) -> Iterator[tuple[Path, str]]:
    for key, item in value.items():
        here = (*path, key)
        for note in notes.get(here, ()):
            yield from ((here, line) for line in _comment(note, indent))
        yield from _entry(f"{' ' * indent}{scalar(key)}:", item, here, indent + 2, notes)


def _entry(lead: str, item: Any, path: Path, indent: int, notes: Mapping[Path, Sequence[str]]) -> Iterator[tuple[Path, str]]:
    line = f"{lead} {flow(item)}" if isinstance(item, (Mapping, list)) else f"{lead} {scalar(item, flow=False)}"
    if not isinstance(item, (Mapping, list)) or not item or _fits(line, item, path, notes):
        yield path, line
        return
    if isinstance(item, list):
        yield path, lead
        for place, each in enumerate(item):
            yield from _item(each, (*path, place), indent, notes)
        return
    yield path, lead
    yield from _mapping(item, path, indent, notes)


def _item(value: Any, path: Path, indent: int, notes: Mapping[Path, Sequence[str]]) -> Iterator[tuple[Path, str]]:
    for note in notes.get(path, ()):
        yield from ((path, line) for line in _comment(note, indent))
    line = f"{' ' * indent}- {flow(value) if isinstance(value, (Mapping, list)) else scalar(value, flow=False)}"
    if not isinstance(value, Mapping) or _fits(line, value, path, notes):
        yield path, line
        return
    first = True
    for where, text in _mapping(value, path, indent + 2, notes):
        if first and not text.lstrip().startswith("#"):
            text, first = f"{' ' * indent}- {text[indent + 2 :]}", False
        yield where, text


def _fits(line: str, item: Any, path: Path, notes: Mapping[Path, Sequence[str]]) -> bool:
    """Whether a mapping or a list stands on one line."""
    if any(len(other) > len(path) and other[: len(path)] == path for other in notes):
        return False
    if (len(path) == 1 and path[0] in {*_SECTIONS, "app"}) or (len(path) == 2 and path[0] in ("capabilities", "records")):
        return False
    if path[-1] in _ONE_BELOW_THE_OTHER or (path[-1] == "record" and len(item) > 3):
        return False
    return len(line) <= _WIDTH


def _comment(note: str, indent: int) -> list[str]:
    lead = " " * indent + "# "
    if note.startswith("ferrule: "):
        return [lead + note]
    words = " ".join(note.split())
    return textwrap.wrap(
        words, 136, initial_indent=lead, subsequent_indent=lead + _CONTINUED * note.startswith(DECIDE), break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip


def flow(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(key)}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value)


def _escaped(char: str) -> str:
    """A character within double quotes (YAML 1.2, section 5.7)."""
    if char in '"\\':
        return f"\\{char}"
    if char.isprintable():
        return char
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


_NUMBER = re.compile(r"-?[0-9][0-9_.,:eExob]*")
_WORDS = frozenset({"true", "false", "null", "~", "", "yes", "no", "on", "off", "y", "n"})


def scalar(value: Any, *, flow: bool = True) -> str:
    """A text, a number, a boolean or null, in quotes only where it would be read as something else, here or by YAML 1.1."""
    if value is None or isinstance(value, (bool, int, float)):
        return json.dumps(value)
    text = str(value)
    found = Emitter(io.StringIO()).analyze_scalar(text)
    may_be_plain = (found.allow_flow_plain if flow else found.allow_block_plain) and "{{" not in text
    if may_be_plain and not found.multiline and text.lower() not in _WORDS and not _is_other(text):
        return text
    if '"' in text and "'" not in text and found.allow_single_quoted and not found.multiline and "\\" not in text:
        return f"'{text}'"
    return f'"{"".join(map(_escaped, text))}"'


def _is_other(text: str) -> bool:
    """Whether a plain word is more than text to some reader of YAML."""
    if _NUMBER.fullmatch(text):
        return True
    return any(pattern.match(text) for _, pattern in yaml.SafeLoader.yaml_implicit_resolvers.get(text[:1], []))


def sentence(words: str, most: int = 160) -> str:
    """The first sentence of a vendor's text, as plain text on one line, cut to a length."""
    bare = re.sub(r"<[^>]*>|\[([^\]]*)\]\([^)]*\)", r"\1", str(words))
    bare = " ".join("".join(char if char.isprintable() else " " for char in bare).split())
    first = re.split(r"(?<=[.!?])\s", bare.lstrip(">*#- "), maxsplit=1)[0]
    return first if len(first) <= most else f"{first[: most - 1].rsplit(' ', 1)[0]} …"


def listed(words: Iterable[str], most: int = 4) -> str:
    """Some words in a row, and how many there are besides."""
    found = list(words)
    return ", ".join(found[:most]) + (f" and {len(found) - most} more" if len(found) > most else "")
