"""What expressions see of an LDAP answer.

body.code, body.result     the result code and its name: 32, `noSuchObject`
body.message               the server's words, or the name where it has none
body.entries               of a search, the entries: `dn`, and each attribute with the list of its values
body.cursor                of a search that was asked in pages, what asks for the next one; null at the end
body.references            addresses of servers that hold more; nobody follows them
body.matches               of a compare, whether the value was there
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from ferrule.decoding.decoder import DecodeError, printable
from ferrule.ldap.results import name_of
from ferrule.shape import JSON

RANGE = re.compile(r"(.+);range=(\d+)-(\d+|\*)", re.IGNORECASE)
"""An attribute of which only some values came, and which (MS-ADTS, section 3.1.1.3.1.3.3)."""


@dataclass(frozen=True, slots=True)
class LdapDecoder:
    """Reads what the LDAP wire writes. Attributes are called as the spec calls them, whatever their letters' case on the wire.
    A value that the wire could not write as text comes as `{"base64": …}`, and is an error."""

    names: Mapping[str, str] = field(default_factory=dict)
    """Each attribute that the spec names, by its lower case."""
    syntaxes: Mapping[str, str] = field(default_factory=dict)
    """By lower case, the syntax of those that are not text."""

    def decode(self, content: bytes, charset: str) -> JSON:
        try:
            told = orjson.loads(content)
            entries = [self._entry(entry) for entry in told.pop("entries", [])]
            code = told["code"]
        except (ValueError, TypeError, KeyError, AttributeError):
            raise DecodeError("not what an LDAP server answers") from None
        name = name_of(code)
        more = {"matches": code == 6} if code in (5, 6) else {}
        return {"references": [], "cursor": None, **told, "result": name, "message": told.get("message") or name, "entries": entries} | more

    def _entry(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = {"dn": entry["dn"]}
        for written, values in entry["attributes"].items():
            part = RANGE.fullmatch(written)
            name = self.names.get((part[1] if part else written).lower(), part[1] if part else written)
            made[name] = [*made.get(name, ()), *(self._value(name, value) for value in values)]
            if part and part[3] != "*":
                made[f"{name};range"] = f"{int(part[3]) + 1}-*"
        return made

    def _value(self, name: str, value: Any) -> str:
        if not isinstance(value, dict):
            return str(value)
        syntax, attribute = self.syntaxes.get(name.lower()), f"a value of the attribute `{printable(name)[:60]}`"
        if syntax is None:
            raise DecodeError(f"{attribute} is not text", "say what it is under `ldap.attributes`")
        raise DecodeError(f"{attribute} is no {syntax}")
