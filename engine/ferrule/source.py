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
from typing import Any

import yaml
from pydantic import GetCoreSchemaHandler
from pydantic_core import core_schema

from ferrule.diagnostics import NOWHERE, Code, Diagnostic, Span, SpecError

SYNTAX = Code("Y101", "yaml-syntax")
DUPLICATE_KEY = Code("Y102", "duplicate-key")
UNSUPPORTED = Code("Y103", "yaml-feature")
TOO_LARGE = Code("Y104", "too-large")
ENCODING = Code("Y105", "encoding")

MAX_VALUES = 200_000
"""Values in one file, counted after aliases are followed: a bound against aliases that multiply."""

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_FRACTION = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+")
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}


class Text(str):
    """A string with the place it was written at."""

    __slots__ = ("block", "quoted", "span")
    span: Span
    quoted: bool
    """Written in quotes: its characters start one column after its span."""
    block: int | None
    """For a `|` or `>` scalar, the indentation of its lines; None otherwise."""

    def __new__(cls, value: str, span: Span = NOWHERE, *, quoted: bool = False, block: int | None = None) -> Text:
        text = super().__new__(cls, value)
        text.span, text.quoted, text.block = span, quoted, block
        return text

    def at(self, offset: int, length: int = 1) -> Span:
        """The place of character `offset` of this text in the file.

        Exact for one-line scalars without escapes and for literal blocks; a folded or escaped scalar gives its start.
        """
        start = self.span
        if self.block is not None:
            before = self[:offset]
            line = start.line + 1 + before.count("\n")
            return Span(start.file, line, self.block + offset - (before.rfind("\n") + 1) + 1, length)
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
    reader = _Reader(file, text)
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        span = Span(file, mark.line + 1, mark.column + 1) if mark else Span(file, 1, 1)
        problem = error.problem or error.context or "not YAML"
        raise SpecError([Diagnostic(SYNTAX, span, problem, error.note or _hint(problem))]) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise SpecError([Diagnostic(SYNTAX, Span(file, 1, 1), " ".join(str(error).split()) or "nested too deeply")]) from error
    if not isinstance(node, yaml.MappingNode):
        message = "a spec is a mapping of keys to values" if node else "the file is empty"
        raise SpecError([Diagnostic(SYNTAX, Span(file, 1, 1), message, "start with `ferrule: 1`")])
    tree = reader.build(node)
    if reader.found:
        raise SpecError(reader.found)
    assert isinstance(tree, Table)
    return tree


def _hint(problem: str) -> str | None:
    if "got '['" in problem or "got '{'" in problem or "',' or '}'" in problem:
        return "within braces, put a value that has brackets, braces or commas in quotes"
    if "mapping values are not allowed" in problem:
        return "put a value that has `: ` in quotes"
    return "put the value in quotes" if "cannot start any token" in problem else None


class _Reader:
    """Builds values from composed nodes, and collects findings on the way."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.lines = text.splitlines()
        self.found: list[Diagnostic] = []
        self.count = 0
        self.open: set[int] = set()

    def build(self, node: yaml.Node) -> Any:
        self.count += 1
        span = self.span(node)
        if self.count > MAX_VALUES or id(node) in self.open:
            if not any(d.code is TOO_LARGE for d in self.found):
                self.found.append(Diagnostic(TOO_LARGE, span, f"more than {MAX_VALUES} values once aliases are followed"))
            return None
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node, span)
        self.open.add(id(node))
        assert isinstance(node, yaml.CollectionNode)
        value = self.table(node, span) if isinstance(node, yaml.MappingNode) else self.series(node, span)
        self.open.discard(id(node))
        return value

    def scalar(self, node: yaml.ScalarNode, span: Span) -> Any:
        if (node.style is None and not node.tag.startswith("tag:yaml.org,2002:")) or node.tag.endswith((":binary", ":set", ":omap")):
            self.found.append(Diagnostic(UNSUPPORTED, span, f"tag `{node.tag}` is not used in specs", "write the value without a tag"))
        value: str = node.value
        if node.style is not None:
            return Text(value, span, quoted=node.style in "'\"", block=self.indent(node) if node.style in "|>" else None)
        if value in _CONSTANTS:
            return _CONSTANTS[value]
        if _INTEGER.fullmatch(value) and value != "-0":
            return int(value)
        if _FRACTION.fullmatch(value) and repr(float(value)) == value:
            return float(value)
        return Text(value, span)

    def table(self, node: yaml.MappingNode, span: Span) -> Table:
        values: dict[Any, Any] = {}
        kinds: dict[tuple[type, Any], Span] = {}
        for key_node, value_node in node.value:
            key = self.build(key_node)
            at = self.span(key_node)
            if isinstance(key, (Table, Series)):
                self.found.append(Diagnostic(UNSUPPORTED, at, "a key is a word, a number or a boolean"))
                continue
            if key == "<<":
                self.found.append(Diagnostic(UNSUPPORTED, at, "merge keys are not used in specs", "define it once by name and refer to it"))
                continue
            kind = (str if isinstance(key, str) else type(key), key)
            if kind in kinds:
                self.found.append(
                    Diagnostic(DUPLICATE_KEY, at, f"`{key}` is already written on line {kinds[kind].line}", "keep one of the two")
                )
                continue
            kinds[kind] = at
            values[key if isinstance(key, str) else Scalar(key, at)] = self.build(value_node)
        return Table(values, span)

    def series(self, node: yaml.CollectionNode, span: Span) -> Series:
        return Series([self.build(item) for item in node.value], span, [self.span(item) for item in node.value])

    def span(self, node: yaml.Node) -> Span:
        start, end = node.start_mark, node.end_mark
        length = (
            end.column - start.column
            if end.line == start.line
            else len(self.lines[start.line]) - start.column
            if start.line < len(self.lines)
            else 1
        )
        return Span(self.file, start.line + 1, start.column + 1, max(1, length))

    def indent(self, node: yaml.ScalarNode) -> int:
        for line in self.lines[node.start_mark.line + 1 :]:
            if line.strip():
                return len(line) - len(line.lstrip())
        return 0


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
        return "null" if self.value is None else str(self.value).lower()


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
            span = getattr(tree, "span", None) if isinstance(tree, str) else None  # type: ignore[assignment]
            span = span or key.span
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


def texts(value: Any) -> Iterator[Text]:
    """Every string below `value`, keys left out."""
    if isinstance(value, Text):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
