"""The functions that expressions may call.

Each is pure: the same arguments give the same result, now and on another machine, so there is none that tells the time
or draws a number. Where nothing else is said, null gives null.
"""

from __future__ import annotations

from ferrule.functions import patterns, strings, times, values
from ferrule.functions.signature import Function, Parameter, Type, function, type_of
from ferrule.functions.standard import STANDARD

__all__ = ["FUNCTIONS", "STANDARD", "Function", "Parameter", "Type", "type_of"]


_TEXT = Type.STRING | Type.NULL
_INTEGER = Type.NUMBER | Type.STRING | Type.NULL
_SEPARATOR = Parameter("separator", Type.STRING)
_PATTERN = Parameter("pattern", Type.STRING, prepare=patterns.read)
_BIT = Parameter("bit", Type.NUMBER)

_OWN = (
    # text
    function("lower", strings.lower, Parameter("text", _TEXT), returns=_TEXT),
    function("upper", strings.upper, Parameter("text", _TEXT), returns=_TEXT),
    function("trim", strings.trim, Parameter("text", _TEXT), returns=_TEXT),
    function("split", strings.split, Parameter("text", _TEXT | Type.ARRAY), _SEPARATOR, returns=Type.ARRAY | Type.NULL),
    function("lines", strings.lines, Parameter("text", _TEXT), returns=Type.ARRAY | Type.NULL),
    function(
        "replace", strings.replace, Parameter("text", _TEXT), Parameter("old", Type.STRING), Parameter("new", Type.STRING), returns=_TEXT
    ),
    function(
        "substring",
        strings.substring,
        Parameter("text", _TEXT),
        Parameter("start", Type.NUMBER),
        Parameter("end", Type.NUMBER, required=False),
        returns=_TEXT,
    ),
    function("before", strings.before, Parameter("text", _TEXT), _SEPARATOR, returns=_TEXT),
    function("after", strings.after, Parameter("text", _TEXT), _SEPARATOR, returns=_TEXT),
    function("matches", strings.matches, Parameter("text", _TEXT), _PATTERN, returns=Type.BOOLEAN | Type.NULL),
    function("capture", strings.capture, Parameter("text", _TEXT), _PATTERN, returns=_TEXT),
    function("url_path_decode", strings.url_path_decode, Parameter("text", _TEXT), returns=_TEXT),
    function("parent_dn", strings.parent_dn, Parameter("text", _TEXT), returns=_TEXT),
    function("base64_decode", strings.base64_decode, Parameter("text", _TEXT), returns=_TEXT),
    # values
    function("to_text", values.to_text, Parameter("value", _TEXT | Type.NUMBER | Type.BOOLEAN), returns=_TEXT),
    function("as_list", values.as_list, Parameter("value", Type.ANY), returns=Type.ARRAY),
    function("null_if", values.null_if, Parameter("value", Type.ANY), Parameter("other", Type.ANY), returns=Type.ANY),
    function("unique", values.unique, Parameter("array", Type.ARRAY | Type.NULL), returns=Type.ARRAY | Type.NULL),
    function(
        "chunks", values.chunks, Parameter("array", Type.ARRAY | Type.NULL), Parameter("size", Type.NUMBER), returns=Type.ARRAY | Type.NULL
    ),
    function("entries", values.entries, Parameter("object", Type.OBJECT | Type.NULL), returns=Type.ARRAY | Type.NULL),
    function(
        "from_pairs",
        values.from_pairs,
        Parameter("pairs", Type.ARRAY | Type.NULL),
        Parameter("key", Type.STRING, required=False),
        Parameter("value", Type.STRING, required=False),
        returns=Type.OBJECT | Type.NULL,
    ),
    function(
        "zip",
        values.zip_columns,
        Parameter("columns", Type.ARRAY | Type.NULL),
        Parameter("row", Type.ARRAY | Type.NULL),
        returns=Type.OBJECT | Type.NULL,
    ),
    function(
        "lookup",
        values.lookup,
        Parameter("object", Type.OBJECT | Type.NULL),
        Parameter("key", _TEXT | Type.NUMBER | Type.BOOLEAN),
        Parameter("default", Type.ANY, required=False),
        returns=Type.ANY,
    ),
    function("parse_json", values.parse_json, Parameter("text", _TEXT), returns=Type.ANY),
    function("has_bit", values.has_bit, Parameter("integer", _INTEGER), _BIT, returns=Type.BOOLEAN | Type.NULL),
    function("set_bit", values.set_bit, Parameter("integer", _INTEGER), _BIT, returns=Type.NUMBER | Type.NULL),
    function("clear_bit", values.clear_bit, Parameter("integer", _INTEGER), _BIT, returns=Type.NUMBER | Type.NULL),
    # times
    function(
        "date",
        times.date,
        Parameter("text", _TEXT),
        Parameter("layout", Type.STRING, required=False, prepare=times.read_layout),
        returns=_TEXT,
    ),
    function("to_epoch", times.to_epoch, Parameter("text", _TEXT), returns=Type.NUMBER | Type.NULL),
    function("from_epoch", times.from_epoch, Parameter("seconds", _INTEGER), returns=_TEXT),
    function("from_epoch_ms", times.from_epoch_ms, Parameter("milliseconds", _INTEGER), returns=_TEXT),
    function("from_filetime", times.from_filetime, Parameter("filetime", _INTEGER), returns=_TEXT),
)

FUNCTIONS: dict[str, Function] = {entry.name: entry for entry in (*STANDARD, *_OWN)}
"""Every function that expressions may call, by name."""
