"""Templates as trees: what Jinja reads in a text, once for each text."""

from __future__ import annotations

import re
from functools import lru_cache

from jinja2 import Environment, nodes

_JINJA = Environment(keep_trailing_newline=True)
_NAME = re.compile(r"\{\{ *([A-Za-z_]\w*(?:\.[A-Za-z_]\w*){0,15}) *\}\}", re.ASCII)
_WORDS = frozenset(("and", "else", "false", "False", "if", "in", "is", "none", "None", "not", "or", "true", "True"))
"""What is no name where a name could stand."""


@lru_cache(maxsize=4096)
def tree_of(text: str) -> nodes.Template:
    """The tree of a template. It is not to be changed: whoever asks next gets the same. Raises `TemplateSyntaxError`."""
    return _names_alone(text) or parsed(text)


def parsed(text: str) -> nodes.Template:
    """The tree as Jinja gives it. Jinja turns every line break into a line feed; here a carriage return stays what it is,
    hidden from Jinja behind a character that the text does not have."""
    if "\r" not in text:
        return _JINJA.parse(text)
    stand_in = next(mark for mark in map(chr, range(0xE000, 0xF900)) if mark not in text)
    tree = _JINJA.parse(text.replace("\r", stand_in))
    for node in tree.find_all(nodes.TemplateData):
        node.data = node.data.replace(stand_in, "\r")
    return tree


def pieces_of(text: str) -> list[str | tuple[str, ...]] | None:
    """What a template writes, where that is text and dotted names alone, as in nine of ten: each name by its parts. None of any
    other."""
    found: list[str | tuple[str, ...]] = []
    for place, part in enumerate(_NAME.split(text)):
        if place % 2 == 0:
            if "{" in part or "\r" in part:
                return None
            if part:
                found.append(part)
            continue
        name = tuple(part.split("."))
        if name[0] in _WORDS:
            return None
        found.append(name)
    return found


def _names_alone(text: str) -> nodes.Template | None:
    """The same tree where nothing but dotted names is filled in, at a tenth of the cost."""
    pieces = pieces_of(text)
    if pieces is None:
        return None
    found = [nodes.TemplateData(piece, lineno=1) if isinstance(piece, str) else _name(piece) for piece in pieces]
    return nodes.Template([nodes.Output(found, lineno=1)] if found else [], lineno=1)


def _name(path: tuple[str, ...]) -> nodes.Expr:
    value: nodes.Expr = nodes.Name(path[0], "load", lineno=1)
    for attribute in path[1:]:
        value = nodes.Getattr(value, attribute, "load", lineno=1)
    return value


def path_of(node: nodes.Node) -> tuple[str, ...] | None:
    """The dotted name that a node reads, by its parts; None of anything else."""
    if isinstance(node, nodes.Name):
        return (node.name,)
    if isinstance(node, nodes.Getattr):
        inner = path_of(node.node)
        return (*inner, node.attr) if inner else None
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
        inner = path_of(node.node)
        return (*inner, node.arg.value) if inner else None
    return None
