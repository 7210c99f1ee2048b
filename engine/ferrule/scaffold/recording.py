"""A recording as a description: paths with parameters where ids stood, schemas of what answers looked like, how lists were paged.

Values stay behind. What goes on is names and types, the words of a status where they are everybody's, and numbers of a page
size. A name that may be somebody's (a key with an id or an address in it) is left out as well.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urljoin, urlsplit

from ferrule.against import Description
from ferrule.diagnostics import Diagnostic, Span, SpecError
from ferrule.scaffold import words
from ferrule.scaffold.describe import NO_ACCOUNTS, described
from ferrule.scaffold.draft import Draft
from ferrule.scaffold.fields import step
from ferrule.scaffold.har import Exchange
from ferrule.scaffold.lists import People, people
from ferrule.scaffold.paging import CURSORS, OFFSETS, PAGES, SIZES, Paging
from ferrule.scaffold.requests import routes
from ferrule.scaffold.words import identifier, norm, singular

_ID = re.compile(
    r"\d+|[0-9a-f]{8}-[0-9a-f-]{27}|(?=[^/]*\d)[0-9a-fA-F]{8,}|(?=[^/]*\d)(?=[^/]*[A-Za-z])[A-Za-z0-9_-]{10,}|.*[@|%].*|[A-Z0-9]{7,}"
)
_NAME = re.compile(r"[@$_A-Za-z][\w.$:\[\]-]{0,48}")
_KEPT = {*words.PEOPLE, *words.GROUPS, *words.MEMBERS, *words.NOT_THE_LIST, "me", "self", "current", "whoami", "list", "all"}
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
_SESSION = re.compile(r"sess|sid$|auth|token|jwt", re.IGNORECASE)
_KEY = re.compile(r"api[-_]?key|auth|token|secret", re.IGNORECASE)
_FORGERY = re.compile(r"csrf|xsrf", re.IGNORECASE)
MOST_SAMPLES = 50
"""Records of one list that its schema is made from."""


def from_recording(app: str, exchanges: Sequence[Exchange], file: str = "<recording>") -> Draft:
    """A first spec of an app that a browser was used with. Raises `SpecError` where no list of accounts was recorded."""
    for origin in sorted({each.origin for each in exchanges}, key=lambda origin: -sum(each.origin == origin for each in exchanges)):
        own = [each for each in exchanges if each.origin == origin]
        templates = _templates(own)
        observed = _pagings(own, templates)
        description = Description([_document(origin, own, templates, observed)])
        known = routes(description)
        found, _ = people(known)
        if found is not None:
            return described(app, description, known, found, "recording", observed, _more(found, own, templates, observed))
    message = "there is no list of accounts in this recording: an answer whose records have an id and a name or an e-mail address"
    raise SpecError([Diagnostic(NO_ACCOUNTS, Span(file, 1, 1), message, "record again, with the page open that lists the users")])


def _of(path: str, exchanges: Sequence[Exchange], templates: Sequence[str]) -> list[Exchange]:
    return [each for each, template in zip(exchanges, templates, strict=True) if template == path]


def _templates(exchanges: Sequence[Exchange]) -> list[str]:
    """The path of each exchange, with a parameter where an id stood: what looks like one, and what stands right below a list."""
    lists = {each.path for each in exchanges if _holds_records(each.body)}
    return [_template(each.path, lists) for each in exchanges]


def _holds_records(body: Any) -> bool:
    values = [body, *body.values()] if isinstance(body, dict) else [body]
    return any(isinstance(value, list) and value and all(isinstance(item, dict) for item in value) for value in values)


def _template(path: tuple[str, ...], lists: set[tuple[str, ...]]) -> str:
    made: list[str] = []
    for place, part in enumerate(path):
        word = norm(part.removesuffix(".json"))
        before = norm(path[place - 1]) if place else ""
        is_id = _ID.fullmatch(part) is not None and not re.fullmatch(r"v\d+(?:\.\d+)?", part)
        below_list = path[:place] in lists and word not in _KEPT
        of_tenant = before in words.TENANTS and before.endswith("s") and word not in _KEPT
        if is_id or below_list or of_tenant or not re.fullmatch(r"[\w.~:-]+", part):
            name = f"{identifier(singular(before))}_id" if before else "id"
            made.append(f"{{{name if f'{{{name}}}' not in made else f'{name}_{place}'}}}")
        else:
            made.append(part)
    return "/" + "/".join(made)


def _document(origin: str, exchanges: Sequence[Exchange], templates: Sequence[str], observed: Mapping[str, Paging]) -> dict[str, Any]:
    """The recording as an OpenAPI document."""
    schemes = _schemes(exchanges)
    paths: dict[str, Any] = {}
    for path in dict.fromkeys(templates):
        held = _of(path, exchanges, templates)
        names = dict.fromkeys(name for each in held for name, _ in each.query if _NAME.fullmatch(name))
        pager = (observed[path].pager if path in observed else None) or {}
        names |= dict.fromkeys(pager[key] for key in ("param", "size_param") if key in pager)
        parameters = [{"name": name, "in": "query", "schema": {"type": _type_of_text(held, name)}} for name in names]
        answers: dict[str, Any] = {}
        for status in sorted({each.status for each in held}):
            schema = _schema(each.body for each in held if each.status == status)
            answers[str(status)] = {"description": "", "content": {"application/json": {"schema": schema}}}
            if any(each.links for each in held if each.status == status):
                answers[str(status)]["headers"] = {"Link": {"schema": {"type": "string"}}}
        paths[path] = {"get": {"parameters": parameters, "responses": answers, "security": [{name: []} for name in schemes][:1]}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "", "version": "1"},
        "servers": [{"url": origin}],
        "components": {"securitySchemes": schemes},
        "paths": paths,
    }


def _type_of_text(exchanges: Iterable[Exchange], name: str) -> str:
    values = [value for each in exchanges for other, value in each.query if other == name]
    if all(value.isdecimal() and len(value) < 10 for value in values):
        return "integer"
    return "boolean" if all(value in ("true", "false") for value in values) else "string"


def _schemes(exchanges: Sequence[Exchange]) -> dict[str, Any]:
    """The ways in that requests show, by the names of what they carry: an `Authorization` header, another header, a cookie."""
    made: dict[str, Any] = {}
    for scheme in sorted({each.scheme for each in exchanges if each.scheme}):
        if scheme in ("Bearer", "Basic"):
            made[scheme.lower()] = {"type": "http", "scheme": scheme.lower()}
        else:
            said = f"prefixed with {scheme}" if scheme != "?" else ""
            made["authorization"] = {"type": "apiKey", "in": "header", "name": "Authorization", "description": said}
    headers = sorted({name for each in exchanges for name in each.headers if _NAME.fullmatch(name)})
    for name in headers:
        if (
            _KEY.search(name)
            and not _FORGERY.search(name)
            and name not in ("authorization", "cookie")
            and not name.startswith((":", "sec-"))
        ):
            made.setdefault(identifier(name), {"type": "apiKey", "in": "header", "name": name})
    cookies = sorted({name for each in exchanges for name in each.cookies if re.fullmatch(r"[A-Za-z_.-]{2,40}", name)})
    for name in cookies:
        if _SESSION.search(name) and not _FORGERY.search(name):
            made.setdefault(identifier(name), {"type": "apiKey", "in": "cookie", "name": name})
    return made


def _schema(samples: Iterable[Any]) -> dict[str, Any]:
    """What some values have in common, as a schema: types, members and items."""
    values = list(samples)
    types = sorted({_kind(value) for value in values})
    made: dict[str, Any] = {"type": types[0] if len(types) == 1 else types}
    objects = [value for value in values if isinstance(value, dict)]
    if objects:
        names = dict.fromkeys(str(name) for value in objects for name in value if _is_name(str(name)))
        made["properties"] = {name: _member(name, [value[name] for value in objects if name in value]) for name in names}
        if any(not _is_name(str(name)) for value in objects for name in value):
            made["additionalProperties"] = True
    items = [item for value in values if isinstance(value, list) for item in value[:MOST_SAMPLES]]
    if items:
        made["items"] = _schema(items)
    return made


def _is_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None and "@" not in name[1:] and (_ID.fullmatch(name) is None or name.startswith("@"))


def _member(name: str, values: list[Any]) -> dict[str, Any]:
    made = _schema(values)
    texts = [value for value in values if isinstance(value, str) and value]
    if not texts:
        return made
    if all(_DATE.match(value) for value in texts):
        made["format"] = "date-time"
    elif all(re.match(r"https?://", value) for value in texts):
        made["format"] = "uri"
    elif norm(name) in words.STATUS and all(norm(value) in words.WORD_TO_STATUS for value in texts):
        made["enum"] = sorted({*texts, *([None] if None in values else [])}, key=str)
    return made


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    kinds = ((type(None), "null"), (int, "integer"), (float, "number"), (str, "string"), (list, "array"))
    return next((kind for type_, kind in kinds if isinstance(value, type_)), "object")


def _pagings(exchanges: Sequence[Exchange], templates: Sequence[str]) -> dict[str, Paging]:
    """How each list was paged. One of which a single page was recorded is taken to be paged as another of the app, where its
    answer has the same word for what is next."""
    found = {path: how for path in dict.fromkeys(templates) if (how := _observed(_of(path, exchanges, templates))) is not None}
    for path in dict.fromkeys(templates):
        told = {f"body.{read}" for each in _of(path, exchanges, templates) for read, _ in _texts(each.body, absent=True)}
        like = next((how for how in found.values() if path not in found and how.pager and how.pager.get("next") in told), None)
        if like is not None:
            found[path] = like
    return found


def _observed(held: Sequence[Exchange]) -> Paging | None:
    """How a list was paged, as two requests after one another show; None where they show nothing."""
    good = [each for each in held if each.status < 300]
    size = next((name for name, _ in good[0].query if norm(name) in SIZES), None) if good else None
    for before, after in itertools.pairwise(good):
        for made in (_by_address(before, after), _by_value(before, after), _by_count(before, after, size)):
            if made is not None:
                pager = made | ({"size_param": size} if size is not None else {})
                return Paging(pager | _usual_size(before, size))
    return None


def _usual_size(exchange: Exchange, size: str | None) -> dict[str, Any]:
    """The page size that the browser asked for: the app is known to give it."""
    value = dict(exchange.query).get(size or "", "")
    return {"size": int(value)} if value.isdecimal() and 1 <= int(value) <= 10_000 else {}


def _by_address(before: Exchange, after: Exchange) -> dict[str, Any] | None:
    """The answer has the address of the request after it."""
    if before.links:
        return {"kind": "link"}
    for path, value in _texts(before.body):
        try:
            absolute = urljoin(before.url, str(value))
        except ValueError:
            continue
        if isinstance(value, str) and "/" in value and _same(absolute, after.url) and not _same(before.url, after.url):
            return {"kind": "next_url", "next": f"body.{path}"}
    return None


def _same(one: str, other: str) -> bool:
    a, b = urlsplit(one), urlsplit(other)
    return (a.netloc, a.path, sorted(a.query.split("&"))) == (b.netloc, b.path, sorted(b.query.split("&")))


def _by_value(before: Exchange, after: Exchange) -> dict[str, Any] | None:
    """The answer has a value that the next request sends."""
    first, second = dict(before.query), dict(after.query)
    new = {name: value for name, value in second.items() if first.get(name) != value and norm(name) in (*CURSORS, "next", "page_id")}
    for path, value in _texts(before.body):
        if isinstance(value, bool):
            continue
        for name, sent in new.items():
            if str(value) == sent and value != "" and not (isinstance(value, int) and norm(name) in (*OFFSETS, *PAGES)):
                return {"kind": "cursor", "next": f"body.{path}", "param": name}
    return None


def _by_count(before: Exchange, after: Exchange, size: str | None) -> dict[str, Any] | None:
    """A number went up: by one, or by as many records as came."""
    first, second = dict(before.query), dict(after.query)
    for name, value in second.items():
        if not _NAME.fullmatch(name) or name == size or not value.isdecimal() or not first.get(name, "0").isdecimal():
            continue
        rise = int(value) - int(first.get(name, "0"))
        rows = max((len(found) for found in _lists(before.body)), default=0)
        if norm(name) in PAGES and (rise == 1 or (name not in first and int(value) == 2)):
            return {"kind": "page", "param": name} | ({"base": 0} if first.get(name) == "0" or (name not in first and value == "1") else {})
        if rise > 0 and (rise == rows or str(rise) == first.get(size or "", "")) and (norm(name) in OFFSETS or rise > 1):
            return {"kind": "offset", "param": name} | ({"base": 1} if first.get(name) == "1" else {})
    return None


def _lists(body: Any) -> Iterator[list[Any]]:
    if isinstance(body, list):
        yield body
    elif isinstance(body, dict):
        for value in body.values():
            yield from _lists(value)


def _texts(body: Any, path: str = "", depth: int = 3, *, absent: bool = False) -> Iterator[tuple[str, Any]]:
    """The texts and numbers of an answer outside of its lists, each with the expression that reads it; `absent` adds the nulls."""
    for name, value in body.items() if isinstance(body, Mapping) else ():
        if not _is_name(str(name)):
            continue
        here = f"{path}.{step(name)}" if path else step(name)
        if isinstance(value, (str, int)) or (value is None and absent):
            yield here, value
        elif isinstance(value, dict) and depth:
            yield from _texts(value, here, depth - 1, absent=absent)


def _more(found: People, exchanges: Sequence[Exchange], templates: Sequence[str], observed: Mapping[str, Paging]) -> list[str]:
    """What else the recording leaves to decide about the list of accounts."""
    path = found.listing.path
    held = _of(path, exchanges, templates)
    pager = observed[path].pager if path in observed else None
    used = {str(value) for value in (pager or {}).values()}
    sent = dict.fromkeys(name for each in held for name, _ in each.query if _NAME.fullmatch(name) and name not in used)
    said = []
    if others := [name for name in sent if norm(name) not in (*SIZES, *CURSORS, *OFFSETS, *PAGES)]:
        said.append(f"the browser also sent {', '.join(f'`{name}`' for name in others[:8])}; does the list need it?")
    if any(_FORGERY.search(name) for each in held for name in each.headers):
        said.append("the browser also sent a token against forgery; is there a way in for programs?")
    if pager is None:
        said.append("one page was recorded; look at the pagination")
    return said
