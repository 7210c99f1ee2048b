"""Slips in expressions: a wrong member, a wrong text, a condition turned round."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ferrule.diagnostics import Span
from ferrule.mutation.tree import Change, Site, said, short
from ferrule.source import Text

PREDICATES = frozenset({"when", "filter", "already", "absent", "until", "accept"})
_KEYS = {
    "mapped": ("from",),
    "rule": ("when", "message", "app_code"),
    "pager": ("next", "more", "total", "last", "key", "page_info", "applied_size"),
    "holder": ("when", "filter", "already", "records", "values", "until"),
    "explode": ("list",),
    "request": ("absent",),
    "repeat": ("until",),
    "conditional": ("when",),
    "http": ("error_message", "error_code"),
}
_PATH = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
_PIECES = re.compile(r"""'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|"(?:[^"\\]|\\.)*"|&&|\|\||==|!=|>=|<=|[<>]""")
_EMPTY_DEFAULT = re.compile(r"\|\|\s*''$")
_OTHER = {"&&": "||", "||": "&&", "==": "!=", "!=": "==", ">=": "<", "<": ">=", "<=": ">", ">": "<="}


def expressions(site: Site) -> Iterator[tuple[str, Text]]:
    """Every expression of a site, under its key."""
    wanted = _KEYS.get(site.role, ())
    if site.is_table:
        for key, value in site.value.items():
            if isinstance(value, Text) and (site.role in ("record", "save") or key in wanted):
                yield key, value


def wrong_member(site: Site) -> Iterator[Change]:
    """A plain path that ends in a name the value does not have."""
    for key, text in expressions(site):
        if _PATH.fullmatch(text):
            yield _changed(key, text, f"{text}_", text.span)


def negate(site: Site) -> Iterator[Change]:
    """A predicate that says the opposite."""
    for key, text in expressions(site):
        if key in PREDICATES and site.role not in ("record", "save"):
            yield _changed(key, text, f"!({text})", text.span)


def wrong_operator(site: Site) -> Iterator[Change]:
    """`&&` for `||`, `==` for `!=`, and the other way round."""
    for key, text in expressions(site):
        for found in _PIECES.finditer(text):
            if other := _OTHER.get(found[0]):
                changed = text[: found.start()] + other + text[found.end() :]
                yield _changed(key, text, changed, text.at(found.start(), len(found[0])), f"`{found[0]}` became `{other}`")


def wrong_literal(site: Site) -> Iterator[Change]:
    """Another text in quotes, another number in backticks. What only keeps a function from failing, `|| ''`, is left alone."""
    for key, text in expressions(site):
        for found in _PIECES.finditer(text):
            if (other := _literal(found[0])) and not _EMPTY_DEFAULT.search(text[: found.end()]):
                changed = text[: found.start()] + other + text[found.end() :]
                yield _changed(key, text, changed, text.at(found.start(), len(found[0])), f"{short(found[0])} became {short(other)}")


def _literal(written: str) -> str | None:
    if written[0] == "'":
        return written[:-1] + "_'"
    if re.fullmatch(r"`-?\d+`", written):
        return f"`{int(written[1:-1]) + 1}`"
    return {"`true`": "`false`", "`false`": "`true`"}.get(written)


def _changed(key: str, text: Text, value: str, span: Span, words: str | None = None) -> Change:
    return Change(span, words or f"`{key}: {short(text)}` became `{short(value)}`", said(text, value), text)
