"""How a value is written where it lands, so that untrusted text never becomes structure.

`Landing` names the place. A value in a path is percent-encoded as one segment, in a header it may hold no line break,
in XML text it is escaped, in a distinguished name it is one part of it, in an LDAP filter one value. Query parameters, form
fields and JSON leaves are encoded whole when the request is written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal
from urllib.parse import quote
from xml.sax.saxutils import escape

from ferrule.secret import Secret

Landing = Literal["leaf", "path", "header", "xml", "dn", "filter"]


class Unfit(TypeError):
    """A value that cannot be written where it stands."""


class Raw(str):
    """Text that its author asked to be written as it is."""

    __slots__ = ()


class Dn(str):
    """Text that is a whole distinguished name."""

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


_IN_DN = re.compile(r"[\"#+,;<=>\\\x00-\x1f\x7f]|^ | \Z")
_IN_FILTER = re.compile(r"[*()\\\x00-\x1f\x7f]")


def dn_value(text: str) -> str:
    """`text` as one value within a distinguished name (RFC 4514, section 2.4). A whole name, which the filter `dn` has
    checked, stays as it is."""
    return text if isinstance(text, Dn) else _IN_DN.sub(lambda found: f"\\{found[0]}" if found[0].isprintable() else _hex(found[0]), text)


def filter_value(text: str) -> str:
    """`text` as one value within an LDAP filter (RFC 4515, section 3): it is compared as it is, and no wildcard in it counts."""
    return _IN_FILTER.sub(lambda found: _hex(found[0]), text)


def _hex(character: str) -> str:
    return f"\\{ord(character):02x}"


_ATTRIBUTE = r"(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+)"
_VALUE = r'(?:\\(?:[ "#+,;<=>\\]|[0-9a-fA-F]{2})|[^"+,;<>\\\x00])*'
_RDN = rf"{_ATTRIBUTE} ?= ?{_VALUE}(?:\+{_ATTRIBUTE} ?= ?{_VALUE})*"
_DN = re.compile(rf"{_RDN}(?:, ?{_RDN})*|<(?:GUID|SID)=[0-9A-Za-z-]+>", re.DOTALL)


def rdn_of(name: str) -> str:
    """The first part of a distinguished name: what stands before the first comma that is not escaped (RFC 4514, section 3)."""
    at = 0
    while at < len(name) and name[at] != ",":
        at += 2 if name[at] == "\\" else 1
    return name[:at]


def whole_dn(text: str) -> Dn:
    """`text`, which must be a whole distinguished name (RFC 4514), or one of Active Directory's other ways to name an entry,
    `<GUID=…>` and `<SID=…>` (MS-ADTS, section 3.1.1.3.1.2.4). The empty name, which stands above all others, is none."""
    if not _DN.fullmatch(text):
        raise Unfit("this is not a whole distinguished name")
    return Dn(text)


LANDINGS: Mapping[Landing, Callable[[str], str]] = {
    "leaf": str,
    "path": path_segment,
    "header": header_text,
    "xml": xml_text,
    "dn": dn_value,
    "filter": filter_value,
}
