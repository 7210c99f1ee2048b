"""Knows which names are in scope while a spec is compiled, and collects what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from itertools import filterfalse
from typing import Any

from jmespath.lexer import Lexer

from ferrule.diagnostics import Code, Diagnostic, Span, SpecError, did_you_mean
from ferrule.escapes import Landing
from ferrule.expressions import Expression, Row, RowField, compile_expression, compile_row
from ferrule.ldap import Connection, LdapSettings
from ferrule.source import Text
from ferrule.templates import Template, compile_template

UNKNOWN_NAME = Code("C304", "unknown-name")
NOT_IN_ANSWER = Code("C313", "not-in-answer")
NAME_TAKEN = Code("C305", "name-taken")

ANSWER = ("status", "headers", "body")
_ANSWER_ALONE = frozenset(ANSWER)
_TEMPLATES_ONLY = ("credential", "session", "page")
_NOT_IN_RECORDS = (*_TEMPLATES_ONLY, "settings")
_NOT_IN_SCOPE = ("credential", "session")
RESERVED = frozenset({"settings", "credential", "session", "inputs", "page", *ANSWER})

Name = tuple[str, ...]
"""A dotted name, by its parts."""
Names = Mapping[str, Collection[str] | None]
"""Each name in scope, and the names below it; None where those are not known."""


class SpecCompiler:
    """Compiles templates and expressions within a scope of names. A slip is noted, and a harmless stand-in returned."""

    def __init__(self, names: Names) -> None:
        self.names: dict[str, Collection[str] | None] = dict(names)
        self.found: list[Diagnostic] = []
        self.ldap = LdapSettings()
        self.connection: Connection = ()

    def report(self, code: Code, span: Span, message: str, hint: str | None = None) -> None:
        """Note a finding and go on."""
        self.found.append(Diagnostic(code, span, message, hint))

    def declare(self, names: Collection[str]) -> None:
        """Make names readable as `session.<name>`."""
        self.names["session"] = {*(self.names.get("session") or ()), *names}

    @contextmanager
    def within(self, names: Names) -> Iterator[None]:
        """More names in scope for a while."""
        before = self.names
        self.names = {**before, **names}
        try:
            yield
        finally:
            session = self.names.get("session")
            self.names = before
            if session is not None:
                self.names["session"] = session

    def bind(self, name: str, span: Span) -> str:
        """A name that the spec declares, which must not hide one of the language's own."""
        if name in RESERVED:
            self.report(NAME_TAKEN, span, f"`{name}` is a name of the language", "choose another")
        return name

    def template(self, text: Text, landing: Landing = "leaf") -> Template:
        """The compiled template, its names checked against what is in scope here."""
        try:
            template = compile_template(text, landing)
        except SpecError as error:
            self.found.extend(error.diagnostics)
            return Template(text, lambda scope: str(text), constant=True)
        if not all(map(self._knows, template.reads)):
            self._check(template.reads, partial(place_in_template, text))
        return template

    def expression(self, text: Text) -> Expression:
        """The compiled expression over an answer and the names in scope here."""
        expression = self._expression(text, _TEMPLATES_ONLY)
        if not expression.reads <= _ANSWER_ALONE:
            known = [n for n in self.names if n not in _TEMPLATES_ONLY]
            for name in sorted(expression.reads - expression.names - _ANSWER_ALONE):
                hint = self._templates_only(name) or did_you_mean(name, [*ANSWER, *known]) or f"write `body.{name}`"
                message = f"an answer has no `{name}`; it has `status`, `headers` and `body`"
                self.report(NOT_IN_ANSWER, place_in_expression(text, (name,)), message, hint)
        return expression

    def record_expression(self, text: Text) -> Expression:
        """The compiled expression over one record and the names in scope here."""
        return self._expression(text, _NOT_IN_RECORDS)

    def scope_expression(self, text: Text) -> Expression:
        """The compiled expression over the names in scope here, and nothing else."""
        expression = self._expression(text, _NOT_IN_SCOPE)
        for name in sorted(expression.reads - expression.names):
            known = [n for n in self.names if n not in _NOT_IN_SCOPE]
            hint = None if name in known else self._templates_only(name) or did_you_mean(name, known) or listed("the names are", known)
            self.report(UNKNOWN_NAME, place_in_expression(text, (name,)), f"there is no `{name}` here", hint)
        return expression

    def row(self, fields: Mapping[str, RowField]) -> Row:
        """The function that makes a row of these fields."""
        return compile_row(fields)

    def _expression(self, text: Text, hidden: Collection[str]) -> Expression:
        """The compiled expression over the names in scope that are not `hidden`."""
        try:
            expression = compile_expression(text, self.names, hidden)
        except SpecError as error:
            self.found.extend(error.diagnostics)
            return compile_expression(Text("`null`", text.span), ())
        if expression.names:
            self._check((path for path in expression.paths if path[0] in expression.names), partial(place_in_expression, text))
        return expression

    def _templates_only(self, name: str) -> str | None:
        return f"`{name}` is for templates alone" if name in _TEMPLATES_ONLY and name in self.names else None

    def _check(self, names: Iterable[Name], place: Callable[[Name], Span]) -> None:
        """Report each dotted name whose first part is not in scope, or whose second part the first does not have."""
        for name in sorted(filterfalse(self._knows, names)):
            if name[0] not in self.names:
                hint = did_you_mean(name[0], self.names) or listed("the names are", self.names)
                self.report(UNKNOWN_NAME, place(name[:1]), f"there is no `{name[0]}` here", hint)
                continue
            below = self.names[name[0]]
            has = listed(f"`{name[0]}` has", below) if below else f"nothing is declared below `{name[0]}`"
            self.report(UNKNOWN_NAME, place(name), f"`{name[0]}` has no `{name[1]}`", did_you_mean(name[1], below or ()) or has)

    def _knows(self, name: Name) -> bool:
        below = self.names.get(name[0], ())
        return name[0] in self.names and (len(name) == 1 or below is None or name[1] in below)


def listed(words: str, names: Collection[str]) -> str:
    """A hint that names all there is."""
    return f"{words} {', '.join(f'`{name}`' for name in sorted(names))}"


def place_in_template(text: Text, name: Name) -> Span:
    """Where a template first reads a dotted name: the place of its second part, or of its only one."""
    root, *below = map(re.escape, name[:2])
    path = rf"(?<![\w.'\"]){root}(?!\w)" + "".join(rf"\s*(?:\.\s*|\[\s*['\"])(?P<below>{part})(?!\w)" for part in below)
    for braces in re.finditer(r"\{\{.*?\}\}|\{%.*?%\}", text, re.DOTALL):
        if found := re.compile(path).search(text, braces.start(), braces.end()):
            group = "below" if below else 0
            return text.at(found.start(group), len(found[group]))
    return text.span


def place_in_expression(text: Text, name: Name) -> Span:
    """Where an expression first reads a dotted name: the place of its second part, or of its only one."""
    tokens: list[Any] = [{"type": "", "value": None}, *Lexer().tokenize(str(text))]
    for index, token in enumerate(tokens[1:], 1):
        starts = token["value"] == name[0] and token["type"] in _IDENTIFIERS and tokens[index - 1]["type"] != "dot"
        if not starts or tokens[index + 1]["type"] in ("lparen", "colon"):
            continue
        if len(name) > 1:
            if tokens[index + 1]["type"] != "dot" or tokens[index + 2]["value"] != name[1]:
                continue
            token = tokens[index + 2]
        return text.at(token["start"], len(token["value"]) + 2 * (token["type"] == "quoted_identifier"))
    return text.span


_IDENTIFIERS = ("unquoted_identifier", "quoted_identifier")
