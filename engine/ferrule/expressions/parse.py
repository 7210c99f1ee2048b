"""Expression text to JMESPath trees, with every slip placed on its column.

The `jmespath` package parses. What it would only notice while it runs, or would let pass, is found here: unknown
functions, wrong numbers of arguments, arguments that can never fit, and text in backticks that is no JSON.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from jmespath.exceptions import IncompleteExpressionError, JMESPathError, LexerError, ParseError
from jmespath.parser import Parser

from ferrule.diagnostics import Code, Diagnostic, SpecError, did_you_mean
from ferrule.functions import FUNCTIONS, Function, Parameter, Type, type_of
from ferrule.source import Text

SYNTAX = Code("C310", "expression-syntax")
UNKNOWN_FUNCTION = Code("C311", "unknown-function")
ARITY = Code("C312", "function-arity")
ARGUMENT = Code("C314", "function-argument")
NEGATED = Code("C315", "part-of-negation")

MAX_LENGTH = 10_000
"""Characters in one expression."""

MAX_DEPTH = 150
"""Nodes within one another in the tree of one expression."""

Node = dict[str, Any]

_QUOTED = re.compile(r"""`(?P<json>(?:[^`\\]|\\.)*)` | '(?:[^'\\]|\\.)*' | "(?:[^"\\]|\\.)*" | (?P<open>[`'"])""", re.DOTALL | re.VERBOSE)
_CALL = re.compile(r"(?<![A-Za-z0-9_])[A-Za-z_][A-Za-z0-9_]*+(?=[ \t\n\r]*\()")
_STEP = re.compile(r'[A-Za-z_][A-Za-z0-9_]*|"[A-Za-z0-9_-]+"')
_PATH = re.compile(rf"(?:{_STEP.pattern})(?:\.(?:{_STEP.pattern}))*")
_WORD = re.compile(r"\w+|.", re.DOTALL)
_NOT = re.compile(r"!(?!=)")
_PARTS = ("subexpression", "index_expression", "filter_projection", "value_projection", "flatten")
"""Nodes that take a part of their first child."""


class ExpressionError(SpecError):
    """An expression that cannot be used. `diagnostics` says why, and where in its text."""


def parse(text: Text) -> Node:
    """The tree of an expression whose functions exist and get what they can take. It is not to be changed. Raises
    `ExpressionError`."""
    try:
        return tree_of(str(text))
    except ExpressionError:
        return _parsed(text)  # raises the same error, at its place in the file


@lru_cache(maxsize=8192)
def tree_of(source: str) -> Node:
    """The tree of an expression, by its characters alone."""
    return _path(source) or _parsed(Text(source))


def _path(source: str) -> Node | None:
    """The same tree where it is only a dotted name, as two of three expressions are, at a tenth of the cost."""
    if len(source) > MAX_LENGTH or not _PATH.fullmatch(source):
        return None
    fields: list[Node] = [{"type": "field", "children": [], "value": name.strip('"')} for name in _STEP.findall(source)]
    return fields[0] if len(fields) == 1 else {"type": "subexpression", "children": fields}


def _parsed(text: Text) -> Node:
    source = str(text)
    if len(source) > MAX_LENGTH:
        raise _error(text, 0, f"an expression of {len(source)} characters is longer than {MAX_LENGTH}")
    _check_literals(text)
    try:
        tree: Node = dict(Parser().parse(source).parsed)
    except JMESPathError as error:
        raise _syntax(text, error) from error
    except RecursionError as error:
        raise too_deep(text) from error
    except ValueError as error:
        raise _error(text, 0, "a number in the expression is too long") from error
    if depth(tree) > MAX_DEPTH:
        raise too_deep(text)
    if found := list(_check(text, tree)):
        raise ExpressionError(found)
    return tree


def _calls(source: str) -> dict[str, list[int]]:
    """The columns of calls, by name, in the order they are written."""
    places: dict[str, list[int]] = defaultdict(list)
    if _CALL.search(source):
        unquoted = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), source)
        for call in _CALL.finditer(unquoted):
            places[call[0]].append(call.start())
    return places


def _error(text: Text, offset: int, message: str, hint: str | None = None, length: int = 1) -> ExpressionError:
    return ExpressionError([Diagnostic(SYNTAX, text.at(offset, length), message, hint)])


def _syntax(text: Text, error: JMESPathError) -> ExpressionError:
    """The package's error in words for the author of a spec."""
    if "{{" in text:
        return _error(text, text.index("{{"), "this is an expression, not a template", "leave out the braces", 2)
    if not isinstance(error, ParseError):
        return _error(text, 0, "the expression is empty", "write `@` for the value itself")
    if isinstance(error, IncompleteExpressionError) or error.token_type == "EOF":
        return _error(text, len(text), "the expression ends too early")
    place = error.lex_position
    if "Quoted identifier" in error.msg:
        called = re.search(r'"(?:[^"\\]|\\.)*"\s*\(', text)
        return _error(text, called.start() if called else 0, "the name of a function is written without quotes")
    if isinstance(error, LexerError):
        if error.message.startswith("Unclosed"):
            return _error(text, place, f"`{text[place]}` is not closed")
        if text[place] == '"':
            return _error(text, place, "a name in double quotes is written as JSON text", length=len(error.lexer_value))
    word = _WORD.match(text, place)
    written = word[0] if word else text[place : place + 1]
    return _error(text, place, f"`{written}` is not expected here", _hint(text, place, written, error), len(written))


def _hint(text: Text, place: int, written: str, error: ParseError) -> str | None:
    if written == "=":
        return "compare with `==`"
    if written == "$":
        return "a path starts at the value itself: leave out `$.`"
    if written == "-" and text[place - 1 : place].isidentifier():
        return 'put a name with other characters than letters, digits and `_` in double quotes: `"user-name"`'
    if error.token_type == "NUMBER" or written == "-":
        return "write a number in backticks"
    if written in ("+", "/", "%"):
        return "expressions do not calculate"
    return None


def _check_literals(text: Text) -> None:
    """Refuse what is no JSON between backticks.

    The package takes it for text, a form that JEP 12 of JMESPath deprecates: `True` would be text that no boolean equals.
    """
    for quoted in _QUOTED.finditer(text):
        if quoted["open"]:
            return  # not closed: the parser says so
        if quoted["json"] is None:
            continue
        try:
            json.loads(quoted["json"].replace("\\`", "`"), parse_constant=_refuse)
        except RecursionError:
            raise too_deep(text) from None
        except ValueError:
            inner = quoted["json"].strip()
            as_json = inner.lower() if inner.lower() in ("true", "false", "null") else None
            hint = f"write `` `{as_json}` ``" if as_json else f"write text as '{inner}'"
            raise _error(text, quoted.start(), "what stands in backticks is JSON, and this is none", hint, len(quoted[0])) from None


def _refuse(word: str) -> Any:
    raise ValueError(word)


def too_deep(text: Text) -> ExpressionError:
    """The error for an expression with too many parts within one another."""
    return _error(text, 0, "the expression is nested too deeply", "save parts of it under names")


def depth(tree: Node) -> int:
    """How many nodes stand within one another, at most so many more than are allowed."""
    level, found = [tree], 0
    while level and found <= MAX_DEPTH:
        found += 1
        level = [child for node in level for child in node["children"] if isinstance(child, dict)]
    return found


def _check(text: Text, tree: Node) -> Iterator[Diagnostic]:
    """What is wrong with the nodes of a tree."""
    places = _calls(str(text))
    for node, is_argument in _in_order(tree):
        kind = node["type"]
        if kind == "function_expression":
            name = node["value"]
            place = places[name].pop(0) if places[name] else 0
            yield from (Diagnostic(code, text.at(place, len(name)), message, hint) for code, message, hint in _call(name, node["children"]))
        elif kind == "expref" and not is_argument:
            yield Diagnostic(SYNTAX, text.at(max(0, text.find("&"))), "`&` stands only before an argument of a function")
        elif kind == "slice" and node["children"][2] == 0:
            yield Diagnostic(SYNTAX, text.at(max(0, text.find(":"))), "a slice cannot have a step of 0")
        elif kind in _PARTS and _is_part_of_negation(node):
            mark = _NOT.search(text)
            message = "`!` binds more tightly than what follows a name: `!a.b` is read as `(!a).b`, which is always null"
            yield Diagnostic(NEGATED, text.at(mark.start() if mark else 0), message, "put the whole path in parentheses: `!(a.b)`")


def _in_order(tree: Node) -> Iterator[tuple[Node, bool]]:
    """Each node of a tree in the order they are written, and whether it is an argument of a function."""
    waiting = [(tree, False)]
    while waiting:
        node, is_argument = waiting.pop()
        yield node, is_argument
        children, kind = node["children"], node["type"]
        if kind == "filter_projection":
            children = [children[0], children[2], children[1]]  # the condition is written before what follows it
        if kind != "slice":  # which has numbers
            waiting += [(child, kind == "function_expression") for child in reversed(children)]


def _is_part_of_negation(node: Node) -> bool:
    """Whether the node takes a member or an item of `true` or `false`. A function or a multiselect may have a use for them."""
    if node["children"][0]["type"] != "not_expression":
        return False
    return node["type"] != "subexpression" or node["children"][1]["type"] not in (
        "function_expression",
        "multi_select_dict",
        "multi_select_list",
    )


def _call(name: str, arguments: list[Node]) -> Iterator[tuple[Code, str, str | None]]:
    function = FUNCTIONS.get(name)
    if function is None:
        yield UNKNOWN_FUNCTION, f"there is no function `{name}`", did_you_mean(name, FUNCTIONS)
        return
    if len(arguments) < function.least or (function.most is not None and len(arguments) > function.most):
        yield ARITY, f"`{name}` takes {_count(function)}, and here are {len(arguments)}", f"write `{function}`"
        return
    for parameter, argument in zip(function.signature, arguments, strict=False):
        yield from _argument(name, parameter, argument)


def _count(function: Function) -> str:
    if function.most is None:
        return f"{function.least} or more arguments"
    several = f"{function.least} to {function.most}" if function.least != function.most else str(function.most)
    return f"{several} argument{'' if function.most == 1 else 's'}"


def _argument(name: str, parameter: Parameter, argument: Node) -> Iterator[tuple[Code, str, str | None]]:
    """An argument that can never fit its parameter."""
    is_literal = argument["type"] == "literal"
    if (argument["type"] == "expref") != (parameter.type is Type.EXPREF):
        what = "an expression for each item" if parameter.type is Type.EXPREF else "a value, not an expression"
        yield (
            ARGUMENT,
            f"`{parameter.name}` of `{name}` is {what}",
            "write `&` before it" if parameter.type is Type.EXPREF else "leave out the `&`",
        )
    elif is_literal and not (type_of(argument["value"]) or Type(0)) & parameter.type:
        yield ARGUMENT, f"`{parameter.name}` of `{name}` is {parameter.type}, not {type_of(argument['value'])}", None
    elif parameter.prepare is not None and not is_literal:
        yield ARGUMENT, f"`{parameter.name}` of `{name}` is a literal", f"write `'{parameter.name}'`, in quotes"
    elif parameter.prepare is not None:
        try:
            parameter.prepare(argument["value"])
        except ValueError as error:
            yield ARGUMENT, f"`{parameter.name}` of `{name}`: {error}", None
