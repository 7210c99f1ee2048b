"""What a condition that holds tells of the names it reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from ferrule.lint.infer import Names, Node, infer, tree
from ferrule.lint.known import NO_MEMBERS, Known, one_of
from ferrule.lint.logic import parts, reads, split
from ferrule.source import Text


def implied(wanted: Iterable[Text], whens: Iterable[Text], names: Names) -> bool:
    """Whether some conditions hold for certain where others hold."""
    whens = tuple(whens)
    asked = {part for when in whens for part in parts(when)}
    unasked = [when for when in wanted if not parts(when) <= asked]
    assumed = assume(whens, names) if unasked else {}
    return all(infer(when, NO_MEMBERS, assumed).truths == {True} for when in unasked)


def assume(whens: Iterable[Text], names: Names) -> dict[str, Known]:
    """What is known of the names where the conditions hold. Told are `inputs.x`, `inputs.x == 'y'` and ``inputs.x != `null` ``."""
    assumed = dict(names)
    for when in whens:
        for part in split(tree(str(when)), "and_expression"):
            told = _told(part, assumed)
            if told is not None:
                (name, field), known = told
                base = assumed[name]
                assumed[name] = base._replace(members={**(base.members or {}), field: known})
    return assumed


def _told(node: Node, names: Names) -> tuple[tuple[str, str], Known] | None:
    path = _path(node, names)
    if path is not None:
        return path, names[path[0]].member(path[1]).full
    if node["type"] != "comparator" or node["value"] not in ("eq", "ne"):
        return None
    for one, other in (node["children"], node["children"][::-1]):
        path = _path(one, names)
        if path is not None and other["type"] == "literal":
            known = names[path[0]].member(path[1])
            if node["value"] == "eq":
                return path, one_of([other["value"]])
            return (path, known.but_value(other["value"])) if known.types else None
    return None


def _path(node: Node, names: Names) -> tuple[str, str] | None:
    """The name and the field of `inputs.x`; None for anything else."""
    if node["type"] != "subexpression" or [child["type"] for child in node["children"]] != ["field", "field"]:
        return None
    name, field = (child["value"] for child in node["children"])
    return (name, field) if name in names and names[name].values is None else None


def looked_at(whens: Iterable[Text], saved: Mapping[str, Text]) -> frozenset[str]:
    """The names that conditions look at, `inputs.x` with its field; those of saved values with what these were made of."""
    found: set[str] = set()
    for when in whens:
        found |= _named(str(when))
        for name in reads(when, saved) & saved.keys():
            found |= _named(str(saved[name]))
    return frozenset(found)


@lru_cache(maxsize=1024)
def _named(text: str) -> frozenset[str]:
    return frozenset(_fields(tree(text)))


def _fields(node: Node) -> set[str]:
    """`a` and `a.b` wherever they are written."""
    found = {node["value"]} if node["type"] == "field" else set()
    if node["type"] == "subexpression" and all(child["type"] == "field" for child in node["children"]):
        found.add(".".join(child["value"] for child in node["children"]))
    for child in node["children"]:
        if isinstance(child, dict):
            found |= _fields(child)
    return found
