"""What the expressions of a spec gave when its cassettes were replayed.

The spec is compiled by a compiler that notes what is asked, as coverage does it, and its cassettes are replayed. Nothing is
secret in them; what a template writes from a credential is masked besides.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from ferrule.compile import compile_spec
from ferrule.compile.compiler import Names, SpecCompiler
from ferrule.coverage import paths
from ferrule.diagnostics import NOWHERE, Span, SpecError
from ferrule.errors import FerruleError
from ferrule.escapes import Landing
from ferrule.expressions import Expression, ExpressionFailure, Row, RowField, compile_expression, one_by_one
from ferrule.replay import cassettes_of, replay_cassette
from ferrule.secret import Secret
from ferrule.source import Text, read
from ferrule.spec.load import load
from ferrule.templates import Template
from ferrule.wire.cassette import CassetteWire
from ferrule.wire.cassette_file import Cassette, load_cassette

MOST_SAMPLES = 3
"""Values that are kept of one expression: the first ones that differ."""
_WIDEST = 600
"""Characters of a value that are shown."""

Keys = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of an expression or a template, and the call that asked for it."""

    value: Any
    current: Any
    """What the expression was applied to; None for a template."""
    scope: Mapping[str, Any]
    capability: str
    cassette: str
    failure: str | None = None

    def part(self, text: str) -> Any:
        """What another expression finds in the same place; None where it cannot be asked."""
        try:
            return compile_expression(Text(text), tuple(self.scope)).find(self.current, self.scope)
        except (SpecError, ExpressionFailure):
            return None


Samples = Mapping[Keys, tuple[Sample, ...]]
"""By the keys that lead to the text."""


def samples(text: str, spec: Path) -> Samples:
    """What the texts of a spec gave in its cassettes; empty where it does not compile, or has none."""
    cassettes = cassettes_of(spec)
    if not cassettes:
        return {}
    noted = _Noted()
    try:
        tree = read(text, str(spec))
        plan = compile_spec(load(tree), tree, str(spec), partial(_Noting, noted))
    except SpecError:
        return {}
    for path in cassettes:
        try:
            cassette = load_cassette(path)
            noted.cassette = path.stem
            asyncio.run(replay_cassette(plan, cassette, path, _NotedWire(cassette, noted)))
        except (SpecError, FerruleError, OSError):
            continue
    found: dict[Keys, tuple[Sample, ...]] = {}
    for span, keys in paths(tree):
        if span in noted.samples:
            found[tuple(key for key in keys if key)] = tuple(noted.samples[span])
    return found


def shown(value: Any) -> str:
    """A value as JSON, cut where it is long; of a long list the first item."""
    if isinstance(value, list) and len(value) > 1 and len(_json(value)) > _WIDEST:
        return f"{_cut(_json(value[0]))}\n… and {len(value) - 1} more"
    return _cut(_json(value))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2 if isinstance(value, (dict, list)) else None, default=str)


def _cut(text: str) -> str:
    return text if len(text) <= _WIDEST else f"{text[:_WIDEST]}…"


@dataclass(slots=True)
class _Noted:
    """What was noted so far, and during which call."""

    samples: dict[Span, list[Sample]] = field(default_factory=dict)
    capability: str = ""
    cassette: str = ""
    headers: Any = None
    """Those of the answer that was looked at last with a body."""

    def note(self, span: Span, value: Any, current: Any, scope: Mapping[str, Any], failure: str | None = None) -> None:
        held = self.samples.setdefault(span, [])
        if len(held) < MOST_SAMPLES and not self.is_probe(current) and not any(each.value == value for each in held):
            held.append(Sample(value, current, scope, self.capability, self.cassette, failure))

    def is_probe(self, current: Any) -> bool:
        """The exchange asks a predicate once more without the body, to see whether it needs one. That is no answer."""
        if not isinstance(current, dict) or {"status", "headers", "body"} != current.keys():
            return False
        if current["body"] is not None:
            self.headers = current["headers"]
        return current["body"] is None and current["headers"] is self.headers


class _Noting(SpecCompiler):
    """A compiler whose expressions and templates note what they give."""

    def __init__(self, noted: _Noted, names: Names) -> None:
        super().__init__(names)
        self.noted = noted

    def template(self, text: Text, landing: Landing = "leaf") -> Template:
        made = super().template(text, landing)
        if made.constant or text.span == NOWHERE:
            return made

        def render(scope: Mapping[str, Any]) -> Any:
            value = made.render(scope)
            self.noted.note(text.span, "***" if made.secret or isinstance(value, Secret) else value, None, {})
            return value

        return replace(made, render=render)

    def expression(self, text: Text) -> Expression:
        return self.watched(super().expression(text))

    def record_expression(self, text: Text) -> Expression:
        return self.watched(super().record_expression(text))

    def scope_expression(self, text: Text) -> Expression:
        return self.watched(super().scope_expression(text))

    def row(self, fields: Mapping[str, RowField]) -> Row:
        return one_by_one(fields)

    def watched(self, expression: Expression) -> Expression:
        if expression.text.span == NOWHERE:
            return expression
        return replace(expression, find=_watch(self.noted, expression))


def _watch(noted: _Noted, expression: Expression) -> Callable[[Any, Mapping[str, Any]], Any]:
    def find(current: Any, scope: Mapping[str, Any]) -> Any:
        seen = {name: scope[name] for name in expression.names if name in scope}
        try:
            value = expression.find(current, scope)
        except ExpressionFailure as failure:
            noted.note(expression.text.span, None, current, seen, failure.message)
            raise
        noted.note(expression.text.span, value, current, seen)
        return value

    return find


class _NotedWire(CassetteWire):
    """Plays a cassette, and says which call is being made."""

    def __init__(self, cassette: Cassette, noted: _Noted) -> None:
        super().__init__(cassette)
        self._calls, self._noted = cassette.ferrule.calls, noted

    def turn_to(self, call: int) -> None:
        self._noted.capability = self._calls[call].capability
        super().turn_to(call)
