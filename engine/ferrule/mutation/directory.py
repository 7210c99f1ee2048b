"""Slips in LDAP operations."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ferrule.ldap import OPERATIONS
from ferrule.mutation.tree import Change, Site, added, said, short, span_of, with_value, without
from ferrule.source import Text

_SCOPES = {"base": "sub", "one": "sub", "sub": "one"}
_ASSERTION = re.compile(r"\((?!&|\||!)[^()]+\)")


def wrong_base(site: Site) -> Iterator[Change]:
    """Another word in the name of the entry, or the first part of a new name."""
    for key in (*OPERATIONS, "new_rdn", "new_superior") if site.role == "ldap" else ():
        name = site.value.get(key)
        if isinstance(name, Text):
            for found in re.finditer(r"[\w-]+(?==)", _literal(name)):
                changed = f"{name[: found.end()]}_{name[found.end() :]}"
                yield Change(name.at(found.start(), len(found[0])), f"`{short(name)}` became `{short(changed)}`", said(name, changed), name)


def wrong_scope(site: Site) -> Iterator[Change]:
    """A search that reaches further, or less far."""
    if site.role == "ldap" and "search" in site.value:
        scope = str(site.value.get("scope", "sub"))
        other = Text(_SCOPES.get(scope, "sub"), span_of(site.value, "scope" if "scope" in site.value else "search"))
        changed = with_value(site.value, "scope", other) if "scope" in site.value else added(site.value, "scope", other)
        yield Change(other.span, f"`scope: {scope}` became `{other}`", changed)


def drop_assertion(site: Site) -> Iterator[Change]:
    """One of several assertions of a filter that is not made."""
    for filter_, found in _assertions(site):
        if found[0] != filter_ and not filter_[: found.start()].endswith("(!"):
            changed = filter_[: found.start()] + filter_[found.end() :]
            yield Change(filter_.at(found.start(), len(found[0])), f"`{short(found[0])}` was dropped", said(filter_, changed), filter_)


def wrong_assertion(site: Site) -> Iterator[Change]:
    """A filter that looks at another attribute."""
    for filter_, found in _assertions(site):
        at = found.start() + len(re.match(r"\([\w-]+", found[0])[0])  # type: ignore[index]
        changed = f"{filter_[:at]}_{filter_[at:]}"
        yield Change(
            filter_.at(found.start(), len(found[0])), f"`{short(found[0])}` asks for another attribute", said(filter_, changed), filter_
        )


def wrong_attribute(site: Site) -> Iterator[Change]:
    """A compare, or a new name, that says something else, or less."""
    if site.role == "ldap":
        for key in ("attribute", "value", "delete_old_rdn", "new_superior"):
            value = site.value.get(key)
            if isinstance(value, bool):
                yield Change(span_of(site.value, key), f"`{key}` became its opposite", with_value(site.value, key, not value))
            elif key == "attribute" and isinstance(value, Text):
                yield Change(value.span, f"`attribute: {value}` became `{value}_`", with_value(site.value, key, said(value, f"{value}_")))
            elif key == "new_superior" and value is not None:
                yield Change(span_of(site.value, key), "`new_superior` was dropped", without(site.value, key))


def _assertions(site: Site) -> Iterator[tuple[Text, re.Match[str]]]:
    """Each assertion of a filter, such as `(objectClass=user)`."""
    filter_ = site.value.get("filter") if site.role == "ldap" else None
    if isinstance(filter_, Text) and "{%" not in filter_:
        for found in _ASSERTION.finditer(filter_):
            yield filter_, found


def _literal(text: Text) -> str:
    """The text with what is filled in made unlike any word, its length kept."""
    return re.sub(r"\{\{.*?\}\}|\{%.*?%\}", lambda inner: "{" * len(inner[0]), text)
