"""Jinja2 templates that write text into requests.

A template is compiled once. One without variables is a constant; one that is exactly `{{ name }}` keeps the value's type
(a number stays a number, null stays null); any other gives text, with each value escaped for where it lands. Templates
cannot call anything: they read names, choose with `if`, and use the filters below.
"""

from __future__ import annotations

import base64
import hashlib
import inspect
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache, partial
from typing import Any

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, Undefined, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import SecurityError
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ferrule.diagnostics import Code, Diagnostic, Span, SpecError, did_you_mean
from ferrule.escapes import LANDINGS, Dn, Landing, Raw, Unfit, backslash_literal, filter_string, string_literal, text_of, whole_dn
from ferrule.functions.times import date
from ferrule.keys import public_key_fingerprint
from ferrule.secret import Secret
from ferrule.source import Text
from ferrule.template_tree import parsed, path_of, pieces_of, tree_of

SYNTAX = Code("C301", "template-syntax")
UNKNOWN_FILTER = Code("C302", "unknown-filter")
FORBIDDEN = Code("C303", "template-feature")
NEVER_WORKS = Code("C306", "template-failure")

Scope = Mapping[str, Any]


class TemplateFailure(Exception):
    """A template could not be written: a name is absent, or a value has no text form where it stands."""

    def __init__(self, message: str, text: Text) -> None:
        super().__init__(f"{message}, in `{text}`")
        self.message, self.text = message, text


@dataclass(frozen=True, slots=True)
class Template:
    """Text to be written into a request. `reads` are the dotted names it uses; `constant` says there are none."""

    text: Text
    render: Callable[[Scope], Any] = field(repr=False, compare=False)
    reads: frozenset[tuple[str, ...]] = frozenset()
    constant: bool = False
    secret: bool = False
    """What it writes holds a credential, and is a `Secret` itself."""


_SECRETS = (("credential",), ("session", "token"))


def _is_secret(name: tuple[str, ...]) -> bool:
    """The name is one of a secret, or of something that holds one: `session` alone holds `session.token`."""
    return any(name[: len(secret)] == secret[: len(name)] for secret in _SECRETS)


def _base64(value: Any) -> str:
    return base64.b64encode(text_of(value).encode()).decode()


def _default(value: Any, other: Any = "") -> Any:
    return other if value is None or isinstance(value, Undefined) else value


def _join(value: Any, mark: str = "") -> str:
    if not isinstance(value, (list, tuple)):
        raise Unfit("`join` takes a list")
    return mark.join(text_of(item) for item in value)


def _digest(name: str) -> Callable[..., str]:
    def digest(value: Any, encoding: str = "hex") -> str:
        made = hashlib.new(name, text_of(value).encode())
        if encoding not in ("hex", "base64"):
            raise Unfit("a digest is written as `hex` or `base64`")
        return made.hexdigest() if encoding == "hex" else base64.b64encode(made.digest()).decode()

    return digest


def _datetime(value: Any) -> str:
    try:
        moment = date(text_of(value))
    except ValueError as error:
        raise Unfit(str(error)) from error
    if moment is None:
        raise Unfit(f"`{text_of(value)}` is no moment")
    return moment


def _dn(value: Any) -> str:
    return Dn(value) if getattr(value, "unknown", False) else whole_dn(text_of(value))


def _text_filter(call: Callable[[str], str]) -> Callable[[Any], str]:
    return lambda value: call(text_of(value))


FILTERS: dict[str, tuple[str, Callable[..., Any]]] = {
    "base64": ("Base64 of the text's UTF-8 bytes (RFC 4648).", _base64),
    "datetime": ("A time in UTC, as a query language takes it without quotes: `2024-01-31T12:00:00Z`.", _datetime),
    "default": ("The value, or the given one when it is null or absent.", _default),
    "dn": ("A whole distinguished name of LDAP, checked; without it, a value is one part of a name.", _dn),
    "join": ("The items of a list with a separator between them.", _join),
    "json": ("The value as JSON text.", lambda value: json.dumps(value, separators=(",", ":"))),
    "lower": ("Lower case.", _text_filter(str.lower)),
    "public_key_fingerprint": (
        "The fingerprint of a private key's public one, as Snowflake has it: `SHA256:…`. An argument is the key's passphrase.",
        lambda value, passphrase=None: public_key_fingerprint(text_of(value), None if passphrase is None else text_of(passphrase)),
    ),
    "raw": ("The text as it is, without the escaping of the place it lands in.", lambda value: Raw(text_of(value))),
    "replace": ("Every occurrence of one text replaced by another.", lambda value, old, new: text_of(value).replace(old, new)),
    "scim_string": ("A quoted string of a SCIM filter (RFC 7644).", _text_filter(filter_string)),
    "sha256": ("SHA-256 digest of the text's UTF-8 bytes, as `hex` or, where the argument says so, `base64`.", _digest("sha256")),
    "sha512": ("The same by SHA-512.", _digest("sha512")),
    "soql_string": ("A quoted string of a SOQL query.", _text_filter(backslash_literal)),
    "sql_string": ("A quoted string of SQL, its quotes doubled.", _text_filter(string_literal)),
    "trim": ("Without white space at both ends.", _text_filter(str.strip)),
    "upper": ("Upper case.", _text_filter(str.upper)),
}
"""Every filter a template may use: what it does, and the function."""


class _Missing(StrictUndefined):
    """A name that is not there, in words for the author of the spec."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        return f"`{self._undefined_name}` is not there"


class _Code(CodeGenerator):
    """`~` joins the texts of values as all else here does: Jinja's own would write `None` for null, and the mask for a secret."""

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802  (Jinja's name)
        self.write("environment.filters['join']([")
        for each in node.nodes:
            self.visit(each, frame)
            self.write(", ")
        self.write("])")


LOOP = ("first", "index", "index0", "last", "length")
"""What `loop` says within `{% for %}`: where in the list its turn is."""


class _Environment(ImmutableSandboxedEnvironment):
    """Names are looked up in mappings and lists, never as attributes of Python objects, but for those of `LOOP`; nothing is
    callable."""

    code_generator_class = _Code

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Mapping):
            return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)
        if obj is None:
            return None
        if isinstance(obj, LoopContext) and attribute in LOOP:
            return getattr(obj, attribute)
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

    environment = _Environment(undefined=_Missing, finalize=finalize, keep_trailing_newline=True)
    environment.filters = {name: call for name, (_, call) in FILTERS.items()}
    environment.globals = {}
    return environment


_ENVIRONMENTS: dict[Landing, _Environment] = {landing: _environment(landing) for landing in LANDINGS}


def is_template(text: str) -> bool:
    """Whether there is anything in a text that Jinja reads."""
    return "{" in text and ("{{" in text or "{%" in text or "{#" in text)


def compile_template(text: Text, landing: Landing = "leaf") -> Template:
    """The template written as `text`. Raises `SpecError` at its place for a slip of syntax or an unknown filter."""
    source = str(text)
    if not is_template(source):
        return Template(text, lambda scope: source, constant=True)
    write = partial(_written, text, landing)
    try:
        reads, secret, can_wait = _judged(source)
        if not can_wait:
            write()
    except TemplateSyntaxError as error:
        raise SpecError([_syntax(error, text)]) from error
    except (RecursionError, SyntaxError) as error:  # Python has only so much room for the code that Jinja writes
        raise SpecError([Diagnostic(SYNTAX, text.span, "the template is nested too deeply")]) from error
    except SpecError:
        _refuse(tree_of(source), text)  # raises the same, at its place in the file
        raise
    if not reads:
        try:
            value = _guard(write, text)({})
        except TemplateFailure as error:
            raise SpecError([Diagnostic(NEVER_WORKS, text.span, f"the template cannot be written: {error.message}")]) from error
        return Template(text, lambda scope: value, constant=True)
    return Template(text, _guard(write, text, secret=secret), reads, secret=secret)


@lru_cache(maxsize=4096)
def _judged(source: str) -> tuple[frozenset[tuple[str, ...]], bool, bool]:
    """What a template reads, whether that is secret, and whether the code that Jinja makes of it can wait until it runs: it is
    certain to be made. Raises `TemplateSyntaxError`; `SpecError` for what templates do not do."""
    pieces = pieces_of(source)
    if pieces is not None:  # there is nothing to refuse in names alone
        reads, can_wait = frozenset(piece for piece in pieces if isinstance(piece, tuple)), True
    else:
        tree = tree_of(source)
        _refuse(tree, Text(source))
        reads, can_wait = frozenset(_reads(tree)), _is_shallow(tree) and ("{%" not in source or _is_plain(tree))
    return reads, any(map(_is_secret, reads)), can_wait


MOST_LOOPS = 3
"""Python has room for twenty blocks within one another, and a loop is written as a few of them."""
SHALLOW = 20
"""A tree with no more nodes within one another leaves Python room for the code made of it."""


def _is_plain(tree: nodes.Node) -> bool:
    """Whether Jinja will find nothing to refuse in the loops while it writes them."""
    loops = list(tree.find_all(nodes.For))
    stored = (name for loop in loops for name in loop.find_all(nodes.Name) if name.ctx == "store")
    return len(loops) <= MOST_LOOPS and all(name.name != "loop" for name in stored)


def _is_shallow(tree: nodes.Node) -> bool:
    level: list[nodes.Node] = [tree]
    for _ in range(SHALLOW):
        level = [child for node in level for child in node.iter_child_nodes()]
    return not level


def _written(text: Text, landing: Landing) -> Callable[[Scope], Any]:
    """The function that writes a template."""
    environment, tree = _ENVIRONMENTS[landing], tree_of(str(text))
    body = tree.body[0].nodes if len(tree.body) == 1 and isinstance(tree.body[0], nodes.Output) else []
    if len(body) == 1 and not isinstance(body[0], nodes.TemplateData) and landing == "leaf":
        return _value(environment, body[0], text)

    @cache
    def write() -> Callable[[Scope], Any]:
        render: Callable[[Scope], Any] = environment.from_string(parsed(str(text))).render
        return render

    pieces = [node.data if isinstance(node, nodes.TemplateData) else path_of(node) for node in body]
    return _filled(pieces, environment.finalize, write) if body and None not in pieces else write()


def _filled(pieces: Sequence[Any], finalize: Any, write: Callable[[], Callable[[Scope], Any]]) -> Callable[[Scope], str]:
    """The function that writes text with dotted names in it, at a tenth of what Jinja takes. Where a name is not there, it
    leaves all of it to what `write` makes."""

    def render(scope: Scope) -> Any:
        made = []
        for piece in pieces:
            if type(piece) is str:
                made.append(piece)
                continue
            value: Any = scope
            for name in piece:
                if type(value) is not dict or name not in value:
                    return write()(scope)
                value = value[name]
            made.append(finalize(value))
        return "".join(made)

    return render


def _value(environment: _Environment, node: nodes.Node, text: Text) -> Callable[[Scope], Any]:
    """The value of one expression, its type kept. A plain dotted name needs no Jinja at all."""
    path = path_of(node)
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


def _guard(write: Callable[[], Callable[[Scope], Any]], text: Text, secret: bool = False) -> Callable[[Scope], Any]:
    """What `write` makes, once, when it is first called; with its failures in our words."""
    render: Callable[[Scope], Any] | None = None

    def guarded(scope: Scope) -> Any:
        nonlocal render
        try:
            if render is None:
                render = write()
            value = render(scope)
        except (TemplateError, SecurityError, TypeError, ValueError, LookupError) as error:
            ours = isinstance(error, (Unfit, TemplateError, LookupError))
            raise TemplateFailure(str(error) if ours else "the values do not fit where they stand", text) from None
        return Secret(value) if secret and isinstance(value, str) else value

    return guarded


def _reads(tree: nodes.Node, local: frozenset[str] = frozenset()) -> set[tuple[str, ...]]:
    """Every dotted name that is read, as far as it is written out; loop variables left out."""
    path = path_of(tree)
    if path is not None:
        return set() if path[0] in local else {path}
    if isinstance(tree, nodes.For):
        inner = (
            local
            | {n.name for n in tree.target.find_all(nodes.Name)}
            | ({tree.target.name} if isinstance(tree.target, nodes.Name) else set())
        )
        found = _reads(tree.iter, local)
        for child in (*tree.else_, *([tree.test] if tree.test else [])):  # neither of them is a turn that `loop` could tell of
            found |= _reads(child, inner)
        for child in tree.body:
            found |= _reads(child, inner | {"loop"})
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
        if isinstance(node, nodes.Filter) and (slip := _arguments_slip(node)):
            raise SpecError([Diagnostic(NEVER_WORKS, _find(text, node.name), slip[0], slip[1])])
        if not isinstance(node, _ALLOWED) or (isinstance(node, nodes.Test) and node.name not in _TESTS):
            raise SpecError([Diagnostic(FORBIDDEN, _piece(text, node), f"{_described(node)} is not something a template does", _COMPUTE)])
        if isinstance(node, nodes.For):
            for path in sorted(set().union(*map(_reads, node.body))):
                if path[0] == "loop" and (len(path) != 2 or path[1] not in LOOP):
                    raise SpecError([_loop_slip(path, text)])


_COMPUTE = "templates read names and use filters; compute with an expression instead"


def _described(node: nodes.Node) -> str:
    if isinstance(node, nodes.Test):
        return f"the test `is {node.name}`"
    if isinstance(node, (nodes.BinExpr, nodes.UnaryExpr)):
        return "arithmetic"
    named = {"Call": "a call", "Assign": "`set`", "AssignBlock": "`set`", "Slice": "a slice", "Dict": "a mapping in braces"}
    return named.get(type(node).__name__, f"`{type(node).__name__.lower()}`")


def _loop_slip(path: tuple[str, ...], text: Text) -> Diagnostic:
    """What `loop` does not say, at its place."""
    name = ".".join(path)
    found = re.search(rf"(?<![\w.]){re.escape(name)}(?![\w.])", text)
    hint = (did_you_mean(path[1], LOOP) if len(path) == 2 else None) or f"it says {', '.join(f'`loop.{said}`' for said in LOOP)}"
    message = f"`{name}` is nothing that `loop` says" if path[1:] else "`loop` alone is no value"
    return Diagnostic(FORBIDDEN, text.at(found.start(), len(name)) if found else text.span, message, hint)


def _arguments_slip(node: nodes.Filter) -> tuple[str, str] | None:
    """What is wrong with the number of a filter's arguments, and how it is written."""
    if node.dyn_args is not None or node.dyn_kwargs is not None or node.kwargs:
        return f"the arguments of `{node.name}` are written one after the other", f"write `{_usage(node.name)}`"
    parameters = list(inspect.signature(FILTERS[node.name][1]).parameters.values())[1:]
    least = sum(parameter.default is parameter.empty for parameter in parameters)
    if least <= len(node.args) <= len(parameters):
        return None
    return f"`{node.name}` takes other arguments than the {len(node.args)} it has", f"write `{_usage(node.name)}`"


def _usage(name: str) -> str:
    """A filter with its arguments: `replace(old, new)`."""
    parameters = list(inspect.signature(FILTERS[name][1]).parameters.values())[1:]
    return f"{name}({', '.join(parameter.name for parameter in parameters)})" if parameters else name


_PIECES = re.compile(r"\{\{.*?(?:\}\}|$)|\{%.*?(?:%\}|$)|\{#.*?(?:#\}|$)", re.DOTALL)


def _piece(text: Text, node: nodes.Node) -> Span:
    """The `{{ … }}` or `{% … %}` that a node stands in, by what is written in it alone."""
    for piece in _PIECES.finditer(text):
        try:
            tree = _ENVIRONMENTS["leaf"].parse(piece[0])
        except TemplateSyntaxError:
            continue
        if any(type(found) is type(node) for found in tree.find_all(type(node))):
            return text.at(piece.start(), len(piece[0]))
    return text.span


def _find(text: Text, word: str) -> Span:
    """Where a filter is named."""
    found = re.search(rf"\|\s*({re.escape(word)})(?!\w)", text)
    return text.at(found.start(1), len(word)) if found else text.span


def _syntax(error: TemplateSyntaxError, text: Text) -> Diagnostic:
    """A slip of syntax at the braces it is in."""
    for piece in _PIECES.finditer(text):
        opening, closing = piece[0][:2], {"{{": "}}", "{%": "%}", "{#": "#}"}[piece[0][:2]]
        if not piece[0].endswith(closing):
            return Diagnostic(SYNTAX, text.at(piece.start(), 2), f"`{opening}` is not closed", f"close it with `{closing}`")
        if opening != "{%" and (slip := _slip_of(piece[0])):
            return Diagnostic(SYNTAX, text.at(piece.start(), len(piece[0])), slip, "a template reads `{{ name }}`")
    message = error.message or ""
    at = re.search(r"\{%", text)
    if message.startswith("Unexpected end of template"):
        return Diagnostic(
            SYNTAX,
            text.at(at.start() if at else 0, 2),
            "`{% if %}` or `{% for %}` is not ended",
            "end it with `{% endif %}` or `{% endfor %}`",
        )
    return Diagnostic(SYNTAX, text.at(at.start() if at else 0, 2), _said(message), "a template reads `{{ name }}`")


def _slip_of(piece: str) -> str | None:
    """What is wrong with one `{{ … }}`."""
    try:
        _ENVIRONMENTS["leaf"].parse(piece)
    except TemplateSyntaxError as error:
        return "there is no name in the braces" if not piece[2:-2].strip() else _said(error.message or "")
    return None


def _said(message: str) -> str:
    """Jinja's words in ours."""
    if found := re.search(r"unknown tag '(.+?)'", message):
        return f"there is no tag `{found[1]}`"
    if found := re.match(r"unexpected (?:char )?'(.+?)'", message):
        return f"{_token(found[1])} is not expected here"
    if found := re.match(r"expected token '(.+?)', got '(.+?)'", message):
        return f"expected {_token(found[1])}, found {_token(found[2])}"
    words = re.sub(r"'(.+?)'", lambda found: _token(found[1]), message).rstrip(".").replace("name or number", "a name")
    return words[:1].lower() + words[1:] or "this is not a template"


def _token(name: str) -> str:
    return _ENDS.get(name, f"`{name}`")


_ENDS = {
    "end of print statement": "`}}`",
    "end of statement block": "`%}`",
    "begin of print statement": "`{{`",
    "begin of statement block": "`{%`",
    "end of template": "the end",
    "name": "a name",
    "integer": "a number",
}
"""Jinja's names of what it reads, where they are not the characters themselves."""


def names_of(template: Template) -> frozenset[str]:
    """The first part of each name the template reads."""
    return frozenset(name[0] for name in template.reads)
