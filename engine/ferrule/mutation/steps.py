"""Slips in the order of steps: one that is missing, two that changed places."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ferrule.lint.infer import Node, tree
from ferrule.lint.logic import form, split
from ferrule.mutation.tree import Change, Site, items_swapped, items_without
from ferrule.request import truth
from ferrule.source import Series, Table, Text
from ferrule.wire.difference import canonical


def drop_step(site: Site) -> Iterator[Change]:
    """A step that is not taken."""
    if site.role in ("steps", "prepare"):
        for index, span in enumerate(site.value.spans):
            yield Change(span, f"step {index + 1} was dropped", items_without(site.value, index))


def swap_steps(site: Site) -> Iterator[Change]:
    """Two steps in the wrong order. Of two whose `when`s exclude each other at most one is taken, and there is no order."""
    if site.role in ("steps", "prepare"):
        for index in range(len(site.value) - 1):
            if not _exclude(site.value, index):
                yield Change(site.value.spans[index], f"steps {index + 1} and {index + 2} were swapped", items_swapped(site.value, index))


def _exclude(steps: Series, index: int) -> bool:
    """Whether the `when`s of a step and the one behind it cannot both hold, whatever the two steps themselves save."""
    first, second = (_asked(steps, at) for at in (index, index + 1))
    saved = _saves(steps[index]) | _saves(steps[index + 1])
    return any(_contradict(one, other) for one in first for other in second if not saved & (_fields(one) | _fields(other)))


def _asked(steps: Series, index: int) -> list[Node]:
    """All that has to hold for a step to be taken, joined by `&&`. A name that is there only where another step was taken
    asks what that step asks."""
    when = steps[index].get("when")
    found = split(tree(str(when)), "and_expression") if isinstance(when, Text) else []
    for node in list(found):
        givers = [at for at in range(index) if node["type"] == "field" and node["value"] in _saves(steps[at])]
        if len(givers) == 1:
            found += _asked(steps, givers[0])
    return found


def _contradict(one: Node, other: Node) -> bool:
    return _denies(one, other) or _denies(other, one)


def _denies(claim: Node, other: Node) -> bool:
    """Whether a predicate says that another one is not so: `!x` and `x == ''` of `x`, `x == 'b'` and `x != 'a'` of `x == 'a'`."""
    if other["type"] == "not_expression":
        return form(other["children"][0]) == form(claim)
    said, claimed = _compared(other), _compared(claim)
    if said is not None and said[0] == "eq" and said[1] == form(claim):
        return not truth(said[2])
    if said is None or claimed is None or claimed[0] != "eq" or said[1] != claimed[1]:
        return False
    return (said[0] == "ne") == (canonical(said[2]) == canonical(claimed[2]))


def _compared(node: Node) -> tuple[str, str, Any] | None:
    """`eq` or `ne`, what is compared, and the constant that it is compared with."""
    if node["type"] != "comparator" or node["value"] not in ("eq", "ne"):
        return None
    constants = [child for child in node["children"] if child["type"] == "literal"]
    others = [form(child) for child in node["children"] if child["type"] != "literal"]
    return (node["value"], others[0], constants[0]["value"]) if len(others) == 1 else None


def _saves(step: Table) -> frozenset[str]:
    return frozenset(map(str, step.get("save", ())))


def _fields(node: Node) -> frozenset[str]:
    """Every name that is read anywhere in an expression, and more."""
    own = {node["value"]} if node["type"] == "field" else set()
    return frozenset(own).union(*(_fields(child) for child in node["children"] if isinstance(child, dict)))
