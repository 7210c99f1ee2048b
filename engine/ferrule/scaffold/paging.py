"""How a described list is paged: told by its parameters, by what its answer has beside the records, by what is said of a header."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ferrule.against.operation import Parameter
from ferrule.against.schema import table
from ferrule.against.shape import QUIET, Shape
from ferrule.functions import Type
from ferrule.scaffold.fields import At, is_one_of, member, step
from ferrule.scaffold.requests import Ask
from ferrule.scaffold.words import norm

SIZES = (
    "limit", "per_page", "page_size", "pagesize", "perpage", "max_results", "maxresults", "page_limit", "max", "count", "size", "take",
    "top", "pagelen", "results_per_page", "max_items", "page_length",
)  # fmt: skip
CURSORS = (
    "cursor", "page_token", "next_page_token", "page_cursor", "next_token", "start_cursor", "continuation_token", "marker", "after",
    "page_after", "starting_after", "from", "start_after", "bookmark", "pagination_token", "token", "offset", "start", "until",
)  # fmt: skip
OFFSETS = ("offset", "skip", "start", "start_at", "startat", "start_position", "start_index", "first", "page_offset", "startindex")
PAGES = ("page", "page_number", "page_no", "pagenumber", "page_index", "page_num")
KEYS = ("starting_after", "after", "since")

NEXT = (
    "next_cursor", "next_page_token", "next_token", "next_marker", "end_cursor", "after_cursor", "cursor", "next_page_cursor", "next",
    "next_page", "after", "offset", "start", "bookmark", "continuation_token", "next_page_start",
)  # fmt: skip
ADDRESSES = ("next", "next_page", "next_url", "next_link", "odata_next_link", "next_uri", "next_page_url", "next_page_uri", "href")
MORE = ("more", "has_more", "has_next", "has_next_page", "is_truncated", "more_available", "has_more_items")
LAST = ("is_last", "last_page_reached", "is_last_page")
TOTALS = (
    "total", "total_count", "totalcount", "total_size", "total_records", "total_results", "total_items", "total_set_size",
    "total_elements", "record_count",
)  # fmt: skip
PAGE_COUNTS = ("total_pages", "page_count", "pages", "last_page", "pages_total")
_WRAPS = frozenset({
    "meta", "pagination", "paging", "page", "links", "_links", "response_metadata", "result_info", "page_info", "next_page", "next",
    "metadata", "pages", "cursor", "cursors", "_pagination", "page_links",
})  # fmt: skip
"""Members of an answer that tell of its pages."""
_LINK = re.compile(r"`?\blink`?\s+(?:response\s+)?(?:http\s+)?headers?\b|\brel=.?next|header\s+`?link\b", re.IGNORECASE)
_MOST = re.compile(
    r"(?:max(?:imum)?(?:\s+(?:value|number|of|is|allowed|limit|page\s+size|results?|per\s+page))*|up\s+to|cannot\s+exceed|at\s+most)"
    r"[\s:=`*(]*(\d{2,5})\b|\bbetween\s+\d+\s+and\s+(\d{2,5})\b|\b1\s*(?:-|–|to)\s*(\d{2,5})\b",
    re.IGNORECASE,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Paging:
    """A pager as a spec writes it; None where the description tells of none."""

    pager: dict[str, Any] | None
    note: str | None = None
    query: dict[str, Any] = field(default_factory=dict)
    """What a request must send so that the app pages at all."""
    least: int = 1
    """The fewest records that may be asked for."""


_SIGNALS = ("more", "last", "total")


def paging(wanted: Ask, body: Shape, identity: str, *, bare: bool = False) -> Paging:
    """How a list is paged. What the app itself names goes before what is counted. `bare` says that the answer is the list itself."""
    params = {norm(name): parameter for name, parameter in wanted.query.items()}
    size, least = _size(params)
    told = Told(QUIET if bare else body)
    rest = {name: parameter for name, parameter in params.items() if parameter.name != size.get("size_param")}
    for way in (_scim, _next_url, _link, _cursor, _numbered, _skipping, _keyset):
        made = way(wanted, rest, told, identity)
        if made is not None and made.pager is not None:
            told_size = {key: value for key, value in size.items() if key != "size_param" or made.pager["kind"] != "scim"}
            start = {key: value for key, value in made.pager.items() if key not in _SIGNALS}
            ends = {key: value for key, value in made.pager.items() if key in _SIGNALS}
            return Paging({**start, **told_size, **ends}, made.note, made.query, least)
    return Paging(None, least=least)


class Told:
    """What an answer says of its pages: its members, and those of the objects that hold such things."""

    def __init__(self, body: Shape) -> None:
        self.members: list[At] = list(_members(body, (), 3))

    def find(self, names: Iterable[str], types: Type, *, within: Iterable[str] = ()) -> At | None:
        """The first of these names that there is, those nearest to the top first."""
        wanted = {name: place for place, name in enumerate(names)}
        found = [
            (len(at.path), wanted[norm(at.path[-1])], at)
            for at in self.members
            if norm(at.path[-1]) in wanted and is_one_of(at.shape, types) and (not within or norm(at.path[-2:][0]) in within)
        ]
        return min(found, key=lambda each: each[:2])[2] if found else None


def _members(shape: Shape, path: tuple[str, ...], depth: int) -> Iterable[At]:
    for name in shape.names:
        held = member(shape, [name])
        if held is None:
            continue
        yield At((*path, name), held)
        if depth > 1 and (norm(name) in _WRAPS or name.startswith("_")) and held.types & Type.OBJECT:
            yield from _members(held, (*path, name), depth - 1)


def _read(at: At) -> str:
    return "body." + ".".join(map(step, at.path))


def _size(params: dict[str, Parameter]) -> tuple[dict[str, Any], int]:
    """How many records a page may have, as a pager says it, and the fewest."""
    for name in SIZES:
        parameter = params.get(name)
        if parameter is None or not parameter.shape.types & (Type.NUMBER | Type.STRING):
            continue
        form = parameter.shape.forms[0] if parameter.shape.forms else None
        most = form.high if form is not None else None
        if most is None:
            said = _MOST.search(str(parameter.said.get("description") or ""))
            most = int(next(filter(None, said.groups()))) if said else None
        made: dict[str, Any] = {"size_param": parameter.name}
        if most is not None and 1 <= most <= 100_000:
            made["max_size"] = int(most)
        least = int(form.low) if form is not None and form.low is not None and form.low > 1 else 1
        if least > 100:
            made["size"] = least
        return made, least
    return {}, 1


def _param(params: dict[str, Parameter], names: Iterable[str], types: Type = Type.ANY) -> Parameter | None:
    return next((params[name] for name in names if name in params and params[name].shape.types & types), None)


def _scim(wanted: Ask, params: dict[str, Parameter], told: Told, identity: str) -> Paging | None:
    """As RFC 7644, section 3.4.2.4, has it."""
    is_scim = "startIndex" in wanted.query and told.find(["total_results"], Type.NUMBER) and told.find(["resources"], Type.ARRAY)
    return Paging({"kind": "scim"}) if is_scim and "count" in wanted.query else None


def _next_url(wanted: Ask, params: dict[str, Parameter], told: Told, identity: str) -> Paging | None:
    """An address in the body. A bare `next` is one only where its format or its place says so."""
    for at in sorted(told.members, key=lambda each: len(each.path)):
        name, above = norm(at.path[-1]), norm(at.path[-2]) if len(at.path) > 1 else ""
        if name not in ADDRESSES or not is_one_of(at.shape, Type.STRING) or (name == "href" and above not in ("next", "next_page")):
            continue
        sure = at.format in ("uri", "url", "uri-reference") or "odata" in name or any("link" in norm(above) for above in at.path[:-1])
        counted = _param(params, [*OFFSETS, *PAGES], Type.NUMBER | Type.STRING)
        free = counted is None and (name not in ("next", "next_page") or _param(params, CURSORS) is None)
        if sure or free:
            note = None if sure else f"`{_read(at)}` is taken for an address that can be followed as it is; is it one?"
            return Paging({"kind": "next_url", "next": _read(at)}, note)
    return None


def _link(wanted: Ask, params: dict[str, Parameter], told: Told, identity: str) -> Paging | None:
    """A `Link` header (RFC 8288), documented as a header of the answer or in the words of the operation."""
    said = wanted.operation.said
    answers = [wanted.route.document.schemas.follow(answer) for status, answer in table(said.get("responses")).items()
               if str(status).startswith("2")]  # fmt: skip
    documented = any(str(name).lower() == "link" for answer in answers for name in table(table(answer).get("headers")))
    words = [wanted.words(), *(str(parameter.said.get("description") or "") for parameter in params.values())]
    if documented or any(map(_LINK.search, words)):
        return Paging({"kind": "link"})
    return None


def _cursor(wanted: Ask, params: dict[str, Parameter], told: Told, identity: str) -> Paging | None:
    """A value of the answer that is sent back."""
    at = told.find(NEXT, Type.STRING | Type.NUMBER)
    if at is None:
        return None
    name, above = norm(at.path[-1]), norm(at.path[-2]) if len(at.path) > 1 else ""
    if not ("next" in name or "next" in above or above == "after" or name in ("end_cursor", "after_cursor", "cursor", "bookmark")):
        return None
    own = [name, name.removeprefix("next_"), f"page_{name.removeprefix('next_')}"]
    param = _param(params, [word for word in own if word in CURSORS] + [word for word in CURSORS if word != "offset"])
    if param is None or (param.shape.types & ~Type.NULL == Type.NUMBER and norm(param.name) in (*OFFSETS, *PAGES)):
        return None
    more = told.find(MORE, Type.BOOLEAN)
    switch = next((each for word, each in params.items() if re.fullmatch(r"use_?(cursor|marker)s?", word)), None)
    pager = {"kind": "cursor", "next": _read(at), "param": param.name}
    return Paging(pager | ({"more": _read(more)} if more else {}), query={switch.name: "true"} if switch is not None else {})


def _ends(told: Told, *, pages: bool = False) -> dict[str, Any]:
    """The signals that an answer gives of its end. A total is taken only where no flag tells the end."""
    if (more := told.find(MORE, Type.BOOLEAN)) is not None:
        return {"more": _read(more)}
    if (last := told.find(LAST, Type.BOOLEAN)) is not None:
        return {"more": f"!({_read(last)})"}
    if pages and (count := told.find(PAGE_COUNTS, Type.NUMBER)) is not None:
        return {"last": _read(count)}
    if (total := told.find(TOTALS, Type.NUMBER)) is not None:
        return {"total": _read(total)}
    return {}


def _numbered(wanted: Ask, params: dict[str, Parameter], told: Told, identity: str) -> Paging | None:
    param = _param(params, PAGES, Type.NUMBER | Type.STRING)
    if param is None:
        return None
    form = param.shape.forms[0]
    said = table(param.said.get("schema", param.said)).get("default", param.said.get("default"))
    default = int(str(said)) if str(said) in ("0", "1") else None
    base = 0 if default == 0 or (default is None and form.low == 0) else 1
    sure = default is not None or form.low in (0, 1)
    note = None if sure else f"is the first page 1 or 0? The description does not say, `{param.name}` is taken to count from 1"
    pager = {"kind": "page", "param": param.name} | ({"base": 0} if base == 0 else {})
    return Paging(pager | _ends(told, pages=True), note)


def _skipping(wanted: Ask, params: dict[str, Parameter], told: Told, identity: str) -> Paging | None:
    param = _param(params, OFFSETS, Type.NUMBER | Type.STRING)
    if param is None or (param.shape.types & ~Type.NULL == Type.STRING and norm(param.name) not in ("skip", "start_position", "first")):
        return None
    form = param.shape.forms[0]
    default = table(param.said.get("schema", param.said)).get("default", param.said.get("default"))
    base = 1 if str(default) == "1" or form.low == 1 or norm(param.name) in ("start_index", "startindex") else 0
    return Paging({"kind": "offset", "param": param.name} | ({"base": 1} if base else {}) | _ends(told))


def _keyset(wanted: Ask, params: dict[str, Parameter], told: Told, identity: str) -> Paging | None:
    """A parameter that takes the id of the last record, where the answer names no next page."""
    param = _param(params, KEYS, Type.STRING | Type.NUMBER)
    if param is None or not identity:
        return None
    more = told.find(MORE, Type.BOOLEAN)
    note = f"`{param.name}` is taken to want the `{identity}` of the last record, in the order of that; is it so?"
    return Paging({"kind": "keyset", "key": identity, "param": param.name} | ({"more": _read(more)} if more else {}), note)
