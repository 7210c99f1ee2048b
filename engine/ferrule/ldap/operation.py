"""An LDAP operation as a spec says it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ferrule.diagnostics import Code
from ferrule.escapes import Landing
from ferrule.ldap.answer import LdapDecoder
from ferrule.ldap.syntax import Syntax
from ferrule.shape import Compiler, Flag, SpecModel
from ferrule.source import Text
from ferrule.templates import Scope

OPERATIONS = ("search", "compare", "add", "modify", "delete", "modify_dn")
READS = ("search", "compare")
_KEYS = {
    "search": {"scope", "filter", "attributes"},
    "compare": {"attribute", "value"},
    "add": {"attributes"},
    "modify": {"changes"},
    "delete": set(),
    "modify_dn": {"new_rdn", "new_superior", "delete_old_rdn"},
}
_NEEDED = {"search": ("attributes",), "compare": ("attribute", "value"), "add": ("attributes",), "modify": ("changes",)}

FILTER_SYNTAX = Code("C324", "filter-syntax")

Build = Callable[[Scope], Any]
Leaf = Callable[[Any, Landing], Build]
"""What makes a value of a spec into a part of a request."""
Connection = tuple[tuple[str, Build], ...]
"""How a connection is made, by name."""


class LdapSettings(SpecModel):
    """What all LDAP requests share."""

    start_tls: Any = True
    """Whether a connection to an `ldap://` address is made secure by StartTLS before anything else is said on it: true, false,
    or a template of one of these. An `ldaps://` address is secure by itself."""
    certificate_authority: Text | None = None
    """Template of the certificates, in PEM, of the authorities that the server's certificate is checked against. Without it, or
    where it is null, those that the machine trusts."""
    attributes: dict[str, Syntax] = {}
    """Attributes that are not text, and what they are: `objectGUID: guid`."""

    def connection(self, leaf: Leaf) -> Connection:
        """How a connection is made, as the LDAP wire reads it."""
        return (("start-tls", leaf(self.start_tls, "leaf")), ("certificate-authority", leaf(self.certificate_authority, "leaf")))


class LdapSpec(SpecModel):
    """One LDAP operation. Exactly one operation key holds the name of the entry that it is about."""

    search: Text | None = None
    """Template of the name (DN) that the search starts at. Each value written into it is one part of a name; `| dn` lets it be a
    whole one."""
    compare: Text | None = None
    """The entry that is asked whether it has a value."""
    add: Text | None = None
    """The name of the new entry."""
    modify: Text | None = None
    """The entry that is changed."""
    delete: Text | None = None
    """The entry that goes."""
    modify_dn: Text | None = None
    """The entry that is renamed or moved."""
    scope: Literal["base", "one", "sub"] = "sub"
    """Of a search: the entry itself, what stands right below it, or all that does, itself included (RFC 4516)."""
    filter: Text = Text("(objectClass=*)")
    """Of a search: template of the filter (RFC 4515). Each value written into it is compared as it is: nothing in it is a wildcard."""
    attributes: Any = None
    """Of a search: the attributes to give. Of an add: attribute to its value, or to a list of values; templates at the leaves,
    and one that turns out null is left out."""
    attribute: str | None = None
    """Of a compare: the attribute."""
    value: Any = None
    """Of a compare: the value."""
    changes: dict[Literal["add", "delete", "replace"], dict[str, Any]] | None = None
    """Of a modify: what is done, in order, each with attributes and their values. All of it is done, or nothing is."""
    new_rdn: Text | None = None
    """Of a modify DN: template of the first part of the new name; without it, that stays."""
    new_superior: Text | None = None
    """Of a modify DN: template of the name of the entry that it goes below; without it, it stays where it is."""
    delete_old_rdn: Flag = True
    """Of a modify DN: whether the value in the old name goes."""

    @model_validator(mode="after")
    def _one_operation(self) -> LdapSpec:
        given = [name for name in OPERATIONS if getattr(self, name) is not None]
        if len(given) != 1:
            what = "none" if not given else " and ".join(f"`{name}`" for name in given)
            key = {"key": given[1]} if given else {"hint": f"the operations are {', '.join(OPERATIONS)}"}
            raise PydanticCustomError("ldap_operation", "LDAP does one operation; this one has {what}", {"what": what, **key})
        operation = given[0]
        for name in sorted(self.model_fields_set - {operation} - _KEYS[operation]):
            message = "`{key}` does not go with `{operation}`"
            raise PydanticCustomError("ldap_operation", message, {"key": name, "operation": operation})
        for name in _NEEDED.get(operation, ()):
            if getattr(self, name) is None:
                raise PydanticCustomError("ldap_operation", "`{operation}` needs `{name}`", {"operation": operation, "name": name})
        wanted = {"search": list, "add": dict}.get(operation, object)
        if not isinstance(self.attributes, wanted):
            shape = "a list of names" if operation == "search" else "a mapping"
            raise PydanticCustomError("ldap_operation", "`attributes` is {shape} here", {"key": "attributes", "shape": shape})
        return self

    @cached_property
    def operation(self) -> str:
        """The operation, in lower case."""
        return next(name for name in OPERATIONS if getattr(self, name) is not None)

    @property
    def target(self) -> Text:
        """Template of the name that it is about."""
        target: Text = getattr(self, self.operation)
        return target

    @property
    def values(self) -> dict[str, Any]:
        """What is sent besides the name, as it was written."""
        return {name: value for name, value, _ in self._parts()}

    def compile(self, compiler: Compiler, leaf: Leaf) -> LdapOperation:
        """What is sent besides the name, and how the answer is read."""
        shared: LdapSettings = compiler.ldap
        syntaxes = {name.lower(): syntax for name, syntax in shared.attributes.items()}
        names = {name.lower(): name for name in map(str, self._names())}
        if self.operation == "search" and (slip := filter_slip(self.filter)):
            compiler.report(FILTER_SYNTAX, self.filter.span, f"this is no filter: {slip}", "write `(attribute=value)`, `(&(…)(…))`")
        parts = {name: leaf(value, landing) for name, value, landing in self._parts()}
        special = {name: syntaxes[low] for low, name in names.items() if low in syntaxes}
        if special:
            parts["syntaxes"] = leaf(special, "leaf")
        return LdapOperation(parts, LdapDecoder(names, syntaxes), compiler.connection)

    def _parts(self) -> list[tuple[str, Any, Landing]]:
        match self.operation:
            case "search":
                return [("scope", self.scope, "leaf"), ("filter", self.filter, "filter"), ("attributes", self.attributes, "leaf")]
            case "compare":
                return [("attribute", self.attribute, "leaf"), ("value", self.value, "leaf")]
            case "add":
                return [("attributes", self.attributes, "leaf")]
            case "modify":
                return [("changes", self.changes, "leaf")]
            case "modify_dn":
                names: list[tuple[str, Any, Landing]] = [("new_rdn", self.new_rdn, "dn"), ("new_superior", self.new_superior, "dn")]
                return [*(part for part in names if part[1] is not None), ("delete_old_rdn", self.delete_old_rdn, "leaf")]
            case _:
                return []

    def _names(self) -> list[str]:
        """The attributes that are named here."""
        if self.operation == "compare":
            return [self.attribute or ""]
        if self.operation == "modify":
            return [name for values in (self.changes or {}).values() for name in values]
        return [str(name).partition(";")[0] for name in self.attributes or ()]


@dataclass(frozen=True, slots=True)
class LdapOperation:
    """An operation with nothing left to parse."""

    parts: Mapping[str, Build]
    """What is sent besides the name, as the LDAP wire reads it."""
    decoder: LdapDecoder
    headers: Connection


def filter_slip(text: str) -> str | None:
    """What is wrong with the form of a filter (RFC 4515, section 3), as far as its templates let tell."""
    if "{%" in text:
        return None
    shape = re.sub(r"\{\{.*?\}\}", "x", text, flags=re.DOTALL)
    reduced = re.sub(r"\s+(?=[(&|!)])|(?<=[)&|!])\s+", "", shape)
    while reduced != (smaller := _COMPLETE.sub("F", reduced)):
        reduced = smaller
    if reduced == "F":
        return None
    return "a parenthesis is missing" if shape.count("(") != shape.count(")") else f"`{text if len(text) < 60 else text[:59] + '…'}`"


_COMPLETE = re.compile(r"\((?:[^()=&|!]+[~<>]?=[^()]*|[&|]F*|!F)\)")
"""A filter that holds none, or only those already found complete."""
