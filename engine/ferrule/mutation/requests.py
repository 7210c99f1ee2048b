"""Slips in requests, in what they send, and in the rules that judge their answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ferrule.errors import CODES
from ferrule.mutation.tree import Change, Site, items_swapped, items_without, renamed, said, short, span_of, with_value, without
from ferrule.request import METHODS
from ferrule.source import Scalar, Table, Text

_METHODS = {"get": "post", "head": "get", "options": "get", "post": "put", "put": "patch", "patch": "put", "delete": "get"}
_CODE = {"not_found": "permission_denied", "unauthorized": "permission_denied"}


def wrong_method(site: Site) -> Iterator[Change]:
    """Another method."""
    if site.role == "request" and (method := _method(site.value)):
        yield Change(span_of(site.value, method), f"`{method}` became `{_METHODS[method]}`", renamed(site.value, method, _METHODS[method]))


def wrong_segment(site: Site) -> Iterator[Change]:
    """Another word in the path."""
    method = _method(site.value) if site.role == "request" else None
    if method is None:
        return
    path: Text = site.value[method]
    for found in re.finditer(r"(?<=/)[\w.-]+(?=[/?]|$)", re.sub(r"\{\{.*?\}\}", lambda inner: "{" * len(inner[0]), path)):
        changed = path[: found.end()] + "_" + path[found.end() :]
        yield Change(path.at(found.start(), len(found[0])), f"`{path}` became `{changed}`", said(path, changed), path)


def drop_pair(site: Site) -> Iterator[Change]:
    """A query parameter or a header that is not sent."""
    if site.role == "pairs":
        what = "query parameter" if site.path[-1] == "query" else "header"
        for key in site.value:
            yield Change(span_of(site.value, key), f"the {what} `{key}` was dropped", without(site.value, str(key)))


def wrong_pair(site: Site) -> Iterator[Change]:
    """A query parameter or a header with another value."""
    if site.role == "pairs":
        yield from _wrong_values(site)


def drop_leaf(site: Site) -> Iterator[Change]:
    """A part of a body that is not sent."""
    if site.role != "body":
        return
    if isinstance(site.value, Table):
        for key in site.value:
            yield Change(span_of(site.value, key), f"`{key}` was dropped from the body", without(site.value, str(key)))
    else:
        for index, span in enumerate(site.value.spans):
            yield Change(span, "an item was dropped from the body", items_without(site.value, index))


def wrong_leaf(site: Site) -> Iterator[Change]:
    """A constant of a body with another value."""
    if site.role == "body" and site.is_table:
        yield from _wrong_values(site)


def drop_absent(site: Site) -> Iterator[Change]:
    """An answer that means "there is none" is an error again."""
    if site.role == "request" and "absent" in site.value:
        yield Change(span_of(site.value, "absent"), "`absent` was dropped", without(site.value, "absent"))


def drop_rule(site: Site) -> Iterator[Change]:
    """An error rule is missing."""
    if site.role == "errors":
        for index, span in enumerate(site.value.spans):
            yield Change(span, f"the rule `{short(_when(site.value[index]))}` was dropped", items_without(site.value, index))


def swap_rules(site: Site) -> Iterator[Change]:
    """Two rules in the wrong order, where one of them asks for all that the other asks for, and more."""
    if site.role == "errors":
        for index in range(len(site.value) - 1):
            first, second = site.value[index], site.value[index + 1]
            if first.get("code") != second.get("code") and _asks_more(_when(first), _when(second)):
                yield Change(site.value.spans[index], "a rule and the one behind it were swapped", items_swapped(site.value, index))


def loosen_rule(site: Site) -> Iterator[Change]:
    """A rule that matches whatever its status has, or anything."""
    if site.role != "rule":
        return
    when: Text = site.value["when"]
    status = re.match(r"status == `\d+`(?= && )", when)
    loose = status[0] if status else "status >= `400`"
    if loose != when:
        yield Change(when.span, f"`{short(when)}` became `{loose}`", said(when, loose), when)


def wrong_code(site: Site) -> Iterator[Change]:
    """Another error."""
    if site.role == "rule":
        code = str(site.value["code"])
        other = _CODE.get(code, "not_found")
        assert other in CODES
        place = span_of(site.value, "code")
        yield Change(place, f"`code: {code}` became `{other}`", with_value(site.value, "code", Text(other, place)))


def drop_detail(site: Site) -> Iterator[Change]:
    """The vendor's words, or code, or the wait, that nobody reads any more."""
    wanted = {"rule": ("message", "app_code", "wait"), "http": ("error_message", "error_code", "wait", "throttle")}.get(site.role, ())
    for key in wanted:
        if key in site.value:
            yield Change(span_of(site.value, key), f"`{key}` was dropped", without(site.value, key))


def wrong_retry(site: Site) -> Iterator[Change]:
    """Tried again where it should not be, or the other way round."""
    for key in ("retry",) if site.role == "rule" else ("authenticated",) if site.role == "request" else ():
        if isinstance(site.value.get(key), bool):
            place = span_of(site.value, key)
            yield Change(place, f"`{key}` became its opposite", with_value(site.value, key, not site.value[key]))


def drop_condition(site: Site) -> Iterator[Change]:
    """A value that is sent always."""
    if site.role == "conditional":
        yield Change(span_of(site.value, "when"), "`when` was dropped from the value", with_value(site.value, "when", True))


def other_value(value: Any) -> Any:
    """A constant that is another one; None where there is none to take."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value + 1
    if isinstance(value, Text) and "{{" not in value and "{%" not in value:
        return said(value, _STATES.get(value, f"{value}_"))
    return None


_STATES = {
    "ACTIVE": "SUSPENDED",
    "SUSPENDED": "ACTIVE",
    "DEPROVISIONED": "SUSPENDED",
    "active": "inactive",
    "user": "service",
    "service": "user",
}
"""What is easily taken for one another."""


def _wrong_values(site: Site) -> Iterator[Change]:
    for key, value in site.value.items():
        other = other_value(value)
        if other is not None:
            yield Change(span_of(site.value, key), f"`{key}: {_shown(value)}` became `{_shown(other)}`", with_value(site.value, key, other))


def _shown(value: Any) -> str:
    return str(Scalar(value)) if not isinstance(value, str) else value


def _method(table: Table) -> str | None:
    return next((method for method in METHODS if method in table), None)


def _when(rule: Any) -> str:
    return str(rule.get("when")) if isinstance(rule, Table) else ""


def _asks_more(first: str, second: str) -> bool:
    """Whether one of two predicates is the other with something added by `&&`."""
    left, right = ({part.strip() for part in predicate.split("&&")} for predicate in (first, second))
    return left != right and (left <= right or right <= left)
