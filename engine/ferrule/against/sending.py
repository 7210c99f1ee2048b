"""A request of a spec, found in a description: its address, its parameters and its body."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from ferrule.against.body import body_findings, constant_findings
from ferrule.against.description import Description, Route, segments
from ferrule.against.operation import Described, Parameter
from ferrule.against.report import (
    MISSING_PARAMETER,
    OTHER_BASE,
    PAGE_SIZE,
    PARAMETER_VALUE,
    UNKNOWN_METHOD,
    UNKNOWN_PARAMETER,
    UNKNOWN_PATH,
)
from ferrule.diagnostics import Diagnostic, Span, did_you_mean
from ferrule.pagination.pager import Pages
from ferrule.request import RequestSpec
from ferrule.source import Text
from ferrule.spec.model import HttpSpec

_HOLE = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//([^/]*)", re.IGNORECASE)
CREDENTIAL = re.compile(r"token|authorization|api[-_]?key|^user-agent$|^accept|^content-type$", re.IGNORECASE)
"""Parameters that the credential fills, or that the client sends by itself (OpenAPI 3.1, section 4.8.12.1, leaves them out)."""


@dataclass(frozen=True, slots=True)
class Found:
    """Where a request stands in a description: nowhere, where `why` says so, or as `operation`."""

    operation: Described | None
    why: str = ""
    findings: tuple[Diagnostic, ...] = ()


def find(
    spec: RequestSpec,
    http: HttpSpec,
    description: Description,
    *,
    before: Sequence[str] = (),
    login: bool = False,
    base_url: Text | None = None,
) -> Found:
    """The operation that a request means. A login that is not described is no finding: descriptions often leave it out.
    `before` are segments that the connector's address has where it does not show them."""
    own = spec.base_url or base_url
    base = own or http.base_url
    host, prefix = _address(base)
    path = str(spec.path).split("?")[0]
    if own is not None and str(own) != str(http.base_url) and host not in description.hosts and host != _address(http.base_url)[0]:
        return Found(None, "it goes to another host than the one that is described")
    if "{%" in path or "{%" in base:
        return Found(None, "its path depends on a condition")
    segs = _segments(path)
    prefix = [*prefix, *before] if own is None else prefix
    matches = description.match(prefix, segs)
    routes = [(route, same) for route, same in matches if spec.method in route.methods]
    if not routes and spec.method in ("head", "options") and matches:
        return Found(None, f"{spec.method.upper()} is not described")
    if not matches or not routes:
        if login:
            return Found(None, "the login is not described")
        if any("\0" in seg for seg in segs) and any(spec.method in r.methods for r, _ in description.match(prefix, segs, loose=True)):
            return Found(None, "which path it means depends on a value")
        return Found(None, "it is not described", (_unknown(spec, matches, [*prefix, *segs], segs, description),))
    route, same = routes[0]
    operation = route.operation(spec.method)
    if operation is None:
        return Found(None, "its description cannot be read")
    return Found(operation, findings=() if same else (_other_base(base, route),))


def asked(spec: RequestSpec) -> tuple[str, list[str]]:
    """Method and segments of a request."""
    return spec.method, _segments(str(spec.path).split("?")[0])


def is_setting(http: HttpSpec) -> bool:
    """Whether the connector's address is a setting as a whole, whatever path it has."""
    return _HOLE.fullmatch(str(http.base_url)) is not None


def _segments(path: str) -> list[str]:
    return [unquote(seg) for seg in segments(_HOLE.sub("\0", path))]


def _address(base: str) -> tuple[str, list[str]]:
    """The host of an address, a hole for each template in it, and the segments of its path. An address that starts with a
    template has no host, and a hole first."""
    text = _HOLE.sub("\0", base)
    found = _ADDRESS.match(text)
    if found is None:
        return "", segments(text)
    return found[1], segments(text[found.end() :].split("?")[0])


def _unknown(
    spec: RequestSpec, matches: list[tuple[Route, bool]], whole: list[str], segs: list[str], description: Description
) -> Diagnostic:
    method, written = spec.method.upper(), str(spec.path).split("?")[0]
    path = _HOLE.sub("{…}", written)
    span = spec.path.at(0, len(written)) if written else spec.path.span
    if matches:
        route = matches[0][0]
        there = [f"{found.upper()} ({operation.id})" for found in route.methods if (operation := route.operation(found))]
        return Diagnostic(UNKNOWN_METHOD, span, f"`{route.path}` has no {method} in the description", f"it has {', '.join(there)}")
    known: dict[str, str] = {}
    for route in description.routes:
        operation = route.operation(spec.method)
        if operation is not None:
            bare = "/".join(re.sub(r"\{.*?\}", "{}", part) for part in segments(route.path))
            known.setdefault(bare, f"{route.path}` ({operation.id}")
            known.setdefault("/".join([*route.prefix, bare]), f"{route.path}` ({operation.id}")
    for words in (segs, whole):
        near = did_you_mean("/".join(words).replace("\0", "{}"), known)
        if near:
            hint = f"did you mean `{known[near.split('`')[1]]})?"
            return Diagnostic(UNKNOWN_PATH, span, f"the description has no `{method} {path}`", hint)
    return Diagnostic(UNKNOWN_PATH, span, f"the description has no `{method} {path}`")


def _other_base(base: Text, route: Route) -> Diagnostic:
    message = f"the description's requests stand below `/{'/'.join(route.prefix)}`, and this address has another path"
    return Diagnostic(OTHER_BASE, base.span, message)


def sending_findings(
    spec: RequestSpec, http: HttpSpec, pages: Pages | None, operation: Described, carried: frozenset[str]
) -> Iterator[Diagnostic]:
    """What is wrong with the parameters and the body of a request. `carried` are names that the credential fills, in lower case."""
    paged = _paged(pages)
    query: dict[str, tuple[Any, Span]] = {}
    for name, value in http.query.items():
        query[str(name)] = (value, _span(name, value, http.base_url.span))
    for pair in str(spec.path).partition("?")[2].split("&"):
        if pair and "{%" not in pair:
            name, _, text = pair.partition("=")
            query[name] = (text, spec.path.span)
    for name, value in (spec.query or {}).items():
        query[str(name)] = (value, _span(name, value, spec.path.span))
    named = {parameter.name: parameter for parameter in operation.parameters if parameter.place == "query"}
    yield from _query(query, paged.get("query", {}), named, operation)
    given = {*query, *paged.get("query", {})}
    headers = {
        str(name).lower(): (value, _span(name, value, spec.path.span))
        for name, value in (*http.headers.items(), *(spec.headers or {}).items())
    }
    yield from _missing(spec, operation, given, {*headers, *(name.lower() for name in paged.get("header", {}))}, carried)
    for parameter in operation.parameters:
        if parameter.place == "header" and parameter.name.lower() in headers:
            value, span = headers[parameter.name.lower()]
            yield from _constants(value, parameter, span, operation)
    if pages is not None:
        yield from _size(pages, spec, query, named, operation)
    yield from body_findings(spec, operation, paged.get("body", {}))


def _span(name: Any, value: Any, otherwise: Span) -> Span:
    return name.span if isinstance(name, Text) else value.span if isinstance(value, Text) else otherwise


def _paged(pages: Pages | None) -> dict[str, dict[str, Span]]:
    """The names that pagination sends, by where it writes them."""
    if pages is None:
        return {}
    usual = {"param": "startIndex", "size_param": "count"} if getattr(pages, "kind", "") == "scim" else {}
    found: dict[str, Span] = {}
    for key in ("param", "size_param"):
        name = getattr(pages, key) or usual.get(key)
        if name is not None:
            found[name] = pages.value_at(key, otherwise=pages.span)
    return {pages.place: found}


def _query(
    query: Mapping[str, tuple[Any, Span]], paged: Mapping[str, Span], named: Mapping[str, Parameter], operation: Described
) -> Iterator[Diagnostic]:
    for name, span in (*((name, span) for name, (_, span) in query.items()), *paged.items()):
        if _takes(named, name) is None and name.lower() not in operation.security and "{{" not in name:
            hint = did_you_mean(name, named) or (f"it has {', '.join(f'`{each}`' for each in named)}" if named else "it has none")
            yield Diagnostic(UNKNOWN_PARAMETER, span, f"`{operation.id}` has no query parameter `{name}`", hint)
    for name, (value, span) in query.items():
        if name in named:
            yield from _constants(value, named[name], span, operation)


def _takes(named: Mapping[str, Parameter], name: str) -> Parameter | None:
    """The parameter that a name belongs to: its own, or the object that is taken apart into it (`filter[name]`)."""
    whole = named.get(name) or named.get(f"{name}[]") or named.get(name.removesuffix("[]"))
    if whole is not None:
        return whole
    root = name.split("[")[0]
    return next((each for each in named.values() if each.spreads and (each.name == root or each.shape.member(name) is not None)), None)


def _constants(value: Any, parameter: Parameter, span: Span, operation: Described) -> Iterator[Diagnostic]:
    where = f"in `{parameter.name}` of `{operation.id}`"
    if isinstance(value, dict):
        if set(map(str, value)) == {"value", "when"}:
            yield from _constants(value["value"], parameter, span, operation)
        return
    for item in value if isinstance(value, list) else [value]:
        yield from constant_findings(item, parameter.shape, span, PARAMETER_VALUE, where, loose=True)


def _missing(spec: RequestSpec, operation: Described, query: set[str], headers: set[str], carried: frozenset[str]) -> Iterator[Diagnostic]:
    for parameter in operation.parameters:
        name = parameter.name.lower()
        if not parameter.required or name in operation.security or name in carried or CREDENTIAL.search(name):
            continue
        given = name in headers if parameter.place == "header" else _is_given(parameter.name, query)
        if not given:
            what = "the header" if parameter.place == "header" else "the query parameter"
            yield Diagnostic(MISSING_PARAMETER, spec.path.span, f"`{operation.id}` needs {what} `{parameter.name}`")


def _is_given(name: str, query: set[str]) -> bool:
    return any(each == name or each.split("[")[0] == name.removesuffix("[]") for each in query)


def _size(
    pages: Pages, spec: RequestSpec, query: Mapping[str, tuple[Any, Span]], named: Mapping[str, Parameter], operation: Described
) -> Iterator[Diagnostic]:
    """A page size beyond what the app gives: the one that is asked for by itself, or that a caller may wish for."""
    usual = "count" if getattr(pages, "kind", "") == "scim" else None
    names = [pages.size_param or usual] if pages.place == "query" else []
    names += [name for name, (value, _) in query.items() if isinstance(value, str) and "page.size" in value]
    for name in names:
        parameter = named.get(name or "")
        form = parameter.shape.forms[0] if parameter is not None and len(parameter.shape.forms) == 1 else None
        if form is None:
            continue
        size = min(pages.size, pages.max_size or pages.size)
        key = "max_size" if pages.max_size is not None else "size"
        span = pages.value_at(key, otherwise=pages.span)
        if form.high is not None and (pages.max_size is None or pages.max_size > form.high):
            asked = f"{size} are asked for" if size > form.high else "a caller may ask for more"
            message = f"`{operation.id}` gives at most {form.high:g} per page, and {asked}"
            yield Diagnostic(PAGE_SIZE, span, message, f"say `max_size: {form.high:g}`")
        elif form.low is not None and size < form.low:
            yield Diagnostic(PAGE_SIZE, span, f"`{operation.id}` gives at least {form.low:g} per page, and {size} are asked for")
