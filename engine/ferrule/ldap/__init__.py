"""LDAP (RFC 4511): how an operation is said in a spec, what an answer looks like, and the syntaxes of attributes. Opens no socket."""

from __future__ import annotations

from ferrule.ldap.answer import LdapDecoder
from ferrule.ldap.operation import OPERATIONS, READS, Connection, LdapOperation, LdapSettings, LdapSpec
from ferrule.ldap.results import STATUS, USUAL_ERRORS, name_of
from ferrule.ldap.syntax import SYNTAXES, Syntax

__all__ = [
    "OPERATIONS",
    "READS",
    "STATUS",
    "SYNTAXES",
    "USUAL_ERRORS",
    "Connection",
    "LdapDecoder",
    "LdapOperation",
    "LdapSettings",
    "LdapSpec",
    "Syntax",
    "name_of",
]
