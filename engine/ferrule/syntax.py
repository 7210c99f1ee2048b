"""Text to YAML events by PyYAML, and what it says of text that is no YAML in words for the author of a spec.

Where PyYAML was built with libyaml, that reads the text, nine times as fast; what libyaml refuses is read once more by
PyYAML itself, so an error is the same with and without it.

PyYAML places an error where it gives up, which for a quote or a bracket that is not closed is far from the slip; there
the opening is named instead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

import yaml
from yaml.parser import Parser
from yaml.reader import Reader, ReaderError
from yaml.scanner import Scanner

libyaml: Any
try:
    from yaml import _yaml

    libyaml = _yaml.CParser
except ImportError:  # PyYAML was built without it
    libyaml = None

QUOTES = "put the value in quotes"
TEMPLATE = "put a value that starts with `{{` in quotes"
_COLUMN = "keys of one mapping start in the same column"
_BACKSLASH = "write a backslash twice, or put the value in single quotes"
_TOKENS = {
    "<scalar>": "text",
    "<stream end>": "the end of the file",
    "<document start>": "`---`",
    "<document end>": "`...`",
    "<block mapping start>": "a mapping",
    "<block sequence start>": "a list",
    "<block end>": "the end of what is above",
    "?": "a key",
}
"""PyYAML's names of what it reads, where they are not the characters themselves."""

_PROBLEMS: dict[str, tuple[str, str | None]] = {
    "mapping values are not allowed": ("`:` is not expected here", f"put a value that has `: ` in quotes; {_COLUMN}"),
    "mapping keys are not allowed": ("`?` is not expected here", QUOTES),
    "sequence entries are not allowed": ("a list does not start here", "put `- ` on a line of its own, below the key"),
    "expected a comment or a line break": ("the text of `|` or `>` starts on the next line", "or put the value in quotes"),
    "expected chomping or indentation": ("the text of `|` or `>` starts on the next line", "or put the value in quotes"),
    "expected <block end>": ("this does not belong to what is above", _COLUMN),
    "expected the node content, but found '<stream end>'": ("the file ends where a value is due", "is a bracket or a brace not closed?"),
    "expected the node content": ("a value is missing here", None),
    "incompatible YAML document": ("this version of YAML is not known", "remove the line"),
    "hexadecimal numbers": ("the escape is incomplete", _BACKSLASH),
}
"""Part of PyYAML's words, and ours."""


class Slip(Exception):
    """Why a text is no YAML, or uses what specs do not. Line and column count from 0."""

    def __init__(self, kind: Literal["syntax", "feature", "size"], mark: Any, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.kind, self.message, self.hint = kind, message, hint
        self.line: int = mark.line
        self.column: int = mark.column


@dataclass(frozen=True, slots=True)
class Document:
    """The events of one document, from its first value to its last; none of a text without any."""

    events: list[Any]
    anchors: dict[str, int]
    """Which event begins the value that an alias stands for."""
    tags: list[tuple[str, yaml.Mark]]
    """Every tag that is written in it."""


def parse(text: str, depth: int) -> Document:
    """The one document in `text`. Raises `Slip`, also for values more than `depth` within one another."""
    if libyaml is not None and not _apart(text):
        try:
            return _collect(libyaml(text), depth, quick=True)
        except (yaml.YAMLError, UnicodeError, Slip, _Apart):
            pass  # PyYAML itself says what is wrong
    return parse_plainly(text, depth)


def parse_plainly(text: str, depth: int) -> Document:
    """The same without libyaml."""
    parser = None
    try:
        parser = _Parser(text)
        return _collect(parser, depth)
    except ReaderError as error:
        raise _unreadable(error, text) from error
    except yaml.MarkedYAMLError as error:
        raise _slip(error, text) from error
    except (OverflowError, ValueError) as error:
        assert parser is not None
        raise Slip("syntax", parser.get_mark(), "the escape stands for no character", r"Unicode ends at `\U0010FFFF`") from error


class _Parser(Reader, Scanner, Parser):
    """PyYAML's own."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)


class _Apart(Exception):
    """libyaml and PyYAML part ways over this text."""


_COMMENTED = re.compile("[|>][-+0-9]*#")


def _apart(text: str) -> bool:
    """Whether a text holds what libyaml takes otherwise than PyYAML does: a tab, a mark of byte order, a comment right behind `|`."""
    return "\t" in text or "\ufeff" in text or _COMMENTED.search(text) is not None


def _collect(parser: Any, depth: int, *, quick: bool = False) -> Document:
    """All that a parser reads. Where it is the quick one, libyaml, `_Apart` is raised for what only it would take, or would
    place elsewhere: a tag; and a `?`, or nothing at all, within brackets and braces."""
    found = Document([], {}, [])
    next_event, keep = parser.get_event, found.events.append
    next_event()  # the start of the stream
    if type(next_event()) is yaml.StreamEndEvent:
        return found
    opened = flow = 0
    while (kind := type(event := next_event())) is not yaml.DocumentEndEvent:
        if kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            opened -= 1
            if flow:
                flow -= 1
        else:
            if opened == depth:
                raise Slip("size", event.start_mark, f"more than {depth} values within one another")
            if event.anchor is not None or (kind is not yaml.AliasEvent and event.tag is not None):
                _note(event, kind, found, apart=quick)
            if kind is not yaml.ScalarEvent:
                if kind is not yaml.AliasEvent:
                    opened += 1
                    if flow or event.flow_style:
                        flow += 1
            elif flow and quick and not event.style and (not event.value or "?" in event.value):
                raise _Apart
        keep(event)
    if type(event := next_event()) is not yaml.StreamEndEvent:
        raise Slip("feature", event.start_mark, "a spec is one YAML document", "put the other one into a file of its own")
    return found


def _note(event: Any, kind: type, found: Document, *, apart: bool) -> None:
    """The tag and the anchor of a value."""
    name = event.anchor
    if kind is yaml.AliasEvent:
        if name not in found.anchors:
            hint = "a value that starts with `*` stands in quotes"
            raise Slip("syntax", event.start_mark, f"there is no anchor `&{name}` above", hint)
        return
    if event.tag is not None:
        if apart:
            raise _Apart
        found.tags.append((event.tag.replace("tag:yaml.org,2002:", "!!"), event.start_mark))
    if name is not None:
        if name in found.anchors:
            raise Slip("syntax", event.start_mark, "the anchor is already set", "choose another name")
        found.anchors[name] = len(found.events)


def _unreadable(error: ReaderError, text: str) -> Slip:
    lines = re.split(r"\r\n|[\r\n\x85\u2028\u2029]", text[: error.position])
    mark = yaml.Mark("", error.position, len(lines) - 1, len(lines[-1]), text, error.position)
    message = f"the character U+{ord(text[error.position]):04X} cannot stand in YAML"
    return Slip("syntax", mark, message, "write it as an escape in double quotes")


def _slip(error: yaml.MarkedYAMLError, text: str) -> Slip:
    mark, opened = error.problem_mark, error.context_mark
    problem, context = error.problem or "", error.context or ""
    assert mark is not None
    if opened is not None:
        if message := _not_closed(problem, context):
            return Slip("syntax", opened, message)
        if problem == "could not find expected ':'":
            return Slip("syntax", opened, "a key is followed by `:` and a space", "or indent the line, if it belongs to the value above")
        if found := re.match(r"while scanning an (alias|anchor)", context):
            sign = "*" if found[1] == "alias" else "&"
            return Slip("syntax", opened, f"a value without quotes cannot start with `{sign}`", QUOTES)
    if problem.startswith("expected <block end>"):
        before = text[: mark.index].rstrip()
        if before.endswith("}}"):
            return Slip("syntax", mark, "a template that starts a value stands in quotes", TEMPLATE)
        if before.endswith(("'", '"')) and before == text[: mark.index].rstrip(" "):  # on the same line
            return Slip(
                "syntax",
                mark,
                "there is more behind the closing quote",
                "put the whole value in quotes; a quote within single quotes is written twice",
            )
    return Slip("syntax", mark, *_words(problem, context, mark, opened))


def _not_closed(problem: str, context: str) -> str | None:
    """What an opening lacks, where the text ended before it was closed."""
    if "quoted scalar" in context and problem.startswith("found unexpected"):
        return "the quote is not closed"
    if problem.endswith("'<stream end>'") and (found := re.match(r"expected ',' or '(.)'", problem)):
        return f"`{_opening(found[1])}` is not closed"
    return None


def _words(problem: str, context: str, mark: yaml.Mark, opened: yaml.Mark | None) -> tuple[str, str | None]:
    """The message and the hint for a problem at its own place."""
    if found := re.fullmatch(r"expected ',' or '(.)', but got '(.+)'", problem):
        if opened is not None and mark.line > opened.line:
            hint = f"is the `{_opening(found[1])}` of line {opened.line + 1} closed?"
        else:
            hint = "within brackets and braces, put a value that holds brackets, braces, commas or `: ` in quotes"
        return f"expected `,` or `{found[1]}`, found {_token(found[2])}", hint
    if found := re.match(r"found character '(.+)' that cannot start", problem):
        if found[1] == r"\t":
            return "a line is indented with spaces, not with a tab", "put spaces in its place"
        return f"a value without quotes cannot start with {'a backtick' if found[1] == '`' else f'`{found[1]}`'}", QUOTES
    if found := re.fullmatch(r"found unknown escape character '(.+)'", problem):
        return f"`\\{found[1]}` is no escape", _BACKSLASH
    for part, words in _PROBLEMS.items():
        if part in problem:
            return words
    return re.sub(r"'(.+?)'", lambda found: _token(found[1]), problem) or "this is no YAML", None


def _opening(closing: str) -> str:
    return "[" if closing == "]" else "{"


def _token(name: str) -> str:
    return _TOKENS.get(name, f"`{name}`")
