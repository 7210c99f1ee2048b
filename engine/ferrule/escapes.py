"""How a value is written where it lands, so that untrusted text never becomes structure.

`Landing` names the place. A value in a path is percent-encoded as one segment, in a header it may hold no line break,
in XML text it is escaped. Query parameters, form fields and JSON leaves are encoded whole when the request is written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal
from urllib.parse import quote
from xml.sax.saxutils import escape

from ferrule.secret import Secret

Landing = Literal["leaf", "path", "header", "xml"]


class Unfit(TypeError):
    """A value that cannot be written where it stands."""


class Raw(str):
    """Text that its author asked to be written as it is."""

    __slots__ = ()


def text_of(value: Any) -> str:
    """The text form of a scalar: booleans as JSON writes them, numbers in decimal. Raises `Unfit` for the rest."""
    if isinstance(value, str):
        return value
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if value is None:
        raise Unfit("null has no text form")
    raise Unfit(f"{'a list' if isinstance(value, (list, tuple)) else 'an object'} has no text form")


def path_segment(text: str) -> str:
    """Percent-encode `text` as one path segment (RFC 3986, section 3.3): `/` becomes `%2F`, and `.` and `..`, which a
    server would resolve as steps, are encoded too."""
    return "%2E" * len(text) if text in (".", "..") else quote(text, safe="")


def header_text(text: str) -> str:
    """`text` unchanged, or `Unfit` where it would break out of its header line (RFC 9110, section 5.5)."""
    if any(c in "\r\n\0" for c in text):
        raise Unfit("a header value may not contain a line break")
    return text


def string_literal(text: str) -> str:
    """`text` between single quotes, for SQL-like dialects that double the quote (SQL-92, SuiteQL, Snowflake)."""
    return "'" + text.replace("'", "''") + "'"


def backslash_literal(text: str) -> str:
    """`text` between single quotes with backslash escapes, as SOQL reads it (Salesforce: Quoted String Escape Sequences)."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def filter_string(text: str) -> str:
    """`text` between double quotes as a JSON string, as SCIM filters read it (RFC 7644, section 3.4.2.2)."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


_XML = {'"': "&quot;", "'": "&#39;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}


def xml_text(text: str) -> str:
    """`text` for an element or a quoted attribute (XML 1.0, sections 2.4 and 3.3.3): quotes are escaped too, and white space
    that a reader would change."""
    return escape(text, _XML)


LANDINGS: Mapping[Landing, Callable[[str], str]] = {"leaf": str, "path": path_segment, "header": header_text, "xml": xml_text}
