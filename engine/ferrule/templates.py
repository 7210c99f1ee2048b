"""Jinja2 templates that write text into requests.

A template is compiled once. One without variables is a constant; one that is exactly `{{ name }}` keeps the value's type
(a number stays a number, null stays null); any other gives text, with each value escaped for where it lands. Templates
cannot call anything: they read names, choose with `if`, and use the filters below.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, Undefined, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ferrule.diagnostics import Code, Diagnostic, SpecError, did_you_mean
from ferrule.escapes import LANDINGS, Landing, Raw, backslash_literal, filter_string, string_literal, text_of
from ferrule.secret import Secret
from ferrule.source import Text

SYNTAX = Code("C301", "template-syntax")
UNKNOWN_FILTER = Code("C302", "unknown-filter")
FORBIDDEN = Code("C303", "template-feature")

Scope = Mapping[str, Any]


class TemplateFailure(Exception):
    """A template could not be written: a name is absent, or a value has no text form where it stands."""

    def __init__(self, message: str, text: Text) -> None:
        super().__init__(f"{message}, in `{text}`")
        self.text = text


@dataclass(frozen=True, slots=True)
class Template:
    """Text to be written into a request. `reads` are the dotted names it uses; `constant` says there are none."""

    text: Text
    render: Callable[[Scope], Any] = field(repr=False, compare=False)
    reads: frozenset[tuple[str, ...]] = frozenset()
    constant: bool = False

    @property
    def secret(self) -> bool:
        """What it writes holds a credential, and is a `Secret` itself."""
        return any(map(_is_secret, self.reads))


_SECRETS = (("credential",), ("session", "token"))


def _is_secret(name: tuple[str, ...]) -> bool:
    """The name is one of a secret, or of something that holds one: `session` alone holds `session.token`."""
    return any(name[: len(secret)] == secret[: len(name)] for secret in _SECRETS)


def _base64(value: Any) -> str:
    return base64.b64encode(text_of(value).encode()).decode()


def _default(value: Any, other: Any = "") -> Any:
    return other if value is None or isinstance(value, Undefined) else value


def _text_filter(call: Callable[[str], str]) -> Callable[[Any], str]:
    return lambda value: call(text_of(value))


FILTERS: dict[str, tuple[str, Callable[..., Any]]] = {
    "base64": ("Base64 of the text's UTF-8 bytes (RFC 4648).", _base64),
    "default": ("The value, or the given one when it is null or absent.", _default),
    "join": ("The items of a list with a separator between them.", lambda value, mark="": mark.join(text_of(v) for v in value)),
    "json": ("The value as JSON text.", lambda value: json.dumps(value, separators=(",", ":"))),
    "lower": ("Lower case.", _text_filter(str.lower)),
    "raw": ("The text as it is, without the escaping of the place it lands in.", lambda value: Raw(text_of(value))),
    "replace": ("Every occurrence of one text replaced by another.", lambda value, old, new: text_of(value).replace(old, new)),
    "scim_string": ("A quoted string of a SCIM filter (RFC 7644).", _text_filter(filter_string)),
    "soql_string": ("A quoted string of a SOQL query.", _text_filter(backslash_literal)),
    "sql_string": ("A quoted string of SQL, its quotes doubled.", _text_filter(string_literal)),
    "trim": ("Without white space at both ends.", _text_filter(str.strip)),
    "upper": ("Upper case.", _text_filter(str.upper)),
}
"""Every filter a template may use: what it does, and the function."""


class _Environment(ImmutableSandboxedEnvironment):
    """Names are looked up in mappings and lists, never as attributes of Python objects; nothing is callable."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Mapping):
            return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)
        if obj is None:
            return None
        return self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, (list, tuple)) and isinstance(argument, int):
            return obj[argument] if -len(obj) <= argument < len(obj) else self.undefined(obj=obj, name=str(argument))
        return self.getattr(obj, argument)

    def is_safe_callable(self, obj: Any) -> bool:
        return False


def _environment(landing: Landing) -> _Environment:
    escape = LANDINGS[landing]

    def finalize(value: Any) -> str:
        if isinstance(value, Undefined):
            value._fail_with_undefined_error()
        return str(value) if isinstance(value, Raw) else escape(text_of(value))

    environment = _Environment(undefined=StrictUndefined, finalize=finalize, keep_trailing_newline=True)
    environment.filters = {name: call for name, (_, call) in FILTERS.items()}
    environment.globals = {}
    return environment


_ENVIRONMENTS: dict[Landing, _Environment] = {landing: _environment(landing) for landing in LANDINGS}


def compile_template(text: Text, landing: Landing = "leaf") -> Template:
    """The template written as `text`. Raises `SpecError` at its place for a slip of syntax or an unknown filter."""
    if "{" not in text:
        return Template(text, lambda scope, value=str(text): value, constant=True)  # type: ignore[misc]
    environment = _ENVIRONMENTS[landing]
    try:
        tree = environment.parse(str(text))
        _refuse(tree, text)
        reads = frozenset(_reads(tree))
        body = tree.body[0].nodes if len(tree.body) == 1 and isinstance(tree.body[0], nodes.Output) else []
        if len(body) == 1 and not isinstance(body[0], nodes.TemplateData) and landing == "leaf":
            render = _value(environment, body[0], text)
        else:
            render = environment.from_string(str(text)).render
    except TemplateSyntaxError as error:
        raise SpecError([_syntax(error, text)]) from error
    if not reads:
        value = _guard(render, text)({})
        return Template(text, lambda scope: value, constant=True)
    return Template(text, _guard(render, text, secret=any(map(_is_secret, reads))), reads)


def _value(environment: _Environment, node: nodes.Node, text: Text) -> Callable[[Scope], Any]:
    """The value of one expression, its type kept. A plain dotted name needs no Jinja at all."""
    path = _path(node)
    if path is None:
        source = str(text).strip()[2:-2].strip("-+")
        expression = environment.compile_expression(source, undefined_to_none=False)

        def evaluate(scope: Scope) -> Any:
            value = expression(scope)
            if isinstance(value, Undefined):
                value._fail_with_undefined_error()
            return value

        return evaluate

    def look_up(scope: Scope) -> Any:
        value: Any = scope
        for name in path:
            if value is None:
                return None
            try:
                value = value[name]
            except (KeyError, TypeError, IndexError):
                raise LookupError(f"`{'.'.join(path)}` is not there") from None
        return value

    return look_up


def _guard(render: Callable[[Scope], Any], text: Text, secret: bool = False) -> Callable[[Scope], Any]:
    def guarded(scope: Scope) -> Any:
        try:
            value = render(scope)
        except (TemplateError, SecurityError, TypeError, ValueError, LookupError) as error:
            raise TemplateFailure(str(error), text) from None
        return Secret(value) if secret and isinstance(value, str) else value

    return guarded


def _path(node: nodes.Node) -> tuple[str, ...] | None:
    if isinstance(node, nodes.Name):
        return (node.name,)
    if isinstance(node, nodes.Getattr):
        inner = _path(node.node)
        return (*inner, node.attr) if inner else None
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
        inner = _path(node.node)
        return (*inner, node.arg.value) if inner else None
    return None


def _reads(tree: nodes.Node, local: frozenset[str] = frozenset()) -> set[tuple[str, ...]]:
    """Every dotted name that is read, as far as it is written out; loop variables left out."""
    path = _path(tree)
    if path is not None:
        return set() if path[0] in local else {path}
    if isinstance(tree, nodes.For):
        inner = (
            local
            | {n.name for n in tree.target.find_all(nodes.Name)}
            | ({tree.target.name} if isinstance(tree.target, nodes.Name) else set())
            | {"loop"}
        )
        found = _reads(tree.iter, local)
        for child in (*tree.body, *tree.else_, *([tree.test] if tree.test else [])):
            found |= _reads(child, inner)
        return found
    found = set()
    for child in tree.iter_child_nodes():
        found |= _reads(child, local)
    return found


_ALLOWED = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Const, nodes.List, nodes.Tuple),
    *(nodes.Filter, nodes.Test, nodes.If, nodes.CondExpr, nodes.For, nodes.Concat),
    *(nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not),
)
_TESTS = {"defined", "none", "undefined"}


def _refuse(tree: nodes.Template, text: Text) -> None:
    """Raise for what templates do not do: calls, arithmetic, assignment, macros, unknown filters."""
    for node in tree.find_all(nodes.Node):
        if isinstance(node, nodes.Filter) and node.name not in FILTERS:
            hint = did_you_mean(node.name, FILTERS) or f"the filters are {', '.join(sorted(FILTERS))}"
            raise SpecError([Diagnostic(UNKNOWN_FILTER, _find(text, node.name), f"unknown filter `{node.name}`", hint)])
        if not isinstance(node, _ALLOWED) or (isinstance(node, nodes.Test) and node.name not in _TESTS):
            what = {nodes.Call: "a call", nodes.Assign: "`set`"}.get(type(node), f"`{type(node).__name__.lower()}`")
            message = f"{what} is not something a template does"
            raise SpecError(
                [Diagnostic(FORBIDDEN, text.span, message, "templates read names and use filters; compute with an expression instead")]
            )


def _find(text: Text, word: str) -> Any:
    offset = text.find(word)
    return text.at(offset, len(word)) if offset >= 0 else text.span


def _syntax(error: TemplateSyntaxError, text: Text) -> Diagnostic:
    offset = sum(len(row) + 1 for row in text.split("\n")[: error.lineno - 1])
    opened = text.find("{{") if text.find("{{") >= 0 else max(text.find("{%"), 0)
    return Diagnostic(SYNTAX, text.at(max(offset, opened), 2), error.message or "not a template", "a template reads `{{ name }}`")


def names_of(template: Template) -> frozenset[str]:
    """The first part of each name the template reads."""
    return frozenset(name[0] for name in template.reads)
