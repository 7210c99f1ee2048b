"""A value is written into a query without quotes of its own.

A query, such as a filter of SCIM or a SOQL statement, is a language. A value that is pasted into it can say more than it should:
`x" or userName pr` finds everybody. The filters `scim_string`, `soql_string` and `sql_string` write it as a string of the language,
`datetime` as a time without quotes.

Reported:

    capabilities:
      get_account:
        request: {get: /Users, query: {filter: 'userName eq "{{ inputs.account_id }}"'}}    # L466
        record: {integration_specific_id: id}

Fine:

    capabilities:
      get_account:
        request: {get: /Users, query: {filter: "userName eq {{ inputs.account_id | scim_string }}"}}
        record: {integration_specific_id: id}
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ferrule.diagnostics import Code, Diagnostic
from ferrule.lint.subject import Subject
from ferrule.lint.written import Leaf, at, literals

CODE = Code("L466", "unquoted-value", "error")

_ELSEWHERE = frozenset({"path", "base_url", "headers", "xml", "ldap"})
"""Where no query is written, or another rule or the engine itself sees to it."""
_TRUSTED = frozenset({"settings", "page", "session", "credential"})
_QUOTES = frozenset({"datetime", "scim_string", "soql_string", "sql_string", "json"})
_HINT = "quote it: `| scim_string`, `| soql_string` or `| sql_string`; a time: `| datetime`"
_STATEMENT = re.compile(r"\s*(select|update|delete|insert|with)\b.*\b(from|set|into|as)\b", re.IGNORECASE | re.DOTALL)
_OPERATOR = re.compile(r"(\b(eq|ne|co|sw|ew|gt|ge|lt|le|like|in|is|contains)\b|[=~<>:(])\s*$", re.IGNORECASE)
_KEYS = re.compile(r"(?i)^\$?(q|query|filter|search|where|jql|cql|soql|sql|statement|expression|criteria)$")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Look at values within the text of a parameter or a body."""
    for request in subject.requests:
        for leaf, reading in request.readings:
            if leaf.where in _ELSEWHERE or reading.path[0] in _TRUSTED or reading.whole or reading.tested:
                continue
            if _QUOTES.isdisjoint(reading.filters) and _is_query(leaf):
                message = f"`{'.'.join(reading.path)}` is written into a query as it comes"
                yield Diagnostic(CODE, at(leaf.text, reading), message, _HINT)


def _is_query(leaf: Leaf) -> bool:
    if _STATEMENT.match(literals(leaf.text)):
        return True
    before = leaf.text.split("{{", 1)[0].rstrip("\"' ")
    return bool(_KEYS.match(leaf.key) and _OPERATOR.search(before))
