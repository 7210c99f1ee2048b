"""YAML values that know where they were written.

A string is a `Text`, a mapping a `Table`, a list a `Series`; each has a `span`. Numbers, booleans and nulls are plain
Python values and take their place from the key or the list that holds them.

What a plain (unquoted) scalar means is decided here, and is narrower than YAML 1.1 so that nothing written as text is
read as something else: `true` and `false` are booleans; `null`, `~` and nothing are null; a decimal integer without
leading zeros and a decimal fraction are numbers; everything else, `off`, `007`, `1_000`, `2020-01-01` included, is text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import yaml
from pydantic import GetCoreSchemaHandler
from pydantic_core import core_schema
from yaml.scanner import Scanner

from ferrule.diagnostics import NOWHERE, Code, Diagnostic, Span, SpecError
from ferrule.syntax import TEMPLATE, Document, Slip, parse

SYNTAX = Code("Y101", "yaml-syntax")
DUPLICATE_KEY = Code("Y102", "duplicate-key")
UNSUPPORTED = Code("Y103", "yaml-feature")
TOO_LARGE = Code("Y104", "too-large")
ENCODING = Code("Y105", "encoding")
_CODES = {"syntax": SYNTAX, "feature": UNSUPPORTED, "size": TOO_LARGE}

MAX_LENGTH = 5_000_000
"""Characters in one file."""
MAX_VALUES = 200_000
"""Values in one file, counted after aliases are followed: a bound against aliases that multiply."""
MAX_DEPTH = 64
"""Values within one another."""

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_FRACTION = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_PROPERTIES = re.compile(r"(?:[&!]\S*\s*)+")
"""An anchor and a tag before a value."""
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}


class Text(str):
    """A string with the place it was written at."""

    __slots__ = ("quoted", "rows", "span")
    span: Span
    quoted: bool
    """Written in quotes: its characters start one column after its span."""
    rows: tuple[str, ...]
    """The lines as they are written, the first from its span on, where the text has other characters than it is written
    with: it runs over several lines, or has escapes. Otherwise empty."""

    def __new__(cls, value: str, span: Span = NOWHERE, quoted: bool = False, rows: tuple[str, ...] = ()) -> Text:
        text = super().__new__(cls, value)
        text.span, text.quoted, text.rows = span, quoted, rows
        return text

    def at(self, offset: int, length: int = 1) -> Span:
        """The place of character `offset` of this text in the file; its end, where it is the length."""
        start = self.span
        if self.rows:
            row, column = _places(str(self), self.quoted, self.rows)[offset]
            return Span(start.file, start.line + row, column + (1 if row else start.column), length)
        if start.length != len(self) + 2 * self.quoted:
            return start
        return Span(start.file, start.line, start.column + offset + int(self.quoted), length)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.json_or_python_schema(
            json_schema=core_schema.str_schema(),
            python_schema=core_schema.no_info_after_validator_function(
                lambda value: value if isinstance(value, cls) else cls(value), core_schema.is_instance_schema(str, cls_repr="text")
            ),
            serialization=core_schema.to_string_ser_schema(),
        )


@lru_cache(64)  # of one text, many places are asked
def _places(text: str, quoted: bool, rows: tuple[str, ...]) -> list[tuple[int, int]]:
    """For each character of a text with rows, and for its end: the row it is written in and its column there.

    YAML folds white space and drops indentation, so the text and its rows agree in all other characters alone, in order.
    White space is placed behind what comes before it.
    """
    places: list[tuple[int, int]] = []
    before = (0, 0)
    for row, column, width, char in _written(quoted, rows):
        while len(places) < len(text) and text[len(places)] != char and text[len(places)].isspace():
            places.append(before)
            before = (before[0], before[1] + 1)
        if len(places) == len(text):
            break
        places.append((row, column))
        before = (row, column + width)
    return places + [(before[0], before[1] + more) for more in range(len(text) - len(places) + 1)]


def _written(quoted: bool, rows: tuple[str, ...]) -> Iterator[tuple[int, int, int, str]]:
    """Each character that a text is written with: row, column, how wide it is written, and what it is once escapes are
    read. White space is left out, unless it is an escape."""
    quote, begun = "", False
    for row, line in enumerate(rows):
        column = 0
        while column < len(line):
            char, width, escaped = line[column], 1, False
            if not begun and not char.isspace():
                begun = True
                if char in "|>":
                    break
                if quoted:
                    quote, column = char, column + 1
                    continue
            if quote == '"' and char == "\\":
                char, width = _escape(line[column + 1 :])
                escaped = True
            elif quote == "'" and line.startswith("''", column):
                width = 2
            if char and (escaped or not char.isspace()):
                yield row, column, width, char
            column += width


def _escape(rest: str) -> tuple[str, int]:
    r"""The character that an escape of double quotes stands for, nothing at the end of a line, and its width with the `\`."""
    if rest[:1] in Scanner.ESCAPE_CODES:
        digits = Scanner.ESCAPE_CODES[rest[0]]
        return chr(int(rest[1 : 1 + digits], 16)), 2 + digits
    return Scanner.ESCAPE_REPLACEMENTS.get(rest[:1], ""), 2


class Table(dict[Any, Any]):
    """A mapping with the place it starts at; its string keys are `Text`."""

    __slots__ = ("span",)

    def __init__(self, values: dict[Any, Any], span: Span) -> None:
        super().__init__(values)
        self.span = span


class Series(list[Any]):
    """A list with the place it starts at, and the place of each item."""

    __slots__ = ("span", "spans")

    def __init__(self, values: list[Any], span: Span, spans: list[Span]) -> None:
        super().__init__(values)
        self.span, self.spans = span, spans


def read(text: str, file: str) -> Table:
    """The YAML mapping in `text`. `file` names it in diagnostics.

    Raises `SpecError` with every finding: syntax, duplicate keys, features that specs do not use (tags, merge keys,
    several documents), too many values.
    """
    if len(text) > MAX_LENGTH:
        raise SpecError([Diagnostic(TOO_LARGE, Span(file, 1, 1), f"the file has more than {MAX_LENGTH:_} characters")])
    try:
        document = parse(text, MAX_DEPTH)
        reader = _Reader(file, text, document)
        tree = reader.build() if document.events else None
    except Slip as slip:
        span = Span(file, slip.line + 1, slip.column + 1)
        raise SpecError([Diagnostic(_CODES[slip.kind], span, slip.message, slip.hint)]) from slip.__cause__
    if not isinstance(tree, Table):
        message = "a spec is a mapping of keys to values" if document.events else "the file is empty"
        raise SpecError([Diagnostic(SYNTAX, Span(file, 1, 1), message, "start with `ferrule: 1`")])
    found = [*reader.found, *(_tag(tag, Span(file, mark.line + 1, mark.column + 1, len(tag))) for tag, mark in document.tags)]
    if found:
        raise SpecError(found)
    return tree


def _tag(tag: str, span: Span) -> Diagnostic:
    return Diagnostic(
        UNSUPPORTED, span, f"tags such as `{tag}` are not used in specs", "write the value without it, in quotes if it is text"
    )


class _Reader:
    """Builds values from the events of a document, and collects findings on the way."""

    def __init__(self, file: str, text: str, document: Document) -> None:
        self.file = file
        self.lines = text.splitlines()
        self.found: list[Diagnostic] = []
        self.events, self.anchors = document.events, document.anchors
        self.at = 0
        """The next event."""
        self.count = 0
        self.open: set[int] = set()

    def build(self) -> Any:
        """The value that begins here; what follows it is the next."""
        place = self.at
        event = self.events[place]
        kind = type(event)
        if kind is yaml.AliasEvent:
            self.at = self.anchors[event.anchor]
            value = self.build()
            self.at = place + 1
            return value
        self.at = place + 1
        self.count += 1
        if self.count > MAX_VALUES or len(self.open) >= MAX_DEPTH or place in self.open:
            raise Slip("size", event.start_mark, self.excess(place))
        if kind is yaml.ScalarEvent:
            return self.scalar(event)
        self.open.add(place)
        value = self.table(event) if kind is yaml.MappingStartEvent else self.series(event)
        self.open.remove(place)
        return value

    def excess(self, place: int) -> str:
        """Why aliases make too much of this value."""
        if self.count > MAX_VALUES:
            return f"more than {MAX_VALUES:_} values once aliases are followed"
        if place in self.open:
            return "an alias stands within the value it stands for"
        return f"more than {MAX_DEPTH} values within one another once aliases are followed"

    def skip(self) -> None:
        """Leave out the value that begins here."""
        opened = 0
        while True:
            event = self.events[self.at]
            self.at += 1
            opened += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if opened == 0:
                return

    def scalar(self, event: Any) -> Any:
        value: str = event.value
        quoted = False
        if style := event.style:
            quoted = style in "'\""
        elif value in _CONSTANTS:
            return _CONSTANTS[value]
        elif value[0] in "-0123456789":
            if _INTEGER.fullmatch(value) and value != "-0":
                return int(value)
            if _FRACTION.fullmatch(value) and repr(float(value)) == value:
                return float(value)
        start, end = event.start_mark, event.end_mark
        line, column = start.line, start.column
        if end.line == line and (length := end.column - column) == (len(value) + 2 if quoted else len(value)):
            return Text(value, _span((self.file, line + 1, column + 1, length or 1)), quoted)
        return self.respelled(event, value, quoted)

    def respelled(self, event: Any, value: str, quoted: bool) -> Text:
        """A text of other characters than it is written with."""
        span, start, end = self.span(event, event), event.start_mark, event.end_mark
        if event.style == '"' and _SURROGATE.search(value):
            self.found.append(
                Diagnostic(SYNTAX, span, "half a surrogate pair is no character", "write the character itself, or `\\U` and 8 digits")
            )
        rows = [*self.lines[start.line : end.line], self.lines[end.line][: end.column] if end.line < len(self.lines) else ""]
        rows[0] = _PROPERTIES.sub(lambda found: " " * len(found[0]), rows[0][start.column :])
        return Text(value, span, quoted, tuple(rows))

    def table(self, start: Any) -> Table:
        values: dict[Any, Any] = {}
        build, events = self.build, self.events
        while type(event := events[self.at]) is not yaml.MappingEndEvent:
            key = build()
            if type(key) is not Text:
                at = self.place(key, event)
                if isinstance(key, (Table, Series)):
                    self.found.append(self.structured_key(key, at))
                    self.skip()
                    continue
                key = Scalar(key, at)
            if key in values:
                before = next(each for each in values if each == key)
                message = f"`{key}` is already written on line {before.span.line}"
                self.found.append(Diagnostic(DUPLICATE_KEY, key.span, message, "keep one of the two"))
                self.skip()
            elif key == "<<" and not key.quoted:
                hint = "define it once by name and refer to it"
                self.found.append(Diagnostic(UNSUPPORTED, key.span, "merge keys are not used in specs", hint))
                self.skip()
            else:
                values[key] = build()
        self.at += 1
        return Table(values, self.span(start, event))

    def structured_key(self, key: Table | Series, at: Span) -> Diagnostic:
        before = self.lines[at.line - 1][: at.column - 1]
        if isinstance(key, Table) and before.endswith("{"):
            return Diagnostic(SYNTAX, Span(at.file, at.line, at.column - 1, 2), "a template that starts a value stands in quotes", TEMPLATE)
        return Diagnostic(UNSUPPORTED, at, "a key is a word, a number or a boolean")

    def series(self, start: Any) -> Series:
        values: list[Any] = []
        spans: list[Span] = []
        while type(event := self.events[self.at]) is not yaml.SequenceEndEvent:
            value = self.build()
            values.append(value)
            spans.append(self.place(value, event))
        self.at += 1
        return Series(values, self.span(start, event), spans)

    def place(self, value: Any, event: Any) -> Span:
        """Where a value that was built from an event stands."""
        if isinstance(value, (Text, Table, Series)):
            return value.span
        kind = type(event)
        first = self.events[self.anchors[event.anchor]] if kind is yaml.AliasEvent else event
        return self.span(first, first)

    def span(self, first: Any, last: Any) -> Span:
        """From the start of one event to the end of another, as far as that is on one line."""
        start, end = first.start_mark, last.end_mark
        line, column = start.line, start.column
        until = end.column if end.line == line else len(self.lines[line]) if line < len(self.lines) else 0
        return _span((self.file, line + 1, column + 1, max(1, until - column)))


def _span(parts: tuple[str, int, int, int]) -> Span:
    """A place of its parts; there are thousands, and a named tuple's own way takes half as long again."""
    return tuple.__new__(Span, parts)


def key_text(value: Any) -> str:
    """A number, a boolean or null as it is written in a spec."""
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


class Scalar:
    """A key that is not a string: `true`, `404`, null. Kept apart so that `true` and `1` never meet."""

    __slots__ = ("span", "value")

    def __init__(self, value: bool | int | float | None, span: Span = NOWHERE) -> None:
        self.value, self.span = value, span

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scalar) and (type(self.value), self.value) == (type(other.value), other.value)

    def __hash__(self) -> int:
        return hash((type(self.value), self.value))

    def __str__(self) -> str:
        return key_text(self.value)

    __repr__ = __str__  # pydantic puts it into the place of an error


def locate(tree: Any, loc: tuple[int | str, ...]) -> Span:
    """Turn a pydantic error location into the nearest place in the file.

    Parts that name no key are union tags, which pydantic adds and the file does not have; they are stepped over.
    """
    span: Span = getattr(tree, "span", NOWHERE)
    for part in loc:
        if isinstance(tree, dict):
            key = next((k for k in tree if str(k) == str(part)), None)
            if key is None:
                continue
            tree = tree[key]
            span = tree.span if isinstance(tree, Text) else key.span
        elif isinstance(tree, Series) and isinstance(part, int) and part < len(tree):
            span, tree = tree.spans[part], tree[part]
    return span


def key_span(tree: Any, loc: tuple[int | str, ...]) -> Span:
    """The place of the last key that `loc` names, rather than of its value."""
    span: Span = getattr(tree, "span", NOWHERE)
    for part in loc:
        if isinstance(tree, dict):
            key = next((k for k in tree if str(k) == str(part)), None)
            if key is not None:
                span, tree = key.span, tree[key]
        elif isinstance(tree, Series) and isinstance(part, int) and part < len(tree):
            span, tree = tree.spans[part], tree[part]
    return span


def plain(value: Any) -> Any:
    """The same value without places: `dict`, `list` and `str` all the way down."""
    if isinstance(value, dict):
        return {k.value if isinstance(k, Scalar) else str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    return str(value) if isinstance(value, str) else value
