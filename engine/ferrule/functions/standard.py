"""The functions of the JMESPath specification, as the `jmespath` package runs them.

Arguments are checked as there, by the package's own code where they are not plainly right, so that every result and every
refusal is the same.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jmespath.functions

from ferrule.functions.signature import Function, Parameter, Type

_PACKAGE = jmespath.functions.Functions()
_JSON_NAMES = {"array": Type.ARRAY, "object": Type.OBJECT, "string": Type.STRING, "number": Type.NUMBER, "expref": Type.EXPREF}


def _parameter(name: str, described: dict[str, Any]) -> Parameter:
    """The package writes types as `['array-number', 'array-string']`; an empty list takes anything."""
    type_, items = Type(0), Type(0)
    for word in described["types"]:
        outer, _, inner = word.partition("-")
        type_ |= _JSON_NAMES[outer]
        items |= _JSON_NAMES[inner] if inner else Type(0)
    return Parameter(name, type_ or Type.ANY, items=items or None, many=bool(described.get("variadic")))


def _function(name: str, parameters: str, returns: Type, description: str, *example: str) -> Function:
    described = _PACKAGE.FUNCTION_TABLE[name]
    signature = tuple(map(_parameter, parameters.split(), described["signature"]))
    call: Callable[..., Any] = partial(described["function"], _PACKAGE)
    strict: Callable[..., Any] = _join if name == "join" else partial(_call, name)
    return Function(name, call, signature, returns, "\n".join((description, "", *example)), strict)


def _call(name: str, *arguments: Any) -> Any:
    return _PACKAGE.call_function(name, arguments)


def _join(separator: Any, array: Any) -> Any:
    if type(separator) is str and type(array) is list:
        try:
            return separator.join(array)
        except TypeError:
            pass  # an item is not text: the package says which
    return _call("join", separator, array)


STANDARD = (
    _function("abs", "number", Type.NUMBER, "The number without its sign.", ">>> abs(`-2`)", "2"),
    _function("avg", "numbers", Type.NUMBER | Type.NULL, "The mean of the numbers; null for none.", ">>> avg(`[1, 2]`)", "1.5"),
    _function("ceil", "number", Type.NUMBER, "The next integer upwards.", ">>> ceil(`1.2`)", "2"),
    _function(
        "contains",
        "subject search",
        Type.BOOLEAN,
        "Whether an array holds a value, or a text another.",
        '>>> contains(roles, \'admin\')  # {"roles": ["admin"]}',
        "true",
    ),
    _function(
        "ends_with", "text suffix", Type.BOOLEAN, "Whether the text ends so.", ">>> ends_with('ann@acme.example', '.example')", "true"
    ),
    _function("floor", "number", Type.NUMBER, "The next integer downwards.", ">>> floor(`1.8`)", "1"),
    _function(
        "join",
        "separator texts",
        Type.STRING,
        "The texts of an array in one, with the separator between them.",
        '>>> join(\' \', [first, last])  # {"first": "Ann", "last": "Doe"}',
        '"Ann Doe"',
    ),
    _function("keys", "object", Type.ARRAY, "The names of an object's members.", '>>> keys(@)  # {"a": 1, "b": 2}', '["a", "b"]'),
    _function(
        "length",
        "value",
        Type.NUMBER,
        "How many items, members or characters there are.",
        '>>> length(members)  # {"members": [1, 2]}',
        "2",
    ),
    _function(
        "map",
        "expression array",
        Type.ARRAY,
        "The result of the expression for every item, nulls included.",
        '>>> map(&id, @)  # [{"id": 1}, {}]',
        "[1, null]",
    ),
    _function(
        "max",
        "values",
        Type.NUMBER | Type.STRING | Type.NULL,
        "The largest of numbers or texts; null for none.",
        ">>> max(`[1, 3, 2]`)",
        "3",
    ),
    _function(
        "max_by",
        "array expression",
        Type.ANY,
        "The item for which the expression is largest; null for none.",
        '>>> max_by(@, &at).id  # [{"id": 1, "at": 5}, {"id": 2, "at": 9}]',
        "2",
    ),
    _function(
        "merge",
        "object",
        Type.OBJECT,
        "The members of all objects in one; the last of a name counts.",
        '>>> merge(`{"a": 1}`, `{"b": 2}`)',
        '{"a": 1, "b": 2}',
    ),
    _function(
        "min",
        "values",
        Type.NUMBER | Type.STRING | Type.NULL,
        "The smallest of numbers or texts; null for none.",
        '>>> min(`["b", "a"]`)',
        '"a"',
    ),
    _function(
        "min_by",
        "array expression",
        Type.ANY,
        "The item for which the expression is smallest; null for none.",
        '>>> min_by(@, &at).id  # [{"id": 1, "at": 5}, {"id": 2, "at": 9}]',
        "1",
    ),
    _function(
        "not_null",
        "value",
        Type.ANY,
        "The first value that is not null. Unlike `||` it keeps false and empty ones.",
        '>>> not_null(nick, name, \'?\')  # {"nick": null, "name": ""}',
        '""',
    ),
    _function(
        "reverse", "value", Type.ARRAY | Type.STRING, "The items or characters from last to first.", ">>> reverse(`[1, 2]`)", "[2, 1]"
    ),
    _function("sort", "values", Type.ARRAY, "Numbers or texts in order.", '>>> sort(`["b", "a"]`)', '["a", "b"]'),
    _function(
        "sort_by",
        "array expression",
        Type.ARRAY,
        "The items in the order of what the expression gives.",
        '>>> sort_by(@, &at)[].id  # [{"id": 1, "at": 5}, {"id": 2, "at": 3}]',
        "[2, 1]",
    ),
    _function("starts_with", "text prefix", Type.BOOLEAN, "Whether the text begins so.", ">>> starts_with('svc-backup', 'svc-')", "true"),
    _function(
        "sum", "numbers", Type.NUMBER, "The sum of the numbers.", '>>> sum(seats[].used)  # {"seats": [{"used": 2}, {"used": 3}]}', "5"
    ),
    _function(
        "to_array",
        "value",
        Type.ARRAY,
        "An array as it is, any other value, null included, as the one item of an array.",
        ">>> to_array(`7`)",
        "[7]",
    ),
    _function(
        "to_number",
        "value",
        Type.NUMBER | Type.NULL,
        "The number that a text writes; null where it writes none.",
        ">>> to_number('7')",
        "7",
    ),
    _function("to_string", "value", Type.STRING, "Text as it is, any other value as JSON.", ">>> to_string(`[1, true]`)", '"[1,true]"'),
    _function("type", "value", Type.STRING, "The name of the value's type.", ">>> type(`[]`)", '"array"'),
    _function("values", "object", Type.ARRAY, "The values of an object's members.", '>>> values(@)  # {"a": 1, "b": 2}', "[1, 2]"),
)
"""Every function of the JMESPath specification."""
