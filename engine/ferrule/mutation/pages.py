"""Slips in paginations."""

from __future__ import annotations

from collections.abc import Iterator

from ferrule.mutation.tree import Change, Site, added, said, span_of, with_value, without
from ferrule.source import Text

_BASES = {"offset": 0, "page": 1}


def off_by_one(site: Site) -> Iterator[Change]:
    """The first record, or page, counted one too many or too few."""
    if site.role == "pager" and (kind := str(site.value.get("kind"))) in _BASES:
        base = site.value.get("base", _BASES[kind])
        other = base - 1 if base else 1
        place = span_of(site.value, "base" if "base" in site.value else "kind")
        changed = with_value(site.value, "base", other) if "base" in site.value else added(site.value, "base", other)
        yield Change(place, f"`base: {base}` became `{other}`", changed)


def drop_end_signal(site: Site) -> Iterator[Change]:
    """A signal that ends the walk is not read."""
    if site.role == "pager":
        for key in ("more", "total", "last"):
            if key in site.value:
                yield Change(span_of(site.value, key), f"`{key}` was dropped", without(site.value, key))


def drop_pages(site: Site) -> Iterator[Change]:
    """The first page taken for all."""
    if site.role == "holder" and "pages" in site.value:
        yield Change(span_of(site.value, "pages"), "`pages` was dropped", without(site.value, "pages"))


def wrong_param(site: Site) -> Iterator[Change]:
    """The position, or the size, under another name."""
    if site.role == "pager":
        for key in ("param", "size_param", "variable", "size_variable"):
            name = site.value.get(key)
            if isinstance(name, Text):
                yield Change(
                    span_of(site.value, key), f"`{key}: {name}` became `{name}_`", with_value(site.value, key, said(name, f"{name}_"))
                )


def drop_size(site: Site) -> Iterator[Change]:
    """The app is not told the size, or not kept to what it allows."""
    if site.role == "pager":
        for key in ("size_param", "size", "max_size"):
            if key in site.value:
                yield Change(span_of(site.value, key), f"`{key}` was dropped", without(site.value, key))


def wrong_advance(site: Site) -> Iterator[Change]:
    """By the records that came where it is by the limit, or the other way round."""
    if site.role == "pager" and site.value.get("kind") == "offset":
        by = str(site.value.get("advance_by", "rows"))
        other = Text("rows" if by == "limit" else "limit", site.value.span)
        place = span_of(site.value, "advance_by" if "advance_by" in site.value else "kind")
        changed = with_value(site.value, "advance_by", other) if "advance_by" in site.value else added(site.value, "advance_by", other)
        yield Change(place, f"`advance_by: {by}` became `{other}`", changed)


def wrong_flag(site: Site) -> Iterator[Change]:
    """What an empty or a short page means, or whether the total can be trusted, turned round."""
    if site.role == "pager":
        for key in ("empty_page_ends", "short_page_ends", "total_is_exact"):
            if isinstance(site.value.get(key), bool):
                yield Change(span_of(site.value, key), f"`{key}` became its opposite", with_value(site.value, key, not site.value[key]))


def wrong_place(site: Site) -> Iterator[Change]:
    """The position sent elsewhere than where the app reads it."""
    if site.role == "pager" and site.value.get("in") in ("header", "body"):
        place = span_of(site.value, "in")
        yield Change(place, f"`in: {site.value['in']}` was dropped", without(site.value, "in"))
