"""What pydantic says of a value that does not fit, in words for the person who wrote the value.

The words follow the name of the value: `size` *must be at least 1*. They never show the value itself, which may be
secret; whoever may show it does so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TYPES = {
    "string": "text",
    "text": "text",
    "is_instance_of": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "dict": "a mapping",
    "mapping": "a mapping",
    "model": "a mapping",
    "model_attributes": "a mapping",
    "list": "a list",
    "date": "a date",
    "datetime": "a date and time",
}
PATTERNS = {
    r"^[a-z][a-z0-9_]*$": "lower-case letters, digits and `_`, with a letter first",
    r"^[a-z_][a-z0-9_]*$": "lower-case letters, digits and `_`, with no digit first",
}
"""What the patterns of names ask for. The models hold no other patterns that a person meets."""


def wanted(detail: Mapping[str, Any]) -> str | None:
    """The type that was expected, where it is the type that does not fit: `text`, `a list`."""
    kind = str(detail["type"])
    for ending in ("_from_date_parsing", "_parsing_size", "_parsing", "_type", "_attributes_type", "_from_float"):
        kind = kind.removesuffix(ending)
    return _TYPES.get(kind)


def options(detail: Mapping[str, Any]) -> list[str] | None:
    """The words a value could have been, where they are few and named."""
    if detail["type"] not in ("literal_error", "enum"):
        return None
    return [word.strip(" '") for word in str(detail["ctx"]["expected"]).replace(" or ", ",").split(",")]


def told(detail: Mapping[str, Any]) -> str:
    """What is wrong with a value, in words that follow its name."""
    kind, limits = str(detail["type"]), detail.get("ctx", {})
    if kind == "missing":
        return "is missing"
    if kind == "extra_forbidden":
        return "is not known here"
    if words := options(detail):
        return f"must be {' or '.join(f'`{word}`' for word in words)}"
    if kind.endswith(("too_short", "too_long")):
        return _length(kind, limits)
    if kind == "string_pattern_mismatch":
        return f"must be {PATTERNS.get(limits['pattern'], 'text that matches `' + str(limits['pattern']) + '`')}"
    for key, bound in (("ge", "at least"), ("gt", "more than"), ("le", "at most"), ("lt", "less than")):
        if key in limits:
            return f"must be {bound} {limits[key]:g}"
    if kind == "finite_number":
        return "must be a finite number"
    if kind == "recursion_loop" or kind.startswith("recursion_"):
        return "is nested too deeply"
    expected = wanted(detail)
    return f"must be {expected}" if expected else f"does not fit: {str(detail['msg']).removeprefix('Value error, ')}"


def _length(kind: str, limits: Mapping[str, Any]) -> str:
    of = "character" if kind.startswith("string") else "item"
    if kind.endswith("short"):
        least = limits["min_length"]
        return "must not be empty" if least == 1 else f"must have at least {least} {of}s"
    most = limits["max_length"]
    return f"must have at most {most} {of}{'' if most == 1 else 's'}"
