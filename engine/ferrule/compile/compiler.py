"""Knows which names are in scope while a spec is compiled, and collects what is wrong with it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ferrule.diagnostics import Code, Diagnostic, Span, SpecError, did_you_mean
from ferrule.escapes import Landing
from ferrule.expressions import Expression, compile_expression
from ferrule.source import Text
from ferrule.templates import Template, compile_template

UNKNOWN_NAME = Code("C304", "unknown-name")
NOT_IN_ANSWER = Code("C313", "not-in-answer")
NAME_TAKEN = Code("C305", "name-taken")

ANSWER = ("status", "headers", "body")
RESERVED = frozenset({"settings", "credential", "session", "inputs", "page", *ANSWER})

Names = Mapping[str, Collection[str] | None]
"""Each name in scope, and the names below it; None where those are not known."""


class SpecCompiler:
    """Compiles templates and expressions within a scope of names. A slip is noted, and a harmless stand-in returned."""

    def __init__(self, names: Names) -> None:
        self.names: dict[str, Collection[str] | None] = dict(names)
        self.found: list[Diagnostic] = []

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
        for name in sorted(template.reads):
            self._check(name, text)
        return template

    def expression(self, text: Text) -> Expression:
        """The compiled expression over an answer and the names in scope here."""
        expression = self._expression(text, [n for n in self.names if n not in ("credential", "session", "page")])
        for name in sorted(expression.reads - expression.names - {*ANSWER}):
            hint = f"write `body.{name}`" if not did_you_mean(name, self.names) else did_you_mean(name, self.names)
            self.report(NOT_IN_ANSWER, _place(text, name), f"an answer has no `{name}`; it has `status`, `headers` and `body`", hint)
        return expression

    def record_expression(self, text: Text) -> Expression:
        """The compiled expression over one record and the names in scope here."""
        return self._expression(text, [n for n in self.names if n not in ("credential", "session", "page", "settings")])

    def scope_expression(self, text: Text) -> Expression:
        """The compiled expression over the names in scope here, and nothing else."""
        known = [n for n in self.names if n not in ("credential", "session")]
        expression = self._expression(text, known)
        for name in sorted(expression.reads - expression.names):
            self.report(
                UNKNOWN_NAME,
                _place(text, name),
                f"there is no `{name}` here",
                did_you_mean(name, known) or f"the names are {', '.join(sorted(known))}",
            )
        return expression

    def _expression(self, text: Text, names: Collection[str]) -> Expression:
        try:
            expression = compile_expression(text, names)
        except SpecError as error:
            self.found.extend(error.diagnostics)
            return compile_expression(Text("`null`", text.span), ())
        for name in sorted(_paths(expression.parsed)):
            if name[0] in expression.names:
                self._check(name, text)
        return expression

    def _check(self, name: tuple[str, ...], text: Text) -> None:
        if name[0] not in self.names:
            known = sorted(self.names)
            self.report(
                UNKNOWN_NAME,
                _place(text, name[0]),
                f"there is no `{name[0]}` here",
                did_you_mean(name[0], known) or f"the names are {', '.join(known)}",
            )
            return
        below = self.names[name[0]]
        if len(name) > 1 and below is not None and name[1] not in below:
            hint = did_you_mean(name[1], below) or (
                f"`{name[0]}` has {', '.join(sorted(below))}" if below else f"`{name[0]}` has nothing declared"
            )
            self.report(UNKNOWN_NAME, _place(text, name[1]), f"`{name[0]}` has no `{name[1]}`", hint)


def _place(text: Text, word: str) -> Span:
    offset = text.find(word)
    return text.at(offset, len(word)) if offset >= 0 else text.span


def _paths(node: dict[str, Any]) -> set[tuple[str, ...]]:
    """`a.b` for each place in a JMESPath tree where a field is read below a field that starts an expression."""
    found: set[tuple[str, ...]] = set()
    children = node.get("children", [])
    if node["type"] == "subexpression" and children[0]["type"] == "field" and children[1]["type"] == "field":
        found.add((children[0]["value"], children[1]["value"]))
    for child in children:
        if isinstance(child, dict):
            found |= _paths(child)
    return found
