"""Functions over values of any type: lists, objects, JSON in text, the bits of a number."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

from ferrule.functions.signature import type_of

_DECIMAL = re.compile(r"\s*[+-]?[0-9]{1,40}\s*", re.ASCII)


def to_text(value: Any) -> str | None:
    """The value as text: a number in decimal digits, a boolean as `true` or `false`.

    >>> to_text(id)  # {"id": 9007199254740993}
    "9007199254740993"
    >>> to_text(size)  # {"size": 1e21}
    "1000000000000000000000"
    >>> to_text(admin)  # {"admin": true}
    "true"
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    if not text[-1].isdigit():
        raise ValueError(f"{text} is not a number that has digits")
    if "e" not in text:
        return text.removesuffix(".0")
    return format(Decimal(text), "f")


def as_list(value: Any) -> list[Any]:
    """An array as it is, null as an empty array, anything else as the one item of an array.

    >>> as_list(member)  # {"member": {"id": 1}}
    [{"id": 1}]
    >>> as_list(member)  # {}
    []
    """
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def null_if(value: Any, other: Any) -> Any:
    """Null where the value equals the other, for apps that write "none" as a value; the value itself where not.

    >>> null_if(last_login, `0`)  # {"last_login": 0}
    null
    >>> null_if(last_login, `0`)  # {"last_login": 1700000000}
    1700000000
    """
    return None if _identity(value) == _identity(other) else value


def unique(array: list[Any] | None) -> list[Any] | None:
    """The items of the array, each once, where it first occurs.

    >>> unique(roles)  # {"roles": ["admin", "user", "admin"]}
    ["admin", "user"]
    """
    if array is None:
        return None
    seen: dict[Any, Any] = {}
    for item in array:
        seen.setdefault(_identity(item), item)
    return list(seen.values())


def chunks(array: list[Any] | None, size: float) -> list[list[Any]] | None:
    """The array cut into arrays of at most so many items, in order; an empty one gives none.

    >>> chunks(ids, `2`)  # {"ids": ["a", "b", "c"]}
    [["a", "b"], ["c"]]
    """
    if array is None:
        return None
    length = _integer(size)
    if length < 1:
        raise ValueError("a chunk has at least one item")
    return [array[start : start + length] for start in range(0, len(array), length)]


def _identity(value: Any) -> Any:
    """A key that two values share only where they are equal: `true` is not `1`, and `1` is `1.0`."""
    if isinstance(value, (list, dict)):
        return json.dumps(value, sort_keys=True, default=str), list
    return value, type_of(value)


def entries(value: dict[str, Any] | None) -> list[dict[str, Any]] | None:
    """The members of an object as an array of objects with `key` and `value`.

    >>> entries(quota)  # {"quota": {"disk": 5, "mail": 2}}
    [{"key": "disk", "value": 5}, {"key": "mail", "value": 2}]
    """
    return None if value is None else [{"key": key, "value": item} for key, item in value.items()]


def from_pairs(pairs: list[Any] | None, key: str = "key", value: str = "value") -> dict[str, Any] | None:
    """An object made of an array of pairs: objects that hold a name and a value under the two keys given, or arrays of
    two. Of several pairs with one name the last counts.

    >>> from_pairs(fields, 'name', 'text')  # {"fields": [{"name": "dept", "text": "IT"}, {"name": "site", "text": "Oslo"}]}
    {"dept": "IT", "site": "Oslo"}
    >>> from_pairs(fields)  # {"fields": [["dept", "IT"]]}
    {"dept": "IT"}
    """
    if pairs is None:
        return None
    return dict(_pair(pair, key, value) for pair in pairs)


def _pair(pair: Any, key: str, value: str) -> tuple[str, Any]:
    found = (pair.get(key), pair.get(value)) if isinstance(pair, dict) else tuple(pair) if isinstance(pair, list) else ()
    if len(found) != 2 or not isinstance(found[0], str):
        raise ValueError(f"an item is no pair of a text `{key}` and a `{value}`")
    return found


def zip_columns(columns: list[Any] | None, row: list[Any] | None) -> dict[str, Any] | None:
    """An object made of the names of columns and the values of a row, which are as many.

    >>> zip(columns, @)  # ["7", "ann"] with {"columns": ["id", "login"]}
    {"id": "7", "login": "ann"}
    """
    if columns is None or row is None:
        return None
    if len(columns) != len(row):
        raise ValueError(f"a row of {len(row)} values does not fit {len(columns)} columns")
    if not all(isinstance(column, str) for column in columns):
        raise ValueError("the name of a column is not text")
    return dict(zip(columns, row, strict=True))


def lookup(table: dict[str, Any] | None, key: Any, default: Any = None) -> Any:
    """The member of an object that a value names, or the default. A number or a boolean names the member written like it.

    >>> lookup(`{"1": "ACTIVE", "2": "SUSPENDED"}`, state)  # {"state": 2}
    "SUSPENDED"
    >>> lookup(`{"1": "ACTIVE"}`, state, 'PENDING')  # {"state": null}
    "PENDING"
    """
    name = to_text(key)
    return default if table is None or name is None else table.get(name, default)


def parse_json(text: str | None) -> Any:
    r"""The value that a text of JSON holds.

    >>> parse_json(claims).sub  # {"claims": "{\"sub\": \"ann\"}"}
    "ann"
    """
    if text is None:
        return None
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise ValueError("not JSON") from error


def _refuse(word: str) -> Any:
    raise ValueError(word)


def has_bit(value: float | str | None, bit: float) -> bool | None:
    """Whether the bit is set in an integer, which may be written as text; of several bits, whether all are.

    >>> has_bit(userAccountControl, `2`)  # {"userAccountControl": "514"}
    true
    """
    return None if value is None else _integer(value) & _integer(bit) == _integer(bit)


def set_bit(value: float | str | None, bit: float) -> int | None:
    """The integer with the bit set.

    >>> set_bit(userAccountControl, `2`)  # {"userAccountControl": "512"}
    514
    """
    return None if value is None else _integer(value) | _integer(bit)


def clear_bit(value: float | str | None, bit: float) -> int | None:
    """The integer with the bit cleared.

    >>> clear_bit(userAccountControl, `2`)  # {"userAccountControl": 514}
    512
    """
    return None if value is None else _integer(value) & ~_integer(bit)


def _integer(value: float | str) -> int:
    if (
        isinstance(value, int)
        or (isinstance(value, float) and value.is_integer())
        or (isinstance(value, str) and _DECIMAL.fullmatch(value))
    ):
        return int(value)
    raise ValueError("not an integer")
