"""A compiler whose expressions and templates note when they are asked, and a wire that notes what is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ferrule.compile.compiler import Names, SpecCompiler
from ferrule.coverage.places import branches_of
from ferrule.coverage.trace import Found, Trace
from ferrule.diagnostics import NOWHERE
from ferrule.escapes import Landing
from ferrule.expressions import Expression, Row, RowField, one_by_one
from ferrule.http import Request, Response
from ferrule.request import truth
from ferrule.source import Scalar, Table, Text
from ferrule.templates import Template
from ferrule.wire.cassette import CassetteWire
from ferrule.wire.cassette_file import Cassette


class WatchingCompiler(SpecCompiler):
    """A compiler whose expressions and templates note when they are asked."""

    def __init__(self, trace: Trace, found: Found, names: Names) -> None:
        super().__init__(names)
        self.trace, self.nodes = trace, found

    def template(self, text: Text, landing: Landing = "leaf") -> Template:
        made = super().template(text, landing)
        if text.span == NOWHERE or (made.constant and landing not in ("path", "dn")):
            return made
        span = self.nodes.around(text.span)
        path = self.nodes.paths.get(span, ())
        target = landing == "path" or (landing == "dn" and path[-1:] not in (("new_rdn",), ("new_superior",)))
        if span != text.span and not target:
            return made  # the host of an address, which is rendered to compare hosts as well
        self.nodes.add(span, "request" if target else "template", path)
        if target and path[-1:] != ("authorization_url",):
            return made

        def render(scope: Mapping[str, Any]) -> Any:
            self.trace.note(span)
            return made.render(scope)

        return replace(made, render=render)

    def expression(self, text: Text) -> Expression:
        return self._watched(super().expression(text))

    def record_expression(self, text: Text) -> Expression:
        return self._watched(super().record_expression(text))

    def scope_expression(self, text: Text) -> Expression:
        return self._watched(super().scope_expression(text))

    def row(self, fields: Mapping[str, RowField]) -> Row:
        find, keys = one_by_one(fields), [name.span for name in fields if isinstance(name, Text)]

        def row(record: Any, scope: Mapping[str, Any]) -> dict[str, Any]:
            for key in keys:
                self.trace.note(key)
            return find(record, scope)

        return row

    def _watched(self, expression: Expression) -> Expression:
        span = expression.text.span
        if span == NOWHERE:
            return expression
        path = self.nodes.paths.get(span, ())
        if (around := self.nodes.maps.get(span)) is not None:
            labels = _labels(around)
            self.nodes.add(span, "map", path[:-1], tuple(labels.values()))
            return replace(expression, find=_mapped(self.trace, expression, labels))
        branches = branches_of(path)
        watch = _predicate(self.trace, expression, branches) if branches else _plain(self.trace, expression)
        self.nodes.add(span, "error rule" if branches[:1] == ("matched",) else "predicate" if branches else "expression", path, branches)
        return replace(expression, find=watch)


Find = Callable[[Any, Mapping[str, Any]], Any]


def _plain(trace: Trace, expression: Expression) -> Find:
    def find(current: Any, scope: Mapping[str, Any]) -> Any:
        trace.note(expression.text.span)
        return expression.find(current, scope)

    return find


def _labels(around: Table) -> dict[Any, str]:
    """For each value that a map has, and for all others where it says `else`, the name of its branch."""
    labels: dict[Any, str] = {_entry(key.value if isinstance(key, Scalar) else str(key)): f"met `{key}`" for key in around["map"]}
    return labels | ({None: "took `else`"} if "else" in around else {})


def _entry(value: Any) -> tuple[str, Any]:
    return ("str", str(value)) if isinstance(value, str) else (type(value).__name__, value if isinstance(value, (int, float)) else None)


def _mapped(trace: Trace, expression: Expression, labels: Mapping[Any, str]) -> Find:
    def find(current: Any, scope: Mapping[str, Any]) -> Any:
        found = expression.find(current, scope)
        trace.note(expression.text.span, labels.get(_entry(found)) or labels.get(None))
        return found

    return find


def _predicate(trace: Trace, expression: Expression, branches: tuple[str, ...]) -> Find:
    """Notes whether it held. The exchange asks once more without the body, to see whether a predicate needs one: that is no
    answer, and is told by the headers, which are the very same object."""
    before: list[Any] = [None]

    def find(current: Any, scope: Mapping[str, Any]) -> Any:
        answered = isinstance(current, dict) and {"status", "headers", "body"} == current.keys()
        probe = answered and current["body"] is None and current["headers"] is before[0]
        if answered and current["body"] is not None:
            before[0] = current["headers"]
        holds = False
        try:
            found = expression.find(current, scope)
            holds = truth(found)
        finally:
            if not probe:
                trace.note(expression.text.span, branches[0] if holds else branches[-1] if len(branches) > 1 else "false")
        return found

    return find


class WatchingWire(CassetteWire):
    """Plays a cassette, and notes which requests were sent."""

    def __init__(self, cassette: Cassette, trace: Trace) -> None:
        super().__init__(cassette)
        self.trace = trace

    async def send(self, request: Request, content: bytes | None, content_type: str | None) -> Response:
        if request.origin is not None:
            self.trace.note(request.origin)
        return await super().send(request, content, content_type)
