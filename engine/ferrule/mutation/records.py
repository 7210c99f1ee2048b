"""Slips in records and in where they come from."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from ferrule.mutation.requests import other_value
from ferrule.mutation.tree import Change, Site, items_without, span_of, with_value, without
from ferrule.source import Table, Text


def drop_field(site: Site) -> Iterator[Change]:
    """A field that records do not have."""
    if site.role == "record":
        for key in site.value:
            yield Change(span_of(site.value, key), f"the field `{key}` was dropped", without(site.value, str(key)))


def swap_fields(site: Site) -> Iterator[Change]:
    """Two fields with each other's values."""
    if site.role != "record":
        return
    texts = [(key, value) for key, value in site.value.items() if isinstance(value, Text)]
    for (first, one), (second, two) in pairwise(texts):
        if one != two:
            value = with_value(with_value(site.value, first, two), second, one)
            yield Change(span_of(site.value, first), f"`{first}` and `{second}` were swapped", value)


def wrong_constant(site: Site) -> Iterator[Change]:
    """A constant field with another value."""
    if site.role == "fixed" and (other := other_value(site.value["value"])) is not None:
        yield Change(span_of(site.value, "value"), f"`{site.value['value']}` became `{other}`", with_value(site.value, "value", other))
    if site.role == "record":
        for key, value in site.value.items():
            if isinstance(value, bool):
                yield Change(span_of(site.value, key), f"`{key}` became its opposite", with_value(site.value, key, not value))


def wrong_mapped_value(site: Site) -> Iterator[Change]:
    """An entry of a map that gives what another entry gives."""
    if site.role != "mapped" or not isinstance(site.value.get("map"), Table):
        return
    table: Table = site.value["map"]
    values = [*table.values(), *([site.value["else"]] if "else" in site.value else [])]
    for key, value in table.items():
        other = next((each for each in values if each != value), None)
        if other is not None:
            place = getattr(key, "span", table.span)
            yield Change(place, f"`{key}` gives `{other}`, not `{value}`", with_value(site.value, "map", with_value(table, key, other)))


def drop_mapped_value(site: Site) -> Iterator[Change]:
    """An entry of a map is missing."""
    if site.role == "mapped" and isinstance(site.value.get("map"), Table):
        table: Table = site.value["map"]
        for key in table:
            place = getattr(key, "span", table.span)
            yield Change(place, f"`{key}` was dropped from the map", with_value(site.value, "map", without(table, str(key))))


def drop_else(site: Site) -> Iterator[Change]:
    """A map that says nothing of values it does not have."""
    if site.role == "mapped" and "else" in site.value:
        yield Change(span_of(site.value, "else"), "`else` was dropped", without(site.value, "else"))


def _dropped(site: Site, *keys: str) -> Iterator[Change]:
    if site.role == "holder":
        for key in keys:
            if key in site.value:
                yield Change(span_of(site.value, key), f"`{key}` was dropped", without(site.value, key))


def drop_filter(site: Site) -> Iterator[Change]:
    """Records that should be left out."""
    yield from _dropped(site, "filter")


def drop_dedupe(site: Site) -> Iterator[Change]:
    """The same record twice."""
    yield from _dropped(site, "dedupe")


def drop_explode(site: Site) -> Iterator[Change]:
    """One row where there should be one per item."""
    yield from _dropped(site, "explode")


def drop_when(site: Site) -> Iterator[Change]:
    """Done always, not only where it should."""
    yield from _dropped(site, "when")


def drop_already(site: Site) -> Iterator[Change]:
    """What is done already is done again, or fails."""
    yield from _dropped(site, "already")


def drop_verify(site: Site) -> Iterator[Change]:
    """Nobody looks whether a write shows."""
    yield from _dropped(site, "verify")


def drop_undo(site: Site) -> Iterator[Change]:
    """A step that is not taken back."""
    yield from _dropped(site, "undo")


def drop_repeat(site: Site) -> Iterator[Change]:
    """A job that nobody waits for."""
    yield from _dropped(site, "repeat")


def drop_save(site: Site) -> Iterator[Change]:
    """A value that later steps do not get."""
    if site.role == "save":
        for key in site.value:
            yield Change(span_of(site.value, key), f"`{key}` was not saved", without(site.value, str(key)))


def drop_part(site: Site) -> Iterator[Change]:
    """A list that is not read."""
    if site.role == "parts":
        for index, span in enumerate(site.value.spans):
            yield Change(span, f"part {index + 1} was dropped", items_without(site.value, index))
