"""The one shape of a request, wherever it occurs: reads, writes, login, polling, verification."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Annotated, Any, NamedTuple
from urllib.parse import quote, urlsplit

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ferrule.decoding import Decoder, Decoding
from ferrule.decoding.sieve import Sieve
from ferrule.diagnostics import NOWHERE, Code, Span
from ferrule.escapes import Landing, text_of
from ferrule.expressions import Expression
from ferrule.http import BodyKind, Pairs, Request
from ferrule.ldap import READS, USUAL_ERRORS, LdapSpec
from ferrule.outcome import ErrorRule, ErrorRuleSpec
from ferrule.secret import Secret
from ferrule.shape import Compiler, Flag, SpecModel
from ferrule.source import Table, Text, key_span
from ferrule.templates import Scope, Template, is_template

_UNSAFE = ("POST", "PATCH", "ADD", "MODIFY", "MODIFY_DN")
_QUERY = re.compile(r"\s*(\{|query\b)")
METHODS = ("get", "post", "put", "patch", "delete", "head", "options")
BODIES = ("json", "form", "xml", "graphql", "text")

_HTTP_ONLY = {"query", "headers", "json_", "form", "xml", "graphql", "text", "content_type", "decode"}

SECRET_IN_PATH = Code("C320", "credential-in-path")
ABSOLUTE_PATH = Code("C321", "absolute-path")
GRAPHQL_TEMPLATE = Code("C322", "template-in-graphql")
DOTTED_PATH = Code("C323", "dotted-path")


class GraphqlBody(SpecModel):
    """A GraphQL document and its variables. Values go into variables only, never into the document's text."""

    query: Text
    """The document, without templates."""
    variables: Any = None
    """Mapping of variable to value; templates at the leaves."""
    operation: str | None = None
    """`operationName`, where the document holds several."""


class RequestSpec(SpecModel):
    """One request. Of HTTP, exactly one method key holds the path, and at most one body key what is sent; of LDAP, `ldap` holds
    the operation."""

    get: Text | None = None
    """Path template below `base_url`, for GET. Each value written into it is one encoded segment."""
    post: Text | None = None
    """The same for POST."""
    put: Text | None = None
    """The same for PUT."""
    patch: Text | None = None
    """The same for PATCH."""
    delete: Text | None = None
    """The same for DELETE."""
    head: Text | None = None
    """The same for HEAD."""
    options: Text | None = None
    """The same for OPTIONS."""
    ldap: LdapSpec | None = None
    """An LDAP operation in place of a method of HTTP."""
    query: dict[str, Any] | None = None
    """Query parameters. A list repeats the name; null leaves it out; `{value, when}` makes it conditional."""
    headers: dict[str, Any] | None = None
    """Headers of this request, besides those under `http:`."""
    json_: Annotated[Any, Field(alias="json")] = None
    """JSON body: a structure with templates at its leaves. A leaf that turns out null is left out."""
    form: dict[str, Any] | None = None
    """Form body (`application/x-www-form-urlencoded`)."""
    xml: Any = None
    """XML body: a structure (`@name` attributes, `#text`), or a template whose values are escaped."""
    graphql: GraphqlBody | None = None
    """GraphQL body."""
    text: Text | None = None
    """Plain text body: a template, sent as it is."""
    content_type: str | None = None
    """Media type of the body, where it is not the usual one of its kind."""
    decode: Decoding | None = None
    """How the answer is decoded, where its media type does not tell."""
    errors: list[ErrorRuleSpec] = []
    """Error rules of this request, tried before those under `http:`."""
    absent: Text | None = None
    """Predicate over the answer that means "there is no such thing": no records, and no failure."""
    base_url: Text | None = None
    """Template of the address that the path stands below, where it is not the connector's own. Its host must be named under
    `http.hosts`."""
    authenticated: Flag = True
    """Whether the credential goes along. False for a signed download address, say."""
    budget: Text | None = None
    """Name of the budget under `http.budgets` that this request draws on."""
    reads_: Annotated[Flag | None, Field(alias="reads")] = None
    """Whether it only looks. By default so for GET, HEAD, OPTIONS, a GraphQL query, and of LDAP for `search` and `compare`; a POST that
    asks, as to a query API or in SOAP, says so here. It is repeatable then, and `already` of such a step ends the operation."""
    repeatable: Flag | None = None
    """Whether sending it twice does no more than sending it once, so that it may be retried when it is unclear whether
    it arrived. By default so for what only reads, and for every method but POST and PATCH (RFC 9110, section 9.2.2). Of LDAP, by
    default so for `search`, `compare` and `delete`."""

    @model_validator(mode="after")
    def _one_method(self) -> RequestSpec:
        methods = [m for m in (*METHODS, "ldap") if getattr(self, m) is not None]
        if len(methods) != 1:
            what = "none" if not methods else " and ".join(f"`{m}`" for m in methods)
            key = {"key": methods[1]} if methods else {"hint": "write `get: /path`, or another method"}
            raise PydanticCustomError("request_method", "a request has one method; this one has {what}", {"what": what, **key})
        if self.ldap is not None and (more := sorted(self.model_fields_set & _HTTP_ONLY)):
            message = "`{key}` is of HTTP, and this request is of LDAP"
            raise PydanticCustomError("request_method", message, {"key": more[0].rstrip("_")})
        bodies = [b for b in BODIES if getattr(self, "json_" if b == "json" else b) is not None]
        if len(bodies) > 1:
            what = " and ".join(f"`{b}`" for b in bodies)
            raise PydanticCustomError("request_body", "a request has one body; this one has {what}", {"what": what, "key": bodies[1]})
        return self

    @cached_property
    def method(self) -> str:
        """The method, or the operation of LDAP, in lower case."""
        return self.ldap.operation if self.ldap is not None else next(m for m in METHODS if getattr(self, m) is not None)

    @property
    def path(self) -> Text:
        """The path template; of LDAP, that of the entry's name."""
        path: Text = self.ldap.target if self.ldap is not None else getattr(self, self.method)
        return path

    @property
    def reads(self) -> bool:
        """Whether it only looks: as the spec says, or else by its method, operation or query."""
        if self.reads_ is not None:
            return self.reads_
        if self.graphql is not None:
            return _QUERY.match(self.graphql.query) is not None
        return self.method in (READS if self.ldap is not None else ("get", "head", "options"))

    def compile(self, compiler: Compiler) -> RequestPlan:
        """The request with its templates compiled."""
        path, method, reads = self.path, self.method.upper(), self.reads
        if self.ldap is None:
            _check_path(path, compiler)
        template = compiler.template(path, "path" if self.ldap is None else "dn")
        if template.secret:
            compiler.report(
                SECRET_IN_PATH,
                path.span,
                "a credential does not belong in a URL's path: addresses are logged everywhere",
                "send it in a header",
            )
        content = self._http(compiler) if self.ldap is None else self._ldap(self.ldap, compiler)
        return RequestPlan(
            method=method,
            path=template,
            query=tuple([(name, leaf(value, compiler)) for name, value in self.query.items()]) if self.query else (),
            headers=content.headers,
            body=content.body,
            kind=content.kind,
            content_type=self.content_type,
            decoder=content.decoder,
            errors=tuple([rule.compile(compiler) for rule in self.errors]),
            usual_errors=content.errors,
            absent=compiler.expression(self.absent) if self.absent is not None else None,
            base_url=compiler.template(self.base_url) if self.base_url is not None else None,
            authenticated=self.authenticated,
            budget=self.budget,
            reads=reads,
            safe=(reads or method not in _UNSAFE) if self.repeatable is None else self.repeatable,
            origin=path.span if path or self.base_url is None else self.base_url.span,
        )

    def _http(self, compiler: Compiler) -> _Content:
        kind, body = self._body(compiler)
        headers = tuple([(name, leaf(value, compiler, "header")) for name, value in self.headers.items()]) if self.headers else ()
        decoder = self.decode.compile() if self.decode else None
        return _Content(kind, body, headers, decoder, graphql_errors(self.graphql, compiler) if self.graphql else ())

    def _ldap(self, spec: LdapSpec, compiler: Compiler) -> _Content:
        told = spec.compile(compiler, lambda value, landing: leaf(value, compiler, landing))
        rules = [ErrorRule.usual(compiler.expression(Text(when, spec.target.span)), code) for when, code in USUAL_ERRORS.items()]
        return _Content("ldap", _object(dict(told.parts)), told.headers, told.decoder, tuple(rules))

    def _body(self, compiler: Compiler) -> tuple[BodyKind, Build | None]:
        if self.json_ is not None:
            return "json", leaf(self.json_, compiler)
        if self.form is not None:
            return "form", leaf(self.form, compiler)
        if self.xml is not None:
            return "xml", leaf(self.xml, compiler, "xml" if isinstance(self.xml, str) else "leaf")
        if self.text is not None:
            return "text", leaf(self.text, compiler)
        if self.graphql is None:
            return "none", None
        if "{{" in self.graphql.query or "{%" in self.graphql.query:
            compiler.report(
                GRAPHQL_TEMPLATE,
                self.graphql.query.span,
                "a GraphQL document holds no templates",
                "declare a variable and set it under `variables:`",
            )
        document = {"query": str(self.graphql.query), **({"operationName": self.graphql.operation} if self.graphql.operation else {})}
        variables = leaf(self.graphql.variables or {}, compiler)
        return "json", lambda scope: {**document, "variables": variables(scope)}


def graphql_errors(body: GraphqlBody, compiler: Compiler) -> tuple[ErrorRule, ...]:
    """GraphQL answers 200 with `errors` (GraphQL specification, section 7.1): never taken for an empty result."""
    rule = ErrorRule.usual(
        compiler.expression(Text("status < `300` && body.errors[0]", body.query.span)),
        "invalid_response",
        message=compiler.expression(Text("body.errors[0].message")),
        app_code=compiler.expression(Text("body.errors[0].extensions.code || body.errors[0].type")),
    )
    return (rule,)


def _check_path(path: Text, compiler: Compiler) -> None:
    start = path.partition("{")[0]
    if ":" in start and urlsplit(start).scheme:
        compiler.report(
            ABSOLUTE_PATH, path.span, "a path stands below `base_url` and names no host", "write the path alone, or set `http.base_url`"
        )
    if "." in path and not {".", ".."}.isdisjoint(path.partition("?")[0].split("/")):
        compiler.report(DOTTED_PATH, path.span, "a path has no `.` or `..` steps")


Build = Callable[[Scope], Any]


class _Content(NamedTuple):
    """What a request sends besides its path, and how its answer is read."""

    kind: BodyKind
    body: Build | None
    headers: tuple[tuple[str, Build], ...]
    decoder: Decoder | None
    errors: tuple[ErrorRule, ...]


class _Absent:
    """A leaf that is left out."""

    def __repr__(self) -> str:
        return "absent"


ABSENT = _Absent()


@dataclass(frozen=True, slots=True)
class Constant:
    """A part of a request that holds no template."""

    value: Any

    def __call__(self, scope: Scope) -> Any:
        return self.value


def leaf(value: Any, compiler: Compiler, landing: Landing = "leaf") -> Build:
    """What builds `value` from a scope: a structure with templates at its leaves. A template that gives null is left out
    of the structure around it; a null that is written out stays."""
    if isinstance(value, str):
        if not is_template(value):
            return Constant(str(value))
        template = compiler.template(value if isinstance(value, Text) else Text(value), landing)
        if template.constant:
            return Constant(template.render({}))
        return lambda scope: ABSENT if (made := template.render(scope)) is None else made
    if isinstance(value, dict) and set(map(str, value)) == {"value", "when"}:
        place = key_span(value, ("when",)) if isinstance(value, Table) else NOWHERE
        inner, when = leaf(value["value"], compiler, landing), scope_predicate(value["when"], compiler, place)
        return lambda scope: inner(scope) if when(scope) else ABSENT
    if isinstance(value, dict):
        return _object({str(k): leaf(v, compiler, landing) for k, v in value.items()})
    if isinstance(value, list):
        return _list([leaf(v, compiler, landing) for v in value])
    return Constant(value)


def scope_predicate(value: Any, compiler: Compiler, place: Span = NOWHERE) -> Callable[[Scope], bool]:
    """A `when`: an expression over the names in scope, read as JMESPath reads truth. `place` is that of its key."""
    if isinstance(value, bool):
        return lambda scope: value
    expression = compiler.scope_expression(value if isinstance(value, Text) else Text(str(value), place))
    return lambda scope: truth(expression.find({}, scope))


def truth(value: Any) -> bool:
    """JMESPath's truth: false, null and everything empty are false; 0 is true."""
    return value is not None and value is not False and value != "" and value != [] and value != {}


def _object(fields: dict[str, Build]) -> Build:
    if all(isinstance(build, Constant) for build in fields.values()):
        return Constant({name: build({}) for name, build in fields.items()})
    return lambda scope: {name: made for name, build in fields.items() if (made := build(scope)) is not ABSENT}


def _list(items: list[Build]) -> Build:
    if all(isinstance(build, Constant) for build in items):
        return Constant([build({}) for build in items])
    return lambda scope: [made for build in items if (made := build(scope)) is not ABSENT]


@dataclass(frozen=True, slots=True)
class RequestPlan:
    """A request with nothing left to parse."""

    method: str
    path: Template
    query: tuple[tuple[str, Build], ...] = ()
    headers: tuple[tuple[str, Build], ...] = ()
    body: Build | None = None
    kind: BodyKind = "none"
    content_type: str | None = None
    decoder: Decoder | None = None
    errors: tuple[ErrorRule, ...] = ()
    usual_errors: tuple[ErrorRule, ...] = ()
    """Rules that come with the kind of the body, tried after those of the spec."""
    absent: Expression | None = None
    base_url: Template | None = None
    authenticated: bool = True
    budget: Text | None = None
    reads: bool = False
    """Whether it only looks."""
    safe: bool = True
    origin: Span = field(default=NOWHERE, compare=False)

    def render(self, base_url: str, scope: Scope) -> Request:
        """The request for these names. Raises `TemplateFailure` where a value is missing or does not fit."""
        path = self.path.render(scope)
        if self.kind == "ldap":
            path = f"/{quote(path, safe='=,')}"  # RFC 4516, section 2.1
        url = base_url.rstrip("/") + (path if path.startswith("/") or not path else "/" + path)
        headers = [*pairs(self.headers, scope)]
        if self.content_type:
            headers.append(("content-type", self.content_type))
        body = self.body(scope) if self.body else None
        made = Request(self.method, url, pairs(self.query, scope), tuple(headers), body, self.kind, self.origin, self.safe)
        return replace(made, body=None, kind="none") if body is ABSENT else made


@dataclass(frozen=True, slots=True)
class Call:
    """A request to be made: its plan, the names it is rendered with, and what is added after rendering.

    It is rendered at each attempt, so that a new login's `session` reaches the address and the headers. `accept` holds
    predicates over the answer; where one is true the answer is handed back whatever its status. `base_url` stands in for
    the connector's own, where a login speaks to another address. `once` says that it is not tried again, whatever comes;
    `spends` that what it sends may serve but once, as a refresh token does; `undoes` that it takes back what was done, for
    which there is a little time even after the deadline. `sieve` is what will be read of the answer's body, where that is
    known.
    """

    plan: RequestPlan
    scope: Scope
    place: Callable[[Request], Request] | None = None
    accept: tuple[Expression, ...] = ()
    base_url: Template | None = None
    once: bool = False
    spends: bool = False
    undoes: bool = False
    sieve: Sieve | None = None


def pairs(fields: tuple[tuple[str, Build], ...], scope: Scope) -> Pairs:
    """Names and their values in text form: a list repeats its name, an absent value is left out."""
    made: list[tuple[str, str | Secret]] = []
    for name, build in fields:
        value = build(scope)
        for item in value if isinstance(value, list) else [value]:
            if item is not ABSENT and item is not None:
                made.append((name, item if isinstance(item, Secret) else text_of(item)))
    return tuple(made)
